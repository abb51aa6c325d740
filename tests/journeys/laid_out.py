"""Whether the words of a page keep to their places: none over others, none out of its box, none cut off."""

# Each word is measured by the middle of its line: the boxes of two lines of a heading touch on purpose.
MISPLACED = """() => {
  const words = [], found = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const isBox = (style) => style.overflowX === "hidden" || style.overflowX === "clip" || parseFloat(style.borderRightWidth) > 0
    || !["transparent", "rgba(0, 0, 0, 0)"].includes(style.backgroundColor);
  const isForReadersOnly = (node) => node.offsetWidth <= 1 && getComputedStyle(node).overflowX !== "visible";
  const short = (node) => node.outerHTML.slice(0, 140);
  while (walker.nextNode()) {
    const text = walker.currentNode, holder = text.parentElement;
    if (!text.data.trim() || !holder.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    // Readings make room for themselves; blanks to be filled in by hand on paper have no words in them.
    if (holder.closest("svg, option, textarea, ruby, .skip") || holder.querySelector(":scope > ruby")) continue;
    if (text.data.trim().length * 3 < text.data.length || /^\u3000/.test(text.data)) continue;
    let box = null, scrolls = false;
    for (let node = holder; node && node !== document.body; node = node.parentElement) {
      const style = getComputedStyle(node);
      if (isForReadersOnly(node) || ["auto", "scroll"].includes(style.overflowX)) { scrolls = true; break; }
      if (!box && style.display !== "inline" && isBox(style)) box = node;
    }
    if (scrolls) continue;
    // A whole blank (U+3000) hangs over the end of its line and is not seen.
    const hangs = text.data.includes("\u3000") ? parseFloat(getComputedStyle(holder).fontSize) : 0;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const rect of range.getClientRects()) {
      if (rect.width < 2) continue;
      const middle = { left: rect.left + 1, right: rect.right - hangs - 1, top: rect.top + rect.height * 0.3, bottom: rect.bottom - rect.height * 0.3 };
      words.push({ text, holder, ...middle });
      const edge = box?.getBoundingClientRect();
      if (edge && (rect.right - hangs > edge.right + 1 || rect.left < edge.left - 1)) found.add(`sticks out of its box: ${short(holder)}`);
    }
  }
  words.sort((one, other) => one.top - other.top);
  for (let first = 0; first < words.length; first++) {
    for (let second = first + 1; second < words.length && words[second].top < words[first].bottom; second++) {
      const [one, other] = [words[first], words[second]];
      if (one.text !== other.text && one.left < other.right && other.left < one.right) {
        found.add(`lies over other words: ${short(one.holder)} and ${short(other.holder)}`);
      }
    }
  }
  return [...found].slice(0, 4);
}"""
