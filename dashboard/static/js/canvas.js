// A picture wider than its sheet: opens at the crossing, and the names of the lanes stay in sight while it scrolls.
"use strict";
(() => {
  const box = document.getElementById("lineup");
  if (!box) return;
  const follow = (canvas) => {
    const svg = canvas.querySelector("svg");
    const names = canvas.querySelector("[data-names]");
    if (!svg || !names) return;
    const scale = svg.viewBox.baseVal.width / svg.getBoundingClientRect().width || 1;
    const wide = canvas.clientWidth > 620; // on a phone the names would cover the picture
    names.setAttribute("transform", `translate(${wide ? canvas.scrollLeft * scale : 0} 0)`);
  };
  const begin = () => {
    const canvas = box.querySelector(".canvas");
    if (!canvas) return;
    const crossing = canvas.querySelector(".crossing");
    if (crossing && canvas.scrollWidth > canvas.clientWidth) {
      const at = crossing.getBoundingClientRect();
      const middle = at.left + at.width / 2 - canvas.getBoundingClientRect().left + canvas.scrollLeft;
      canvas.scrollLeft = Math.max(0, middle - canvas.clientWidth / 2);
    }
    canvas.addEventListener("scroll", () => follow(canvas), { passive: true });
    follow(canvas);
  };
  begin();
  new MutationObserver(begin).observe(box, { childList: true });
})();
