// A list to choose from: x chooses the failure at hand, the bar counts the chosen, one box chooses the whole page.
// After a form was sent, the page comes back to the failure and the place where it was.
"use strict";
(() => {
  const list = document.querySelector("[data-list]");
  const place = (path) => `lineup:${path}`;
  let row = null; // where the focus was last

  const remember = (form) => {
    try {
      const next = form.elements.next.value.split("#")[0];
      sessionStorage.setItem(place(next), JSON.stringify({ row: row?.id || "", y: scrollY }));
    } catch {
      // a browser may keep nothing: then the page begins at its top
    }
  };
  document.addEventListener("submit", (event) => event.target.matches("[data-remember]") && remember(event.target));
  try {
    const here = place(location.pathname + location.search);
    const kept = JSON.parse(sessionStorage.getItem(here) || "null");
    sessionStorage.removeItem(here);
    if (kept && !location.hash) {
      scrollTo(0, kept.y);
      const link = kept.row && document.getElementById(kept.row)?.querySelector("[data-item]");
      if (link) link.focus({ preventScroll: true });
      row = link?.closest("[data-row]") || null;
    }
  } catch {
    // as above
  }
  if (!list) return;

  const boxes = () => [...list.querySelectorAll("[data-choose]")];
  const bar = list.querySelector("[data-bar]");
  if (!bar) return;
  const count = bar.querySelector("[data-count]");
  const all = list.querySelector("[data-all]");
  const none = bar.querySelector("[data-none]");
  all.hidden = none.hidden = false;
  list.querySelector("[data-all-link]").hidden = true;

  const tell = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    count.textContent = `${chosen} chosen`;
    all.checked = chosen > 0 && chosen === boxes().length;
    all.indeterminate = chosen > 0 && !all.checked;
  };
  const choose = (box, on) => {
    box.checked = on;
    tell();
  };
  list.addEventListener("focusin", (event) => {
    row = event.target.closest("[data-row]") || row;
  });
  list.addEventListener("change", tell);
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    tell();
  });
  none.addEventListener("click", () => {
    for (const box of boxes()) box.checked = false;
    tell();
    row?.querySelector("[data-item]")?.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("select, textarea, input:not([type=checkbox])")) return;
    const box = event.target.closest("[data-row]")?.querySelector("[data-choose]");
    if (!box) return;
    event.preventDefault();
    choose(box, !box.checked);
  });
  // A key that decides takes the failure at hand where none is chosen.
  bar.addEventListener("lineup:key", (event) => {
    if (boxes().some((box) => box.checked)) return;
    const box = row?.querySelector("[data-choose]");
    if (box) choose(box, true);
    else event.preventDefault();
  });
  tell();
})();
