// A button that copies the block beside it. Without this script, or where the browser refuses, the text can be selected.
"use strict";
(() => {
  const SAID_MS = 1600;
  for (const button of document.querySelectorAll("[data-copy]")) {
    const block = button.parentElement.querySelector("[data-copied]") || button.parentElement.querySelector("pre");
    if (!block || !navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      navigator.clipboard.writeText(block.textContent).then(
        () => {
          button.textContent = "Copied";
          setTimeout(() => (button.textContent = "Copy"), SAID_MS);
        },
        () => getSelection().selectAllChildren(block)
      );
    });
  }
})();
