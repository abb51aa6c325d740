// Only makes better what works without it: focus on errors, the weekday of a typed date, one submit at a time, and the
// press on "read" that a person who has the page before their eyes need not make.
"use strict";
(() => {
  const words = document.currentScript?.dataset ?? {};

  document.querySelector("[data-error-summary]")?.focus();

  // A day without its year is the next one that comes, or the last one that was, as the server reads it.
  const nearest = (isPast, month, date) => {
    const now = new Date(Date.now() + 9 * 3600 * 1000);
    const year = now.getUTCFullYear();
    const today = Date.UTC(year, now.getUTCMonth(), now.getUTCDate());
    const day = Date.UTC(year, month - 1, date);
    if (isPast) return [day > today ? year - 1 : year, month, date];
    return [day < today ? year + 1 : year, month, date];
  };
  // The year before the first of each era.
  const eras = { 令和: 2018, r: 2018, 平成: 1988, h: 1988 };
  const inWestern = (text) => text.replace(/^(令和|平成|[rh])\s*(元|\d{1,2})(?=\D)/i,
    (_all, era, year) => eras[era.toLowerCase()] + (year === "元" ? 1 : Number(year)));

  // A typed date says its weekday back, so that a slip of one day is seen at once.
  const dayIn = (text, isPast) => {
    const typed = inWestern(text.normalize("NFKC").trim());
    const match = typed.match(/^(\d{4})\s*[-\/.年]?\s*(\d{1,2})\s*[-\/.月]?\s*(\d{1,2})\s*日?$/);
    const short = typed.match(/^(\d{1,2})\s*[-\/.月]\s*(\d{1,2})\s*日?$/);
    if (!match && !short) return null;
    const [year, month, date] = match
      ? match.slice(1).map(Number)
      : nearest(isPast, ...short.slice(1).map(Number));
    const day = new Date(Date.UTC(year, month - 1, date));
    return day.getUTCMonth() === month - 1 && day.getUTCDate() === date ? day : null;
  };
  const language = document.documentElement.lang === "en" ? "en-GB" : "ja-JP";
  const format = new Intl.DateTimeFormat(language, {
    timeZone: "UTC", month: "long", day: "numeric", weekday: language === "ja-JP" ? "short" : "long",
    ...(language === "en-GB" && { year: "numeric" }),
  });
  const inWords = (day) => format.format(day).replace("(", "（").replace(")", "）");

  for (const input of document.querySelectorAll("input[data-weekday]")) {
    let output = input.id && document.querySelector(`output[for="${CSS.escape(input.id)}"]`);
    if (!output) {
      output = document.createElement("output");
      output.className = "field__echo";
      output.setAttribute("for", input.id);
      input.after(output);
    }
    const echo = () => {
      const day = dayIn(input.value, input.dataset.weekday === "past");
      output.textContent = day ? inWords(day) : "";
    };
    input.addEventListener("input", echo);
    echo();
  }

  // Enter that takes over a conversion (変換の確定) is not the Enter that sends: no form goes off with half a name. Safari ends the
  // composition before it tells of the key, whose code is then 229, as is that of every key that the conversion takes.
  document.addEventListener("keydown", (event) => {
    const takesOver = event.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && takesOver && event.target.matches?.("input")) event.preventDefault();
  });

  // A second click on a form that is on its way does nothing; the button keeps its name and value.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("method") !== "post" || event.defaultPrevented) return;
    if (form.hasAttribute("aria-busy")) {
      event.preventDefault();
      return;
    }
    form.setAttribute("aria-busy", "true");
    setTimeout(() => {
      if (!form.hasAttribute("aria-busy") || !words.sending) return;
      const status = document.createElement("p");
      status.className = "quiet";
      status.setAttribute("role", "status");
      status.dataset.onItsWay = "";
      form.append(status);
      status.textContent = words.sending;
    }, 1000);
    // A file that downloads, or a line that breaks, never brings a new page: let the person try again.
    setTimeout(() => ready(form), 15000);
  });
  const ready = (form) => {
    form.removeAttribute("aria-busy");
    form.querySelector("[data-on-its-way]")?.remove();
  };
  // A thread that somebody looks at is read; a page fetched in advance or opened behind others is not.
  const read = document.querySelector("form[data-read]");
  const markRead = async () => {
    if (document.visibilityState !== "visible" || document.prerendering) return;
    document.removeEventListener("visibilitychange", markRead);
    const done = read.querySelector("[data-read-done]");
    try {
      const answer = await fetch(read.action, { method: "POST", body: new FormData(read), redirect: "manual" });
      if (answer.type !== "opaqueredirect") return;
    } catch {
      return; // The button stays.
    }
    for (const part of [...read.children]) if (part !== done) part.remove();
    done.hidden = false;
  };
  if (read) {
    document.addEventListener("visibilitychange", markRead);
    document.addEventListener("prerenderingchange", markRead);
    markRead();
  }

  // A form that can be looked up before it is sent is looked up while it is filled in: the parts it answers with take the
  // place of those on the page, and the last answer asked for wins.
  const looks = document.querySelector("form[data-looks]");
  if (looks) {
    let asked = 0;
    let waiting = 0;
    const look = async () => {
      const mine = ++asked;
      const body = new FormData(looks);
      body.set(looks.dataset.looks, "1");
      try {
        const answer = await fetch(looks.action, { method: "POST", body, redirect: "manual" });
        if (!answer.ok || mine !== asked) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of looks.querySelectorAll("[data-part]")) {
          const fresh = page.querySelector(`[data-part="${CSS.escape(part.dataset.part)}"]`);
          if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
        }
      } catch {
        // The button stays.
      }
    };
    looks.addEventListener("change", () => {
      clearTimeout(waiting);
      waiting = setTimeout(look, 400);
    });
  }

  // Coming back with the browser's button finds the form as it was left: free to be sent again.
  window.addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(ready));
})();
