/* What the studio's forms do beyond their HTML: no text is lost by leaving a page, or by an answer that is no form. */
(() => {
  "use strict";

  const FORM = "[data-keeps-text]";
  let unsaved = document.querySelector("[data-unsaved]") !== null;
  let sending = false;
  const formOf = (element) => element?.closest?.(FORM);

  const showUnsaved = () => {
    const mark = document.querySelector("[data-unsaved-mark]");
    if (mark) mark.hidden = !unsaved;
  };

  const countWords = (text) => text.split(/\s+/).filter(Boolean).length;

  showUnsaved();
  document.addEventListener("input", ({ target }) => {
    if (!formOf(target)) return;
    unsaved = true;
    showUnsaved();
    const count = target.id && document.querySelector(`[data-words-of="${CSS.escape(target.id)}"]`);
    if (count) count.textContent = countWords(target.value);
  });

  // Ctrl S saves the form instead of the page.
  document.addEventListener("keydown", (event) => {
    const isSave = event.key.toLowerCase() === "s" && event.ctrlKey !== event.metaKey && !event.altKey && !event.shiftKey;
    const button = isSave && document.querySelector(`${FORM} [data-save]`);
    if (!button) return;
    event.preventDefault();
    // A click, because htmx sends the button that was clicked last.
    button.click();
  });

  document.addEventListener("click", ({ target }) => {
    const form = target.closest?.("[data-mark-all]")?.form;
    if (!form) return;
    const boxes = [...form.querySelectorAll("input[type=checkbox]")];
    const mark = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = mark;
  });
  document.addEventListener("submit", ({ target }) => { if (target.matches(FORM)) sending = true; });
  addEventListener("beforeunload", (event) => { if (unsaved && !sending) event.preventDefault(); });

  // Add, move and remove change the form before anything is saved.
  document.addEventListener("htmx:afterRequest", ({ detail: { elt, xhr } }) => {
    const form = formOf(elt);
    if (!form) return;
    const isSaved = xhr.getResponseHeader("HX-Redirect") !== null;
    sending = isSaved;
    unsaved = !isSaved;
  });
  document.addEventListener("htmx:afterSettle", showUnsaved);
  // A file that was uploaded beside a field becomes its selected option.
  document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
    if (target.matches?.("select") && formOf(target)) unsaved = true;
  });

  // An answer that is no form stays out of the page: the form is still here, with all its text.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const form = formOf(detail.elt);
    if (!form) return;
    const notice = form.querySelector("[data-not-sent]");
    const isForm = detail.serverResponse.includes('id="editor"');
    if (notice) notice.hidden = isForm || detail.xhr.status < 400;
    if (isForm || detail.xhr.status < 400) return;
    detail.shouldSwap = false;
    if (!notice) return;
    notice.querySelector("[data-status]").textContent = detail.xhr.status;
    notice.focus();
  });
})();
