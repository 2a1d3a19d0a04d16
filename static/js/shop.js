/* What a page may do beyond its HTML. Everything here is a convenience: without it nothing is lost. */
(() => {
  "use strict";

  // For the page, and for every part of it that htmx replaces.
  const start = (root) => {
    for (const button of root.querySelectorAll("[data-copy]")) {
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
    const source = root.querySelector("[data-source]");
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
      const extend = (event) => {
        const number = event.target.closest(".line > a");
        const [, first] = marked() ?? [];
        if (!number || !first || !event.shiftKey) return;
        event.preventDefault();
        const [from, to] = [Number(first), Number(number.textContent)].sort((a, b) => a - b);
        location.hash = `L${from}-L${to}`;
      };
      source.addEventListener("click", extend);
      // By keyboard the numbers are one stop: arrows go through them, Enter and Shift-Enter mark.
      const numbers = [...source.querySelectorAll(".line > a")];
      const stop = (number, is) => number?.setAttribute("tabindex", is ? "0" : "-1");
      stop(numbers[0], true);
      source.addEventListener("keydown", (event) => {
        const at = numbers.indexOf(event.target);
        if (event.key === "Enter" && at >= 0) {
          extend(event);
          if (!event.defaultPrevented) location.hash = event.target.hash;
          event.preventDefault();
          event.target.focus({ preventScroll: true }); // Going to a line takes the focus away.
          return;
        }
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        const next = at < 0 || !step ? null : numbers[at + step];
        if (!next) return;
        event.preventDefault();
        stop(event.target, false);
        stop(next, true);
        next.focus();
      });
      addEventListener("hashchange", mark);
      mark();
    }
  };
  start(document);
  document.addEventListener("htmx:load", ({ target }) => { if (target !== document.body) start(target); });

  // Agents ticked in a list are compared. They stay ticked when htmx replaces the list and the tray below it.
  if (document.querySelector("[data-tray]")) {
    const MAX = 4;
    const chosen = new Map();
    const boxes = () => [...document.querySelectorAll(".row-pick input")];
    const show = () => {
      for (const box of boxes()) {
        box.checked = chosen.has(box.value);
        box.disabled = !box.checked && chosen.size >= MAX;
      }
      const tray = document.querySelector("[data-tray]");
      if (!tray) return "";
      const words = tray.querySelector("[data-tray-words]");
      words.dataset.none ??= words.textContent;
      const names = [...chosen.values()].join(", ");
      const some = words.dataset.some.replace("{n}", chosen.size).replace("{names}", () => names);
      words.textContent = chosen.size ? some : words.dataset.none;
      for (const field of tray.querySelectorAll("input")) field.remove();
      const present = new Set(boxes().map((box) => box.value));
      for (const id of chosen.keys()) {
        if (present.has(id)) continue;
        const field = document.createElement("input");
        Object.assign(field, { type: "hidden", name: "id", value: id });
        tray.append(field);
      }
      tray.classList.toggle("has-agents", chosen.size > 0);
      tray.querySelector("[data-tray-clear]").hidden = !chosen.size;
      tray.querySelector("[type=submit]").disabled = chosen.size < 2;
      return words.textContent;
    };
    document.addEventListener("change", ({ target }) => {
      if (!target.matches(".row-pick input")) return;
      if (target.checked) chosen.set(target.value, target.dataset.name);
      else chosen.delete(target.value);
      announce(show());
    });
    document.addEventListener("click", ({ target }) => {
      if (!target.closest("[data-tray-clear]")) return;
      chosen.clear();
      show();
      document.getElementById("results")?.focus();
    });
    document.addEventListener("htmx:afterSettle", show);
    // A browser that goes back ticks the boxes again.
    addEventListener("pageshow", () => {
      for (const box of boxes()) if (box.checked) chosen.set(box.value, box.dataset.name);
      show();
    });
  }

  // "/" and Ctrl-K go to the search box; "/" not while one is typing.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const slash = event.key === "/" && plain && !typing;
    const chord = event.key.toLowerCase() === "k" && event.ctrlKey !== event.metaKey && !event.altKey && !event.shiftKey;
    const box = slash || chord ? document.querySelector("[data-search]") : null;
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  // htmx: whatever had the focus keeps it, if its id is in the new part. Otherwise the heading takes it; so it
  // does where the filters lie below the results, which would stay out of sight.
  const filtersAreBelow = matchMedia("(width < 62rem)");
  const announce = (words) => {
    const announcer = document.getElementById("announcer");
    announcer.textContent = "";
    setTimeout(() => { announcer.textContent = words; }, 100); // The same words twice are announced twice.
  };
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    if (target.id === "main" && !target.contains(document.activeElement)) target.focus();
    if (!["browse", "agent"].includes(target.id)) return;
    const heading = target.querySelector("[data-announce]");
    const hasFocus = target.contains(document.activeElement);
    if (!hasFocus || (heading && filtersAreBelow.matches)) (heading ?? target).focus();
    announce((heading?.textContent ?? document.title).replace(/\s+/g, " ").trim());
  });
  document.addEventListener("announce", ({ detail: { value } }) => announce(value));
  document.addEventListener("htmx:pushedIntoHistory", () => {
    const signIn = document.querySelector("[data-next]");
    if (signIn) signIn.search = `?next=${encodeURIComponent(location.pathname + location.search)}`;
  });
  // A request that found no network is sent again as the browser would send it.
  document.addEventListener("htmx:sendError", ({ detail: { elt } }) => {
    if (elt.matches("form")) elt.submit();
    else if (elt.matches("a[href]")) location.assign(elt.href);
  });

  // Publishing: the whole window takes files. A field gets what is dropped on it if it can hold all of it; otherwise a
  // picture with "icon" in its name is the icon, other pictures are screenshots, and a .tgz or a zip is the package.
  // Of a folder, what the server would leave out is not sent at all; the browser sends the paths of its files.
  const upload = document.querySelector("[data-drop]");
  if (upload) {
    const field = (name) => upload.querySelector(`[name="${name}"]`);
    const isPicture = (file) => file.type.startsWith("image/");
    const isPackage = (file) => /\.(tgz|tar\.gz|zip)$/i.test(file.name);
    const fieldOf = (file) => {
      if (!isPicture(file)) return field("tarball");
      return field(/icon/i.test(file.name) ? "icon" : "screenshots");
    };
    const give = (input, files) => {
      const transfer = new DataTransfer();
      for (const file of input.multiple ? files : files.slice(0, 1)) transfer.items.add(file);
      input.files = transfer.files;
    };
    const say = (kind) => {
      for (const text of upload.querySelectorAll("[data-drop-problem]")) {
        text.hidden = text.dataset.dropProblem !== kind;
      }
    };
    const isJunk = (path) =>
      /(^|\/)(\.git|\.svn|node_modules|__pycache__|\.venv|venv|__MACOSX)\/|(^|\/)(\.DS_Store|Thumbs\.db)$/i.test(path);
    const isPrivate = (path) =>
      /^(USER\.md|MEMORY\.md|memory\/|sessions\/|logs\/)|(^|\/)(\.env|credentials(\/|\.json)|\.ssh\/|\.openclaw\/|auth-profiles\.json)/i.test(path);
    const takeFolder = (files, pathOf) => {
      const [top] = files.length ? pathOf(files[0]).split("/") : [""];
      const inside = (file) => pathOf(file).slice(top.length + 1);
      const isMade = files.some((file) => inside(file) === "agent.json");
      const isLeftOut = (file) => isJunk(pathOf(file)) || (!isMade && isPrivate(inside(file)));
      give(field("folder"), files.filter((file) => !isLeftOut(file)));
      const places = new Set(files.filter(isLeftOut).map((file) => inside(file).split("/")[0]));
      const note = upload.querySelector("[data-folder-note]");
      note.hidden = !places.size;
      note.querySelector("[data-folder-places]").textContent = [...places].slice(0, 20).join(", ");
      // One of both is sent.
      if (files.length) field("tarball").value = "";
    };
    field("tarball").addEventListener("change", (event) => {
      const [file] = event.target.files;
      say(file && !isPackage(file) ? "archive" : "");
      if (file) takeFolder([], String);
    });
    field("folder").addEventListener("change", (event) => {
      takeFolder([...event.target.files], (file) => file.webkitRelativePath);
    });
    const readFolder = async (entry) => {
      const reader = entry.createReader();
      const files = [];
      for (;;) {
        const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (!entries.length) return files;
        for (const child of entries) {
          if (isJunk(`${child.fullPath}${child.isDirectory ? "/" : ""}`)) continue;
          if (child.isDirectory) files.push(...(await readFolder(child)));
          else {
            const file = await new Promise((resolve, reject) => child.file(resolve, reject));
            files.push(new File([file], child.fullPath.slice(1), { type: file.type }));
          }
        }
      }
    };
    const mark = (isOver) => upload.classList.toggle("is-dragging", isOver);
    document.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      mark(true);
    });
    document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(false); });
    document.addEventListener("drop", (event) => {
      const files = [...event.dataTransfer.files];
      if (!files.length) return;
      event.preventDefault();
      mark(false);
      say("");
      const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
      const folder = entries.find((entry) => entry?.isDirectory);
      if (folder) {
        readFolder(folder).then((found) => {
          takeFolder(found, (file) => file.name);
          announce(folder.name);
        });
        return;
      }
      if (!files.every((file) => isPicture(file) || isPackage(file))) return say("archive");
      const target = event.target.closest(".drop")?.querySelector("input");
      const canHold = (file) => isPicture(file) !== (target.name === "tarball");
      const isField = target && target.name !== "folder";
      const isForTarget = isField && (target.multiple || files.length === 1) && files.every(canHold);
      const targets = new Map();
      for (const file of files) {
        const input = isForTarget ? target : fieldOf(file);
        targets.set(input, [...(targets.get(input) ?? []), file]);
      }
      for (const [input, dropped] of targets) give(input, dropped);
      if (targets.has(field("tarball"))) takeFolder([], String);
      announce([...targets.keys()].flatMap(({ files: taken }) => [...taken].map((file) => file.name)).join(", "));
    });
  }

  // Suggestions: a combobox whose options are the first agents that the search itself would give.
  for (const box of document.querySelectorAll("[data-search]")) {
    const list = box.parentElement.querySelector("[data-suggest]");
    let waiting = 0;
    let asked = null;
    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
    box.setAttribute("aria-expanded", "false");
    const options = () => [...list.querySelectorAll('[role="option"]')];
    const active = () => list.querySelector('[aria-selected="true"]');
    const choose = (option) => {
      active()?.setAttribute("aria-selected", "false");
      option?.setAttribute("aria-selected", "true");
      option?.scrollIntoView({ block: "nearest" });
      if (option) box.setAttribute("aria-activedescendant", option.id);
      else box.removeAttribute("aria-activedescendant");
    };
    const close = () => {
      clearTimeout(waiting);
      asked?.abort();
      choose(null);
      list.hidden = true;
      list.replaceChildren();
      box.setAttribute("aria-expanded", "false");
    };
    const ask = async () => {
      asked?.abort();
      asked = new AbortController();
      try {
        const address = `${list.dataset.suggest}?q=${encodeURIComponent(box.value)}`;
        const answer = await fetch(address, { signal: asked.signal });
        if (!answer.ok) return close();
        list.innerHTML = await answer.text();
      } catch {
        return; // A newer question is under way, or there is no network: the button still searches.
      }
      // Each box has options of its own: an id stands once in a page.
      for (const option of options()) option.id = `${list.id}-${option.id}`;
      list.hidden = options().length === 0;
      box.setAttribute("aria-expanded", String(!list.hidden));
      choose(list.querySelector("[data-exact]"));
    };
    box.addEventListener("input", () => {
      clearTimeout(waiting);
      choose(null);
      if (box.value.trim()) waiting = setTimeout(ask, 120);
      else close();
    });
    box.addEventListener("keydown", (event) => {
      if (list.hidden || event.isComposing) return;
      const all = options();
      const at = all.indexOf(active());
      if (event.key === "ArrowDown") choose(all[at + 1] ?? null);
      else if (event.key === "ArrowUp") choose(at < 0 ? all.at(-1) : all[at - 1] ?? null);
      else if (event.key === "Enter" && at >= 0) location.assign(all[at].dataset.href);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    });
    list.addEventListener("mousedown", (event) => {
      const option = event.target.closest('[role="option"]');
      event.preventDefault();
      if (option && event.button === 0) location.assign(option.dataset.href);
    });
    box.addEventListener("blur", close);
  }
})();
