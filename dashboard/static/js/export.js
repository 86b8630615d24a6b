// Copy the picture as an image, and print the page. The links beside them save it as a file without this script.
"use strict";
(() => {
  const box = document.getElementById("lineup");
  if (!box) return;
  const SAID_MS = 1600;
  const begin = () => {
    const copy = box.querySelector("[data-copy-png]");
    const print = box.querySelector("[data-print]");
    if (copy && navigator.clipboard && window.ClipboardItem) copy.hidden = false;
    if (print) print.hidden = false;
  };
  const say = (button, text) => {
    const before = button.textContent;
    button.textContent = text;
    setTimeout(() => (button.textContent = before), SAID_MS);
  };
  box.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
    const button = event.target.closest("[data-copy-png]");
    if (!button) return;
    const image = fetch(box.querySelector("[data-png]").href).then((answer) =>
      answer.ok ? answer.blob() : Promise.reject(answer.status)
    );
    navigator.clipboard.write([new ClipboardItem({ "image/png": image })]).then(
      () => say(button, "Copied"),
      () => say(button, "Not allowed here")
    );
  });
  begin();
  new MutationObserver(begin).observe(box, { childList: true });
})();
