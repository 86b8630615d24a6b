// Hold r: the other clock for as long as the key is down. Tap r: switch to it, as its link does.
"use strict";
(() => {
  const box = document.getElementById("lineup");
  if (!box) return;
  const TAP_MS = 250;
  let since = 0;
  let before = null; // the picture to come back to; null while no key is held
  const other = () => box.querySelector("[data-raw]:not([aria-current]), [data-adjusted]:not([aria-current])");
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "r" || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input, select, textarea") || document.querySelector("dialog[open]") || since) return;
    const link = other();
    if (!link) return;
    since = performance.now();
    before = [...box.childNodes];
    const scrolled = box.querySelector(".canvas")?.scrollLeft || 0;
    fetch(link.href, { headers: { "HX-Request": "true", "HX-Target": "lineup" }, credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
      .then((text) => {
        if (!before) return; // let go already
        const page = new DOMParser().parseFromString(text, "text/html");
        box.replaceChildren(...page.body.childNodes);
        const canvas = box.querySelector(".canvas");
        if (canvas) canvas.scrollLeft = scrolled;
      })
      .catch(() => {});
  });
  document.addEventListener("keyup", (event) => {
    if (event.key.toLowerCase() !== "r" || !since) return;
    const tapped = performance.now() - since < TAP_MS;
    box.replaceChildren(...before);
    since = 0;
    before = null;
    if (tapped) other()?.click();
  });
})();
