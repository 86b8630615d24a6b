// The timers of a meeting run by the server's clock: everybody reads the same, whatever their own machine says.
"use strict";
(() => {
  let known = null;
  let ahead = 0; // the server's milliseconds at performance.now() = 0
  const words = (ms) => {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
    const two = (n) => String(n).padStart(2, "0");
    return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
  };
  const show = (element, ms, share) => {
    if (!element) return;
    const text = words(ms);
    if (element.firstChild.nodeValue !== text) element.firstChild.nodeValue = text;
    element.classList.toggle("spent", share > 0 && ms > share);
  };
  const tick = () => {
    const clock = document.querySelector("[data-clock]");
    if (!clock) return;
    if (clock !== known) {
      known = clock;
      ahead = Number(clock.dataset.at) - performance.now();
    }
    const now = ahead + performance.now();
    const { since, began, share, planned } = clock.dataset;
    if (Number(since)) show(clock.querySelector("[data-item-clock]"), now - since, Number(share));
    show(clock.querySelector("[data-whole-clock]"), now - began, Number(planned));
  };
  setInterval(tick, 500);
})();
