// Zoom and pan. The server lays out each window anew; until it answers, the picture at hand is stretched or pushed along.
// Wheel with Ctrl (or a pinch), or the wheel alone once the picture has the focus; drag; arrows. The links do the same without.
"use strict";
(() => {
  const box = document.getElementById("lineup");
  if (!box) return;
  const LEAST_US = 40;
  const SETTLE_MS = 70;
  let asked = null; // the window that is wanted and not yet here: [from, to]
  let waiting = 0;
  let running = null;

  const canvas = () => box.querySelector("[data-canvas]");
  const svg = () => canvas()?.querySelector("svg.picture");
  const knots = (area) => area.dataset.knots.split(" ").map((knot) => knot.split(",").map(Number));
  const along = (points, from, to, value) => {
    let i = 1;
    while (i < points.length - 1 && points[i][from] < value) i++;
    const [a, b] = [points[i - 1], points[i]];
    return a[to] + ((value - a[from]) / (b[from] - a[from] || 1)) * (b[to] - a[to]);
  };
  const placeOf = (clientX) => {
    const drawn = svg().getBoundingClientRect();
    return ((clientX - drawn.left) / drawn.width) * svg().viewBox.baseVal.width;
  };
  const momentAt = (clientX) => along(knots(canvas()), 0, 1, placeOf(clientX));
  const now = () => {
    const points = knots(canvas());
    return asked || [points[0][1], points[points.length - 1][1]];
  };

  const inside = ([from, to]) => {
    const low = Number(canvas().dataset.low);
    const high = Number(canvas().dataset.high);
    const span = Math.min(Math.max(to - from, LEAST_US), high - low);
    const begin = Math.min(Math.max(from, low), high - span);
    return [Math.round(begin), Math.round(begin + span)];
  };

  const written = (us) => {
    const micros = ((us % 1000) + 1000) % 1000;
    return new Date((us - micros) / 1000).toISOString().replace("Z", String(micros).padStart(3, "0") + "Z");
  };
  const address = ([from, to]) => {
    const plain = canvas().dataset.plain;
    if (from <= Number(canvas().dataset.low) && to >= Number(canvas().dataset.high)) return plain;
    return `${plain}${plain.endsWith("?") ? "" : "&"}from=${written(from)}&to=${written(to)}`;
  };

  const preview = () => {
    const plot = svg().querySelector("[data-plot]");
    const points = knots(canvas());
    const [left, right] = [points[0][0], points[points.length - 1][0]];
    const [x0, x1] = asked.map((us) => along(points, 1, 0, us));
    const by = (right - left) / Math.max(0.01, x1 - x0);
    plot.setAttribute("transform", `matrix(${by} 0 0 1 ${left - by * x0} 0)`);
  };

  const go = (wanted) => {
    if (!canvas()) return;
    asked = inside(wanted);
    preview();
    clearTimeout(waiting);
    waiting = setTimeout(() => load(address(asked)), SETTLE_MS);
  };

  const load = (href) => {
    running?.abort();
    const own = (running = new AbortController());
    const focused = document.activeElement?.closest?.("#lineup [data-mark]")?.dataset.mark;
    const onCanvas = document.activeElement === canvas();
    const scrolled = canvas()?.scrollLeft || 0;
    const url = href.replace(/#.*$/, "");
    fetch(url, { headers: { "HX-Request": "true", "HX-Target": "lineup" }, signal: own.signal })
      .then((answer) => (answer.ok && !answer.headers.get("HX-Refresh") ? answer.text() : Promise.reject(answer.status)))
      .then((text) => {
        const page = new DOMParser().parseFromString(text, "text/html");
        asked = null;
        box.replaceChildren(...page.body.childNodes);
        history.replaceState(history.state, "", url.endsWith("?") ? location.pathname : url);
        const area = canvas() || box.querySelector(".canvas");
        if (area) area.scrollLeft = scrolled;
        if (focused) (box.querySelector(`[data-mark="${focused}"]`) || area)?.focus({ preventScroll: true });
        else if (onCanvas) area?.focus({ preventScroll: true });
        box.dispatchEvent(new CustomEvent("lineup:drawn", { bubbles: true }));
      })
      .catch((why) => {
        if (why?.name !== "AbortError") location.assign(href);
      });
  };

  const zoom = (factor, at) => {
    const [from, to] = now();
    const middle = at ?? (from + to) / 2;
    go([middle - (middle - from) / factor, middle + (to - middle) / factor]);
  };
  const move = (share) => {
    const [from, to] = now();
    go([from + (to - from) * share, to + (to - from) * share]);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-zoom]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    load(link.getAttribute("href"));
    if (!link.closest("#lineup")) box.scrollIntoView({ block: "nearest" });
  });

  box.addEventListener(
    "wheel",
    (event) => {
      const area = event.target.closest("[data-canvas]");
      if (!area) return;
      const own = event.ctrlKey || event.metaKey || area.contains(document.activeElement);
      if (event.deltaX && Math.abs(event.deltaX) > Math.abs(event.deltaY) && area.scrollWidth <= area.clientWidth) {
        event.preventDefault();
        move(event.deltaX / area.clientWidth);
      } else if (own && event.deltaY) {
        event.preventDefault();
        const pixels = event.deltaY * (event.deltaMode === 1 ? 30 : 1);
        const [from, to] = now();
        const points = knots(area);
        const share = (placeOf(event.clientX) - points[0][0]) / (points[points.length - 1][0] - points[0][0]);
        // While an answer is on its way the pointer stands on the stretched picture, so its share of the window counts.
        const at = asked ? from + Math.min(1, Math.max(0, share)) * (to - from) : momentAt(event.clientX);
        zoom(Math.exp(-Math.max(-240, Math.min(240, pixels)) / 300), at);
      }
    },
    { passive: false }
  );

  let drag = null; // where it began, and the window then
  box.addEventListener("pointerdown", (event) => {
    const area = event.target.closest("[data-canvas]");
    if (!area || event.button !== 0 || event.pointerType === "touch" || event.target.closest("a, text")) return;
    drag = { x: event.clientX, window: now(), area, moved: false };
  });
  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const by = event.clientX - drag.x;
    if (!drag.moved && Math.abs(by) < 4) return;
    drag.moved = true;
    drag.area.classList.add("dragged");
    getSelection().removeAllRanges();
    const points = knots(drag.area);
    const width = ((points[points.length - 1][0] - points[0][0]) / svg().viewBox.baseVal.width) * svg().getBoundingClientRect().width;
    const span = drag.window[1] - drag.window[0];
    asked = inside([drag.window[0] - (by / width) * span, drag.window[1] - (by / width) * span]);
    preview();
  });
  document.addEventListener("pointerup", () => {
    if (!drag) return;
    drag.area.classList.remove("dragged");
    if (drag.moved && asked) load(address(asked));
    drag = null;
  });

  let pinch = null;
  const apart = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  box.addEventListener(
    "touchmove",
    (event) => {
      if (event.touches.length !== 2 || !event.target.closest("[data-canvas]")) return;
      event.preventDefault();
      const fingers = [...event.touches];
      const middle = (fingers[0].clientX + fingers[1].clientX) / 2;
      pinch = pinch || { apart: apart(fingers), at: momentAt(middle), window: now() };
      const by = Math.max(0.05, apart(fingers) / pinch.apart);
      const { at, window } = pinch;
      go([at - (at - window[0]) / by, at + (window[1] - at) / by]);
    },
    { passive: false }
  );
  document.addEventListener("touchend", () => (pinch = null));

  // + and - look closer at what has the focus; keys.js presses the links for them elsewhere.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !canvas()) return;
      const onCanvas = event.target === canvas();
      const mark = event.target.closest?.("#lineup [data-mark]");
      const pan = { ArrowLeft: -0.25, ArrowRight: 0.25 }[event.key];
      if (pan && (onCanvas || (mark && event.shiftKey))) {
        if (onCanvas && canvas().scrollWidth > canvas().clientWidth + 4) return; // on a phone the arrows scroll
        event.preventDefault();
        move(pan);
      } else if (mark && (event.key === "+" || event.key === "-")) {
        event.preventDefault();
        const drawn = (mark.querySelector("rect") || mark).getBoundingClientRect();
        zoom(event.key === "+" ? 2 : 0.5, momentAt(drawn.left + drawn.width / 2));
      }
    },
    true
  );
})();
