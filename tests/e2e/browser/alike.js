// Marks what looks like something earlier on the page, so that colours are judged of the first alone:
// of one of twenty-four cards, and of whatever differs in another.
//
// Two elements look alike when they and all that they lie in have the same name, classes and computed
// style, and both have text of their own, or both have none. What axe says of one's colours is then true
// of the other's: it reads nothing else.
axe.configure({
  rules: [
    { id: "color-contrast", selector: "*:not([data-alike])" },
    { id: "link-in-text-block", selector: "a[href]:not([data-alike])" },
  ],
});

window.markAlike = () => {
  const STYLE = [
    "backgroundColor", "backgroundImage", "color", "display", "filter", "fontSize", "fontWeight",
    "mixBlendMode", "opacity", "position", "textDecorationLine", "textShadow", "visibility", "zIndex",
  ];
  const numbers = new Map();
  const looks = new Map();
  const seen = new Set();

  const ownText = (it) => {
    const texts = [...it.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    return String(it.value || texts.map((node) => node.data).join("")).trim();
  };

  const lookOf = (it) => {
    const style = getComputedStyle(it);
    const words = [
      looks.get(it.parentElement), it.localName, it.getAttribute("class"), it.type,
      Math.min(ownText(it).length, 2), it.getClientRects().length > 0,
      (it.control ?? it).matches(":disabled"), ...STYLE.map((name) => style[name]),
    ].join("|");
    if (!numbers.has(words)) numbers.set(words, numbers.size);
    return numbers.get(words);
  };

  for (const it of document.body.querySelectorAll("*")) {
    const look = lookOf(it);
    it.toggleAttribute("data-alike", seen.has(look));
    looks.set(it, look);
    seen.add(look);
  }
};
