// A meeting with several people in it: asks the server what is new, shows it, and keeps whatever somebody is typing.
"use strict";
(() => {
  const box = document.getElementById("meeting");
  if (!box) return;
  const POLL_MS = 500;
  const SLOWEST_MS = 15000; // between two tries while the server does not answer
  const PATIENCE_MS = 8000;
  const SAID_MS = 6000;
  const GONE_MS = 15000; // what was said leaves the screen; the minutes have it, with its undo
  const PARTS = ["rates", "saying", "who", "clocks", "agenda", "item", "acts", "minutes", "line", "hand-over", "end"];
  const FIELDS = "input:not([type=hidden]), textarea:not([hidden]), select";
  const HEADERS = { "HX-Request": "true" };
  let failures = 0;
  let timer = 0;
  let saidAt = 0;
  let asked = 0; // the newest question; answers to older ones are dropped
  const part = (id) => document.getElementById(id);

  const changed = (field) =>
    field.tagName === "SELECT"
      ? [...field.options].some((option, n) => option.selected !== (option.defaultSelected || (n === 0 && ![...field.options].some((o) => o.defaultSelected))))
      : field.value !== field.defaultValue;
  const busy = (where) =>
    Boolean(where) && [...where.querySelectorAll(FIELDS)].some((field) => changed(field) || field === document.activeElement);
  // Every answer has other tokens in its forms; they are no news.
  const meaning = (node) => node.outerHTML.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "").replace(/ (?:open|hidden)=""/g, "");
  const shownBefore = new Map(PARTS.map((id) => [id, part(id) ? meaning(part(id)) : ""]));

  const say = (text, wrong) => {
    const place = part("saying");
    const line = document.createElement(wrong ? "b" : "span");
    line.className = wrong ? "wrong" : "";
    line.textContent = text;
    place.replaceChildren(line);
    saidAt = performance.now();
  };
  const lost = (text) => {
    const place = part("lost");
    if (place.textContent !== text) place.textContent = text;
    place.hidden = !text;
  };
  const ended = () => {
    const place = part("lost");
    if (place.querySelector("a")) return;
    place.replaceChildren("The meeting has ended. What you have begun to write is still here to copy; then see ", Object.assign(document.createElement("a"), { href: box.dataset.minutes, textContent: "the minutes" }));
    place.hidden = false;
  };

  const swap = (id, fresh, sent) => {
    const old = part(id);
    const now = meaning(fresh);
    if (shownBefore.get(id) === now) return;
    shownBefore.set(id, now);
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...old.querySelectorAll("details[open] > summary[id]")].map((summary) => summary.id);
    const atEnd = old.scrollHeight - old.scrollTop - old.clientHeight < 8;
    const { scrollTop } = old;
    old.replaceWith(fresh);
    if (id === sent) return void part("item")?.focus({ preventScroll: true }); // its form is done with
    if (id === "acts" && old.dataset.holds === fresh.dataset.holds)
      for (const one of open) part(one)?.parentElement.setAttribute("open", "");
    fresh.scrollTop = id === "minutes" && atEnd ? fresh.scrollHeight : scrollTop;
    if (focused) part(focused)?.focus({ preventScroll: true });
    return undefined;
  };

  const ends = (form) => Boolean(form?.closest("#end"));
  // Words that somebody has begun to write, and that going elsewhere would lose.
  const halfSaid = (form) =>
    [...box.querySelectorAll(FIELDS)].some((field) => field.tagName !== "SELECT" && changed(field) && field.value.trim() && !form?.contains(field));

  // The part whose form was taken is made anew, its words with it; unless somebody has begun another form there since.
  const doneWith = (form) => {
    const own = PARTS.find((id) => part(id)?.contains(form)) || "";
    const begun = (field) => !form.contains(field) && (changed(field) || field === document.activeElement);
    return own && ![...part(own).querySelectorAll(FIELDS)].some(begun) ? own : "";
  };
  const apply = (text, form) => {
    const sent = form ? doneWith(form) : "";
    const page = new DOMParser().parseFromString(text, "text/html");
    const next = page.getElementById("meeting");
    if (!next) return location.reload();
    if (parseInt(next.dataset.stamp, 10) < parseInt(box.dataset.stamp, 10)) return undefined;
    if ("over" in next.dataset && (ends(form) || !halfSaid("problem" in next.dataset ? null : form))) return location.assign(next.dataset.minutes);
    if ("over" in next.dataset) box.dataset.over = "";
    if (next.dataset.shown !== box.dataset.shown && sent !== "acts" && busy(part("acts"))) return undefined;
    const wrong = "problem" in next.dataset;
    const moved = next.dataset.shown !== box.dataset.shown;
    const keep = (id) => id !== sent && busy(part(id)) && !(moved && id === "acts");
    for (const id of PARTS) {
      const fresh = page.getElementById(id);
      if (!fresh || !part(id) || keep(id) || (wrong && id === sent)) continue;
      if (id === "saying" && !fresh.textContent.trim() && performance.now() - saidAt < SAID_MS) continue;
      if (id === sent) shownBefore.delete(id);
      swap(id, fresh, sent);
      if (id === "saying") saidAt = performance.now();
    }
    Object.assign(box.dataset, { stamp: next.dataset.stamp, shown: next.dataset.shown, look: next.dataset.look });
    if (!next.dataset.look && location.search) history.replaceState(null, "", next.dataset.home);
    if (moved) part("agenda").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    return undefined;
  };

  const answered = async (answer, form) => {
    if (answer.headers.get("HX-Refresh")) return location.reload(); // signed out meanwhile
    if (answer.status === 204) return undefined;
    return apply(await answer.text(), form);
  };
  const fail = () => {
    failures += 1;
    if (failures > 1) lost("Connection lost: what others do does not show until it is back. What you type stays here.");
  };
  const forget = () => {
    const place = part("saying");
    if (!place.childElementCount || place.querySelector(".wrong") || place.contains(document.activeElement) || performance.now() - saidAt < GONE_MS) return;
    place.replaceChildren();
    shownBefore.set("saying", "");
  };
  const poll = async () => {
    forget();
    if (document.hidden) return; // the tab that is looked at again asks at once
    const question = (asked += 1);
    // Who is writing about an item stays with it, wherever the meeting goes.
    const look = box.dataset.look || (busy(part("acts")) ? box.dataset.shown : "");
    const query = new URLSearchParams({ stamp: box.dataset.stamp, look });
    try {
      const answer = await fetch(`${box.dataset.now}?${query}`, { headers: HEADERS, signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.status === 403 || answer.status === 404) return lost("This meeting is not yours to see any more.");
      if (!answer.ok) throw new Error(answer.status);
      failures = 0;
      if ("over" in box.dataset) ended();
      else lost("");
      if (question === asked) await answered(answer, null);
    } catch {
      fail();
    }
    clearTimeout(timer);
    timer = setTimeout(poll, Math.min(SLOWEST_MS, POLL_MS * 2 ** failures));
    return undefined;
  };

  const send = async (form, button) => {
    if (form.dataset.sending) return;
    form.dataset.sending = "yes";
    asked += 1;
    const body = new URLSearchParams(new FormData(form, button));
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: HEADERS, signal: AbortSignal.timeout(2 * PATIENCE_MS) });
      if (!answer.ok) throw new Error(answer.status);
      asked += 1; // what was asked while this was on its way was asked from where somebody still wrote
      await answered(answer, form);
    } catch {
      say("Not saved: the server did not take it. What you typed is still here; try again.", true);
    }
    delete form.dataset.sending;
  };

  // A hand-over note that was written and not saved goes along when its writer ends the meeting.
  const finish = async (form, button) => {
    const note = ends(form) && part("hand-over").querySelector("form");
    if (note && changed(note.elements.text)) await send(note, null);
    return send(form, button);
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!box.contains(form) || form.method !== "post") return;
    event.preventDefault();
    finish(form, event.submitter);
  });
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) poll();
  });
  addEventListener("online", () => {
    clearTimeout(timer);
    poll();
  });
  addEventListener("beforeunload", (event) => {
    if (PARTS.some((id) => [...(part(id)?.querySelectorAll(FIELDS) || [])].some((field) => field.value !== field.defaultValue && field.tagName === "TEXTAREA"))) event.preventDefault();
  });

  // One form is open at a time, its first field ready; Escape closes it. What was typed in it stays.
  box.addEventListener(
    "toggle",
    (event) => {
      const one = event.target;
      if (!one.matches?.("details.pop") || !one.open) return;
      for (const other of box.querySelectorAll("details.pop[open]")) if (other !== one) other.open = false;
      if (!one.contains(document.activeElement) || document.activeElement.tagName === "SUMMARY") one.querySelector(FIELDS)?.focus();
    },
    true
  );
  document.addEventListener("click", (event) => {
    for (const one of box.querySelectorAll("details.pop[open]")) if (!one.contains(event.target) && !busy(one)) one.open = false;
  });
  const press = { Enter: "done", ArrowRight: "next", ArrowLeft: "prev" };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const one = event.target.closest("details.pop[open]") || box.querySelector("details.pop[open]");
      if (one) {
        one.open = false;
        one.querySelector("summary").focus();
      } else if (event.target.matches(FIELDS) && box.contains(event.target)) event.target.blur();
      return;
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea") && box.contains(event.target)) {
      event.preventDefault(); // a longer text is sent by the key that sends it on every other page
      event.target.form.requestSubmit(event.target.form.querySelector("button"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || document.querySelector("dialog[open]")) return;
    if (!press[event.key] || event.target.closest("input, select, textarea, summary")) return;
    if (event.key === "Enter" && event.target.closest("a, button")) return;
    const button = part(press[event.key]);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  timer = setTimeout(poll, POLL_MS);
})();
