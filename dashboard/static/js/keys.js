// Keys. A control says which key presses it, and what that does: data-key="o" data-does="…". The help (?) is made of the
// same attributes, so that both say the same. A field gets the focus, a menu opens, anything else is clicked.
// j, k and the arrows walk through [data-item], or follow [data-next] and [data-previous]. Links and buttons do the same without.
"use strict";
(() => {
  const dialog = document.getElementById("keys");
  const help = document.querySelector("[data-keys-help]");
  const SEQUENCE_MS = 1500; // g, then o
  const FIELDS = "input, select, textarea, [contenteditable]";
  const older = { "/": "[data-filter]", a: "[data-accept]", t: "[data-table]" }; // controls that name no key themselves
  let begun = "";
  let until = 0;

  const seen = (element) => element.getClientRects().length > 0;
  const controls = () => [...document.querySelectorAll("[data-key][data-does]")];
  const typing = (target) =>
    target.closest(FIELDS) && !(target instanceof HTMLInputElement && ["checkbox", "radio"].includes(target.type));

  const press = (control) => {
    // Who shows a control only at times, such as a bar for what is chosen, gets it ready or refuses.
    if (!control.dispatchEvent(new CustomEvent("lineup:key", { bubbles: true, cancelable: true }))) return true;
    if (!seen(control)) return false;
    if (control.matches(FIELDS) && control.type !== "checkbox") {
      control.focus();
      if (control.select) control.select();
    } else if (control.matches("summary")) {
      control.parentElement.open = true;
      const first = control.parentElement.querySelector("select, textarea, input:not([type=hidden]), button");
      (first || control).focus();
      if (first?.select) first.select();
    } else control.click();
    return true;
  };

  const move = (by) => {
    const items = [...document.querySelectorAll("[data-item]")].filter(seen);
    if (!items.length) {
      document.querySelector(by > 0 ? "[data-next]" : "[data-previous]")?.click();
      return;
    }
    const row = document.activeElement?.closest("[data-row]");
    const at = items.indexOf(row ? row.querySelector("[data-item]") : document.activeElement);
    const next = items[at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, at + by))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const show = () => {
    if (dialog.open) return dialog.close();
    const list = dialog.querySelector("dl");
    for (const old of list.querySelectorAll("[data-made]")) old.remove();
    const told = new Set([...list.querySelectorAll("dt")].map((term) => term.textContent.trim()));
    const rest = [...list.querySelectorAll("dt")].find((term) => term.textContent.trim() === "?")?.parentElement ?? null;
    const places = (control) => control.dataset.key.includes(" "); // ways to other pages stand last
    for (const control of controls().sort((one, other) => places(one) - places(other))) {
      if (told.has(control.dataset.key) || control.disabled) continue;
      told.add(control.dataset.key);
      const line = document.createElement("div");
      line.dataset.made = "";
      const term = document.createElement("dt");
      control.dataset.key.split(" ").forEach((name, n) => {
        if (n) term.append(" ");
        term.append(Object.assign(document.createElement("kbd"), { textContent: name }));
      });
      line.append(term, Object.assign(document.createElement("dd"), { textContent: control.dataset.does }));
      list.insertBefore(line, rest);
    }
    dialog.showModal();
  };

  const act = (key) => {
    const wanted = controls().filter((control) => control.dataset.key === key && !control.disabled);
    if (wanted.some(press)) return true;
    const other = older[key] && (document.querySelector(older[key]) || (key === "/" && document.querySelector("[data-search]")));
    return Boolean(other && press(other));
  };

  if (help) {
    help.hidden = false;
    help.addEventListener("click", show);
  }
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!(event.target instanceof Element) || typing(event.target)) return;
    if (event.key === "?") {
      event.preventDefault();
      show();
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      move(event.key === "j" ? 1 : -1);
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      // Arrows scroll a page, unless one is in a list already.
      if (!event.target.closest("[data-item], [data-row]")) return;
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
      return;
    }
    const key = event.timeStamp < until ? `${begun} ${event.key}` : event.key;
    until = 0;
    if (act(key)) {
      event.preventDefault();
    } else if (controls().some((control) => control.dataset.key.startsWith(`${event.key} `))) {
      begun = event.key;
      until = event.timeStamp + SEQUENCE_MS;
    }
  });
})();
