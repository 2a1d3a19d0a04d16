// Marks what looks like something that axe has judged before, so that colours are judged of the first
// alone: of one of twenty-four cards, of the header of the first page, and of whatever differs in another.
//
// Two elements look alike when they and all that they lie in have the same name, classes and computed
// style, and both have text of their own, or both have none. What axe says of one's colours is then true
// of the other's: it reads nothing else. What axe could not decide of one, it is asked of the next.
axe.configure({
  rules: [
    { id: "color-contrast", selector: "*:not([data-alike])" },
    { id: "link-in-text-block", selector: "a[href]:not([data-alike])" },
  ],
});

{
  const STYLE = [
    "backgroundColor", "backgroundImage", "color", "display", "filter", "fontSize", "fontWeight",
    "mixBlendMode", "opacity", "position", "textDecorationLine", "textShadow", "visibility", "zIndex",
  ];
  // The look of each element, as a hash that is the same on every page.
  const looks = new Map();
  // Elements whose colours axe judges.
  const withText = new Set();

  const hash = (words) => {
    let [one, two] = [0xdeadbeef, 0x41c6ce57];
    for (let place = 0; place < words.length; place++) {
      one = Math.imul(one ^ words.charCodeAt(place), 2654435761);
      two = Math.imul(two ^ words.charCodeAt(place), 1597334677);
    }
    return (one >>> 0).toString(36) + (two >>> 0).toString(36);
  };

  const ownText = (it) => {
    const texts = [...it.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    return String(it.value || texts.map((node) => node.data).join("")).trim();
  };

  const lookOf = (it) => {
    const style = getComputedStyle(it);
    const text = ownText(it) || it.placeholder;
    if (text || it.localName === "a") withText.add(it);
    return hash([
      looks.get(it.parentElement), it.localName, it.getAttribute("class"), it.type,
      Math.min((text ?? "").length, 2), it.getClientRects().length > 0,
      (it.control ?? it).matches(":disabled"), ...STYLE.map((name) => style[name]),
    ].join("|"));
  };

  window.looksOfPage = () => {
    looks.clear();
    withText.clear();
    for (const it of [document.documentElement, document.body, ...document.body.querySelectorAll("*")])
      looks.set(it, lookOf(it));
    return [...new Set([...withText].map((it) => looks.get(it)))];
  };

  // Violations, and the looks whose colours axe could not decide.
  window.judge = async ([rules, judgedLooks]) => {
    const seen = new Set(judgedLooks);
    for (const [it, look] of looks) {
      it.toggleAttribute("data-alike", !withText.has(it) || seen.has(look));
      seen.add(look);
    }
    const resultTypes = ["violations", "incomplete"];
    const options = { ...rules, iframes: false, elementRef: true, resultTypes };
    const { violations, incomplete } = await axe.run(document, options);
    return [
      violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 200))]),
      incomplete.flatMap(({ nodes }) => nodes.map((node) => looks.get(node.element) ?? "")),
    ];
  };
}
