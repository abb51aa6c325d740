// The editors' house under the strict policy: what Wagtail would start by inline script is started here, by data.
//
//   <template data-starts="initDateChooser" data-on="id_day" data-options="{…}"></template>
//
// Only what is named below can be started; `pages/strict_editor.py` and the templates under `wagtailadmin/` write the data.
(() => {
  "use strict";

  const onField = (start, at) => start(at.dataset.on, JSON.parse(at.dataset.options || "{}"));
  const newOnField = (Widget, at) => new Widget(at.dataset.on, JSON.parse(at.dataset.options || "{}"));
  const newPanel = (Panel, at) => new Panel(JSON.parse(at.dataset.options));

  const WAYS = {
    initDateChooser: onField,
    initTimeChooser: onField,
    initDateTimeChooser: onField,
    createTaskChooser: onField,
    Chooser: newOnField,
    PageChooser: newOnField,
    ImageChooser: newOnField,
    DocumentChooser: newOnField,
    SnippetChooser: newOnField,
    InlinePanel: newPanel,
    MultipleChooserPanel: newPanel,
  };

  function start(at) {
    const name = at.dataset.starts;
    if (name === "chooserUrls") {
      const { imageChooser, documentChooser, pageChooser } = at.dataset;
      window.chooserUrls ??= { imageChooser, documentChooser, pageChooser };
    } else if (Object.hasOwn(WAYS, name) && window[name]) {
      at.removeAttribute("data-starts");
      WAYS[name](window[name], at);
    }
  }

  // Also while the page is still being read, and in what arrives later: a modal window, a row that somebody adds.
  const startAll = () => document.querySelectorAll("template[data-starts]").forEach(start);
  new MutationObserver(startAll).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", startAll);

  // "Select all languages" when a page is sent to be translated.
  document.addEventListener("change", ({ target }) => {
    if (target.name !== "select_all" || !target.form) return;
    target.form.querySelectorAll("[name=locales]").forEach((box) => {
      box.checked = target.checked;
    });
  });
})();
