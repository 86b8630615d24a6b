// Keeps an open page up to date. A container with data-live="ADDRESS" and data-mark is asked for in a slow beat: 304 where
// nothing changed, else its [data-region] parts, each found by its id. What is there already is brought up to date in
// place, so focus and scroll stay; lists ([data-entries] of [data-entry]) that come or go wait behind a pill.
"use strict";
(() => {
  const box = document.querySelector("[data-live]");
  if (!box) return;
  const BEAT_MS = 3000;
  const LONGEST_MS = 60000;
  const pill = document.querySelector("[data-pill]");
  let mark = box.dataset.mark;
  let wait = BEAT_MS;
  let timer = 0;
  let asking = false;
  let waiting = new Map(); // id of a region -> what it will show

  const children = (node) => [...node.childNodes];
  const named = (node) => (node.nodeType === 1 && (node.dataset.entry || node.id)) || "";

  // Makes `old` like `fresh`, keeping every element that can be kept.
  const morph = (old, fresh) => {
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || named(old) !== named(fresh)) return old.replaceWith(fresh.cloneNode(true));
    if (old.nodeType !== 1) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    for (const { name, value } of [...fresh.attributes]) if (old.getAttribute(name) !== value && name !== "open") old.setAttribute(name, value);
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
    if (["INPUT", "SELECT", "TEXTAREA"].includes(old.nodeName)) return; // what a person chose there is theirs
    const [before, after] = [children(old), children(fresh)];
    after.forEach((node, n) => (before[n] ? morph(before[n], node) : old.append(node.cloneNode(true))));
    before.slice(after.length).forEach((node) => node.remove());
  };

  const keys = (region) => [...region.querySelectorAll("[data-entries] > [data-entry]")].map((row) => row.dataset.entry);
  const byKey = (region, key) => region.querySelector(`[data-entries] > [data-entry="${CSS.escape(key)}"]`);

  const take = (fresh) => {
    const region = document.getElementById(fresh.id);
    if (!region) return;
    const [old, now] = [keys(region), keys(fresh)];
    if (old.length && old.join() !== now.join()) {
      for (const key of now) if (old.includes(key)) morph(byKey(region, key), byKey(fresh, key));
      waiting.set(fresh.id, fresh);
    } else {
      waiting.delete(fresh.id);
      children(fresh).forEach((node, n) => (region.childNodes[n] ? morph(region.childNodes[n], node) : region.append(node.cloneNode(true))));
      children(region).slice(fresh.childNodes.length).forEach((node) => node.remove());
    }
  };

  const words = () => {
    const said = [];
    for (const [id, fresh] of waiting) {
      const old = keys(document.getElementById(id));
      const rows = fresh.querySelector("[data-entries]");
      const came = keys(fresh).filter((key) => !old.includes(key)).length;
      if (came && rows?.dataset.one) said.push(`${came} ${came === 1 ? rows.dataset.one : rows.dataset.many}`);
    }
    return said.length ? said.join(", ") : "The lists have changed";
  };

  const show = () => {
    if (!waiting.size) return;
    let first = null;
    for (const [id, fresh] of waiting) {
      const region = document.getElementById(id);
      const old = keys(region);
      region.replaceChildren(...children(fresh).map((node) => node.cloneNode(true)));
      const key = keys(region).find((one) => !old.includes(one));
      if (key && id !== "live-needing") first = byKey(region, key); // the newest run rather than the oldest item
      else if (key && !first) first = byKey(region, key);
    }
    waiting = new Map();
    offer();
    const link = first?.querySelector("a, button");
    link?.focus({ preventScroll: true });
    link?.scrollIntoView({ block: "nearest" });
  };

  const offer = () => {
    if (!pill) return;
    const button = pill.querySelector("button");
    if (!waiting.size) return pill.replaceChildren();
    const text = words();
    if (button) {
      if (button.firstChild.nodeValue !== text) button.firstChild.nodeValue = text;
      return;
    }
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn main";
    Object.assign(made.dataset, { key: "n", does: "show what is new" }); // js/keys.js
    made.append(text);
    made.addEventListener("click", show);
    pill.replaceChildren(made);
  };

  const apply = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const regions = page.querySelectorAll("[data-region]");
    if ("empty" in box.dataset) {
      // The first run is here. Files that wait to be sent would be lost by loading the page anew.
      if (regions.length && !document.querySelector("form[data-drop][aria-busy], [data-picked] li")) location.reload();
      return;
    }
    regions.forEach(take);
    offer();
  };

  const ask = async () => {
    if (document.hidden || asking) return;
    asking = true;
    try {
      const answer = await fetch(box.dataset.live, {
        headers: { "HX-Request": "true", "If-None-Match": mark },
        credentials: "same-origin",
        cache: "no-store",
      });
      if (answer.headers.get("HX-Refresh")) return location.reload(); // signed out meanwhile
      if (answer.status === 200) {
        apply(await answer.text());
        mark = answer.headers.get("ETag") || mark;
      } else if (answer.status !== 304) throw new Error(String(answer.status));
      wait = BEAT_MS;
    } catch {
      wait = Math.min(LONGEST_MS, wait * 2);
    } finally {
      asking = false;
      clearTimeout(timer);
      timer = setTimeout(ask, wait);
    }
  };

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) ask();
  });
  timer = setTimeout(ask, wait);
})();
