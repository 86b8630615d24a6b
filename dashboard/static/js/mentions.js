// Suggests the names of members while @ is typed in a note; arrows and Enter, or Tab, take one. Names can be typed without.
"use strict";
(() => {
  const field = document.querySelector("[data-mentions]");
  const people = [...document.querySelectorAll("#people option")].map((option) => [option.value, option.textContent]);
  if (!field || !people.length) return;
  const MOST = 6;
  const box = Object.assign(document.createElement("ul"), { id: "mentioned", className: "suggest", hidden: true });
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", "Members");
  field.after(box);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", box.id);
  field.setAttribute("aria-haspopup", "listbox");
  let at = 0;

  const begun = () => /(?:^|[\s(])@([\w.+-]{0,40})$/.exec(field.value.slice(0, field.selectionStart));
  const close = () => {
    box.hidden = true;
    field.removeAttribute("aria-activedescendant");
  };
  const mark = () => {
    [...box.children].forEach((line, n) => line.setAttribute("aria-selected", String(n === at)));
    field.setAttribute("aria-activedescendant", `mentioned-${at}`);
  };
  const take = (name) => {
    const word = begun();
    if (!word) return close();
    const end = field.selectionStart;
    field.setRangeText(`@${name} `, end - word[1].length - 1, end, "end");
    close();
    field.focus();
  };
  field.addEventListener("input", () => {
    const word = begun();
    const like = word && word[1].toLowerCase();
    const found = word ? people.filter(([name, full]) => `${name} ${full}`.toLowerCase().includes(like)).slice(0, MOST) : [];
    if (!found.length) return close();
    box.replaceChildren(
      ...found.map(([name, full], n) => {
        const line = Object.assign(document.createElement("li"), { id: `mentioned-${n}`, textContent: full ? `@${name} ${full}` : `@${name}` });
        line.setAttribute("role", "option");
        line.addEventListener("mousedown", (event) => {
          event.preventDefault();
          take(name);
        });
        line.dataset.name = name;
        return line;
      })
    );
    at = 0;
    box.hidden = false;
    mark();
  });
  field.addEventListener("keydown", (event) => {
    if (box.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      at = (at + (event.key === "ArrowDown" ? 1 : -1) + box.children.length) % box.children.length;
      mark();
    } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") take(box.children[at].dataset.name);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  field.addEventListener("blur", close);
})();
