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

  // Lines of a source: #L10-L20 marks them all, Shift and a click extends what is marked.
  const source = document.querySelector("[data-source]");
  if (source) {
    const marked = () => /^#L(\d+)(?:-L?(\d+))?$/.exec(location.hash);
    const mark = () => {
      for (const line of source.querySelectorAll(".is-marked")) line.classList.remove("is-marked");
      const [, first, last] = marked() ?? [];
      if (!first) return;
      const [from, to] = [Number(first), Number(last ?? first)].sort((a, b) => a - b);
      for (let n = from; n <= to; n += 1) document.getElementById(`L${n}`)?.classList.add("is-marked");
      document.getElementById(`L${from}`)?.scrollIntoView({ block: "center" });
    };
    source.addEventListener("click", (event) => {
      const number = event.target.closest(".line > a");
      const [, first] = marked() ?? [];
      if (!number || !first || !event.shiftKey) return;
      event.preventDefault();
      const [from, to] = [Number(first), Number(number.textContent)].sort((a, b) => a - b);
      location.hash = `L${from}-L${to}`;
    });
    addEventListener("hashchange", mark);
    mark();
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
