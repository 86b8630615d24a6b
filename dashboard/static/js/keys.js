// Keys: j and k move, t switches the view, a accepts, / goes to the filters, ? shows what there is. Links do the same without.
"use strict";
(() => {
  const dialog = document.getElementById("keys");
  const help = document.querySelector("[data-keys-help]");
  const follow = (selector) => {
    const link = document.querySelector(selector);
    if (link) link.click();
  };
  const move = (by) => {
    const items = [...document.querySelectorAll("[data-item]")];
    if (!items.length) return follow(by > 0 ? "[data-next]" : "[data-previous]");
    const at = items.indexOf(document.activeElement);
    items[at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, at + by))].focus();
  };
  const acts = {
    j: () => move(1),
    k: () => move(-1),
    t: () => follow("[data-table]"),
    a: () => follow("[data-accept]"),
    "/": () => document.querySelector("[data-filter]")?.focus(),
    "?": () => (dialog.open ? dialog.close() : dialog.showModal()),
  };
  if (help) {
    help.hidden = false;
    help.addEventListener("click", acts["?"]);
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const act = acts[event.key];
    if (!act || (dialog.open && event.key !== "?")) return;
    event.preventDefault();
    act();
  });
})();
