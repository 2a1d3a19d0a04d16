/* The colours that the user chose, before the first paint: so it blocks, and is tiny. The key and its
   values are those of the desk (Django's admin), where the same choice holds. */
(() => {
  "use strict";
  const root = document.documentElement;
  const isChoice = (value) => value === "light" || value === "dark";

  function read() {
    try {
      const kept = localStorage.getItem("theme");
      return isChoice(kept) ? kept : "auto";
    } catch {
      return root.dataset.theme ?? "auto"; // No storage here: the choice lasts as long as the page.
    }
  }

  function show(choice) {
    if (isChoice(choice)) root.dataset.theme = choice;
    else delete root.dataset.theme;
  }

  function keep(choice) {
    show(choice);
    try { localStorage.setItem("theme", choice); } catch { /* As above. */ }
  }

  function tick() {
    for (const radio of document.querySelectorAll("[data-theme-choice]")) {
      radio.checked = radio.value === read();
    }
  }

  root.dataset.scripted = ""; // What needs a script has its room from the start: nothing jumps.
  show(read());
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-theme-choice]")) keep(target.value);
  });
  document.addEventListener("DOMContentLoaded", tick);
  addEventListener("pageshow", () => { show(read()); tick(); });
  addEventListener("storage", () => { show(read()); tick(); });
})();
