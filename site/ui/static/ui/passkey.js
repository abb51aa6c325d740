// A passkey that did not come: say so beside the button, in words, instead of in the console.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const note of document.querySelectorAll("[data-passkey-failed]")) note.hidden = false;
});
document.addEventListener("click", () => {
  for (const note of document.querySelectorAll("[data-passkey-failed]")) note.hidden = true;
}, true);
