/* What a page may do beyond its HTML. Everything here is a convenience: without it nothing is lost. */
(() => {
  "use strict";

  for (const button of document.querySelectorAll("[data-copy]")) {
    const frame = button.parentElement;
    const word = button.querySelector("[data-copy-word]");
    const usual = word.textContent;
    const status = frame.querySelector("[data-copy-status]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = frame.querySelector("[data-copy-text]");
      try {
        await navigator.clipboard.writeText(text.textContent);
        word.textContent = status.textContent = word.dataset.copied;
        setTimeout(() => { word.textContent = usual; status.textContent = ""; }, 2000);
      } catch {
        // No clipboard here: mark the text, so that the keyboard can copy it.
        getSelection().selectAllChildren(text);
      }
    });
  }

  // "/" goes to the search box, unless one is typing already.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = document.querySelector("[data-search]");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
})();
