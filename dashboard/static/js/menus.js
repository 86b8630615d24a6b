// Menus that are <details>: Escape closes one and gives the focus back, arrows walk through its buttons, a click beside it
// closes it, Ctrl+Enter in a longer text presses the button beside it. Without this script they open and close by click.
"use strict";
(() => {
  const close = (menu, back) => {
    menu.open = false;
    if (back) menu.querySelector("summary").focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const menu = event.target.closest?.("details.menu[open]");
    if (event.key === "Escape") {
      const open = menu || document.querySelector("details.menu[open]");
      if (open) close(open, open.contains(document.activeElement));
    } else if (menu && (event.key === "ArrowDown" || event.key === "ArrowUp") && !event.target.closest("input, select, textarea")) {
      const buttons = [...menu.querySelectorAll(".pop button")];
      const at = buttons.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      buttons[(at + buttons.length) % buttons.length]?.focus();
      event.preventDefault();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches?.("textarea")) {
      event.target.closest(".pop, form")?.querySelector("button:not(.sr)")?.click();
      event.preventDefault();
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) close(menu, false);
  });
})();
