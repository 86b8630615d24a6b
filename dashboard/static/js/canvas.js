// A picture wider than its sheet opens at the crossing.
"use strict";
(() => {
  const box = document.getElementById("lineup") || document.getElementById("meeting");
  if (!box) return;
  const begin = () => {
    const canvas = box.querySelector(".canvas");
    const crossing = canvas?.querySelector(".crossing");
    if (!crossing || canvas.scrollWidth <= canvas.clientWidth) return;
    const at = crossing.getBoundingClientRect();
    const middle = at.left + at.width / 2 - canvas.getBoundingClientRect().left + canvas.scrollLeft;
    canvas.scrollLeft = Math.max(0, middle - canvas.clientWidth / 2);
  };
  begin();
  new MutationObserver(begin).observe(box, { childList: true });
})();
