// The lines of both logs behind a mark, as long as a pointer rests on it or it has the focus. Its link opens them for good.
"use strict";
(() => {
  const card = document.getElementById("peek");
  if (!card) return;
  const REST_MS = 130;
  const KEPT = 200;
  const answers = new Map(); // address to text, of this page
  let timer = 0;
  let shown = null;

  const place = (mark) => {
    const at = (mark.querySelector(".cross, rect") || mark).getBoundingClientRect();
    const own = card.getBoundingClientRect();
    const left = Math.min(Math.max(12, at.left + at.width / 2 - own.width / 2), innerWidth - own.width - 12);
    const below = at.bottom + 10 + own.height < innerHeight || at.top < own.height + 10;
    card.style.left = `${left}px`;
    card.style.top = `${Math.max(8, below ? at.bottom + 10 : at.top - own.height - 10)}px`;
  };
  const fill = (mark, text) => {
    if (shown !== mark) return;
    card.innerHTML = text;
    card.hidden = false;
    place(mark);
  };
  const show = (mark) => {
    if (shown === mark) return;
    shown = mark;
    clearTimeout(timer);
    const href = mark.getAttribute("href");
    if (!mark.matches("[data-lines]")) {
      // A heap: what it holds is all there is to say.
      const said = document.createElement("p");
      said.textContent = mark.getAttribute("aria-label") || "";
      timer = setTimeout(() => fill(mark, said.outerHTML), REST_MS);
      return;
    }
    if (answers.has(href)) return fill(mark, answers.get(href));
    timer = setTimeout(() => {
      fetch(href, { headers: { "HX-Request": "true", "HX-Target": "peek" } })
        .then((answer) => (answer.ok && !answer.headers.get("HX-Refresh") ? answer.text() : Promise.reject(answer.status)))
        .then((text) => {
          if (answers.size >= KEPT) answers.clear();
          answers.set(href, text);
          fill(mark, text);
        })
        .catch(() => {});
    }, REST_MS);
  };
  const hide = () => {
    clearTimeout(timer);
    shown = null;
    card.hidden = true;
  };
  const MARK = "svg.picture [data-mark]";
  const quiet = (mark) => {
    // The browser's own tooltip would stand over the card.
    const title = mark.querySelector(":scope > title");
    if (title) title.remove();
  };

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const mark = event.target.closest(MARK);
    if (mark) {
      quiet(mark);
      show(mark);
    } else if (shown && shown !== document.activeElement) hide();
  });
  document.addEventListener("focusin", (event) => {
    const mark = event.target.closest(MARK);
    if (mark && mark.matches(":focus-visible")) show(mark);
    else hide();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !card.hidden) hide();
  });
  document.addEventListener("pointerdown", hide);
  document.addEventListener("scroll", () => shown && hide(), { passive: true, capture: true });
  document.addEventListener("lineup:drawn", hide);
})();
