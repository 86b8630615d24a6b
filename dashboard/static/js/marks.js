// Marks of the picture with the keyboard: one stop for Tab; left and right go along a line, up and down from a step to its
// entry and back, Home and End to the ends of the line. Without this script every mark is a stop of its own.
"use strict";
(() => {
  const box = document.getElementById("lineup");
  if (!box) return;
  const SAME_LINE = 9; // pixels
  const all = () => [...box.querySelectorAll("svg.picture [data-mark]")];
  const middle = (mark) => {
    const drawn = (mark.querySelector("rect, .cross") || mark).getBoundingClientRect();
    return [drawn.left + drawn.width / 2, drawn.top + drawn.height / 2];
  };
  const only = (mark) => {
    for (const other of all()) other.setAttribute("tabindex", other === mark ? "0" : "-1");
  };
  const begin = () => {
    const marks = all();
    const first = marks.find((mark) => mark === document.activeElement) || marks.find((mark) => mark.matches(".write")) || marks.find((mark) => mark.matches(".step")) || marks[0];
    if (first) only(first);
  };
  const nearest = (marks, x) => marks.reduce((best, mark) => (!best || Math.abs(middle(mark)[0] - x) < Math.abs(middle(best)[0] - x) ? mark : best), null);

  const next = (mark, key) => {
    const [x, y] = middle(mark);
    const placed = all().map((other) => [other, ...middle(other)]);
    const line = placed.filter(([, , top]) => Math.abs(top - y) <= SAME_LINE).sort((a, b) => a[1] - b[1]);
    const at = line.findIndex(([other]) => other === mark);
    if (key === "Home") return line[0][0];
    if (key === "End") return line[line.length - 1][0];
    if (key === "ArrowLeft" || key === "ArrowRight") return line[at + (key === "ArrowRight" ? 1 : -1)]?.[0];
    const down = key === "ArrowDown";
    const tied = mark.dataset.tie && box.querySelector(`svg.picture [data-mark="${mark.dataset.tie}"]`);
    if (tied && middle(tied)[1] > y === down) return tied;
    const beyond = placed.filter(([, , top]) => (down ? top > y + SAME_LINE : top < y - SAME_LINE));
    if (!beyond.length) return null;
    const edge = down ? Math.min(...beyond.map(([, , top]) => top)) : Math.max(...beyond.map(([, , top]) => top));
    return nearest(beyond.filter(([, , top]) => Math.abs(top - edge) <= SAME_LINE).map(([other]) => other), x);
  };

  box.addEventListener("keydown", (event) => {
    const mark = event.target.closest("svg.picture [data-mark]");
    if (!mark || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const found = next(mark, event.key);
    if (!found) return;
    only(found);
    found.focus();
  });
  box.addEventListener("focusin", (event) => {
    const mark = event.target.closest("svg.picture [data-mark]");
    if (mark) only(mark);
  });
  begin();
  new MutationObserver(begin).observe(box, { childList: true });
})();
