// Suggests the names of members while @ is typed in a [data-mentions] field; arrows and Enter, or Tab, take one; Escape
// closes. Names can be typed without. It listens to the document, so fields that come later, as in a meeting, have it too.
"use strict";
(() => {
  const MOST = 6;
  const box = Object.assign(document.createElement("ul"), { id: "mentioned", className: "suggest", hidden: true });
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", "Members");
  let field = null; // the box is for
  let at = 0;

  const people = () => [...document.querySelectorAll("#people option")].map((option) => [option.value, option.textContent]);
  const begun = () => /(?:^|[\s(])@([\w.+-]{0,40})$/.exec(field.value.slice(0, field.selectionStart));
  // Who is called so comes before who has it somewhere in the middle of a name.
  const matching = (like) => {
    const words = ([name, full]) => [name, ...full.split(" ")].map((each) => each.toLowerCase());
    const first = people().filter((one) => words(one).some((each) => each.startsWith(like)));
    const rest = people().filter((one) => !first.some(([name]) => name === one[0]) && words(one).some((each) => each.includes(like)));
    return [...first, ...rest].slice(0, MOST);
  };
  const asks = (target) => target instanceof Element && target.matches("[data-mentions]");
  const close = () => {
    box.hidden = true;
    field?.removeAttribute("aria-activedescendant");
  };
  const mark = () => {
    [...box.children].forEach((line, n) => line.setAttribute("aria-selected", String(n === at)));
    field.setAttribute("aria-activedescendant", `mentioned-${at}`);
    box.children[at].scrollIntoView({ block: "nearest" });
  };
  const take = (name) => {
    const word = begun();
    if (!word) return close();
    const end = field.selectionStart;
    field.setRangeText(`@${name} `, end - word[1].length - 1, end, "end");
    close();
    return field.focus();
  };
  const lineOf = ([name, full], n) => {
    const line = Object.assign(document.createElement("li"), { id: `mentioned-${n}`, textContent: full ? `@${name} ${full}` : `@${name}` });
    line.setAttribute("role", "option");
    line.addEventListener("mousedown", (event) => {
      event.preventDefault();
      take(name);
    });
    line.dataset.name = name;
    return line;
  };

  document.addEventListener("input", (event) => {
    if (!asks(event.target)) return;
    field = event.target;
    const word = begun();
    const like = word && word[1].toLowerCase();
    const found = word ? matching(like) : [];
    if (!found.length) return close();
    if (field.nextElementSibling !== box) {
      field.after(box);
      field.setAttribute("aria-autocomplete", "list");
      field.setAttribute("aria-controls", box.id);
      field.setAttribute("aria-haspopup", "listbox");
    }
    box.replaceChildren(...found.map(lineOf));
    at = 0;
    box.hidden = false;
    return mark();
  });
  // Before the page's own keys hear of it: Escape closes the names and not the form around them.
  document.addEventListener(
    "keydown",
    (event) => {
      if (box.hidden || event.target !== field || event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        at = (at + (event.key === "ArrowDown" ? 1 : -1) + box.children.length) % box.children.length;
        mark();
      } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || (event.key === "Tab" && !event.shiftKey)) take(box.children[at].dataset.name);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    true
  );
  document.addEventListener("focusout", (event) => event.target === field && close());
})();
