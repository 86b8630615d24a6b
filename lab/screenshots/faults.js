// What looks broken on this page: an array of sentences. Evaluated by faults.py.
() => {
  const MOST = 20;
  const found = new Set();
  const root = document.documentElement;
  const beyond = root.scrollWidth - root.clientWidth;
  if (beyond > 1) found.add(`the page scrolls sideways by ${beyond} px`);

  const words = (element) => element.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
  const seen = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    !element.closest("dialog:not([open]), .sr");
  const clipped = (element) =>
    getComputedStyle(element).overflowX === "hidden" &&
    element.scrollWidth > element.clientWidth + 1 &&
    !element.closest("[title]");
  const scroller = (element) => {
    let above = element.parentElement;
    while (above && !/(auto|scroll|hidden)/.test(getComputedStyle(above).overflowX)) above = above.parentElement;
    return above;
  };

  const texts = [];
  for (const element of document.querySelectorAll("header *, main *")) {
    if (!seen(element)) continue;
    if (words(element) && clipped(element)) found.add(`cut off: “${words(element)}”`);
    const ofItsOwn = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!ofItsOwn) continue;
    for (const box of element.getClientRects()) if (box.width > 2 && box.height > 2) texts.push([element, box]);
  }
  texts.sort(([, one], [, other]) => one.top - other.top);
  for (const [n, [one, a]] of texts.entries()) {
    for (const [other, b] of texts.slice(n + 1)) {
      if (b.top > a.bottom || found.size >= MOST) break;
      if (one.contains(other) || other.contains(one) || scroller(one) !== scroller(other)) continue;
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 3 && high > 5) found.add(`“${words(one)}” lies on “${words(other)}”`);
    }
  }
  return [...found].slice(0, MOST);
}
