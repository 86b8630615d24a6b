// What looks broken on this page: an array of sentences. Evaluated by faults.py.
() => {
  const MOST = 20;
  const PROSE = "p, li, dd, figcaption, .say, .said";
  const LETTERS_PER_EM = 1.85;
  const LONGEST_LINE = 130;
  const found = new Set();
  const root = document.documentElement;
  const beyond = root.scrollWidth - root.clientWidth;
  if (beyond > 1) found.add(`the page scrolls sideways by ${beyond} px`);

  const words = (element, most = 40) => element.textContent.trim().replace(/\s+/g, " ").slice(0, most);
  const unseen = (element) => getComputedStyle(element).clipPath === "inset(50%)"; // for screen readers alone
  const seen = (element) => {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    for (let above = element; above; above = above.parentElement) if (unseen(above)) return false;
    return !element.closest("dialog:not([open])");
  };
  const clipped = (element) =>
    getComputedStyle(element).overflowX === "hidden" &&
    element.scrollWidth > element.clientWidth + 1 &&
    !element.closest("[title]");
  const scroller = (element) => {
    let above = element.parentElement;
    while (above && !/(auto|scroll|hidden)/.test(getComputedStyle(above).overflowX)) above = above.parentElement;
    return above;
  };

  // What is left of a box where the elements around it cut it off or scroll.
  const shown = (element, box) => {
    let { left, top, right, bottom } = box;
    for (let above = element; above && above !== root; above = above.parentElement) {
      const style = getComputedStyle(above);
      if (style.display === "inline" || (style.overflowX === "visible" && style.overflowY === "visible")) continue;
      const frame = above.getBoundingClientRect();
      [left, right] = [Math.max(left, frame.left), Math.min(right, frame.right)];
      [top, bottom] = [Math.max(top, frame.top), Math.min(bottom, frame.bottom)];
    }
    return right - left > 2 && bottom - top > 2 ? { left, top, right, bottom } : null;
  };

  const texts = [];
  for (const element of document.querySelectorAll("header *, main *")) {
    if (!seen(element)) continue;
    if (words(element) && clipped(element)) found.add(`cut off: “${words(element)}”`);
    const ofItsOwn = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!ofItsOwn) continue;
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        const left = shown(element, box);
        if (left) texts.push([element, left]);
      }
    }
    if (element.matches(PROSE) && element.getClientRects().length) {
      const wide = element.getBoundingClientRect().width / parseFloat(getComputedStyle(element).fontSize);
      const letters = Math.min(words(element, Infinity).length, wide * LETTERS_PER_EM);
      if (letters > LONGEST_LINE) found.add(`a line of ${Math.round(letters)} letters: “${words(element)}”`);
    }
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
