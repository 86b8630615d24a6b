// Says that somebody has looked at what they were asked about, once the page is really in front of them: not when a browser
// loads it in advance, or in a tab that nobody has turned to. Without this script the form's button says it.
"use strict";
(() => {
  const form = document.querySelector("form[data-seen]");
  if (!form) return;
  const WHILE_MS = 1000; // a glance in passing is none
  let timer = 0;
  const say = async () => {
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "HX-Request": "true" } });
      if (answer.status !== 204) return;
      document.removeEventListener("visibilitychange", look);
      form.querySelector("button").hidden = true;
      form.querySelector("[role=status]").textContent = "seen";
    } catch {
      // the button is still there
    }
  };
  const look = () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible" && !document.prerendering) timer = setTimeout(say, WHILE_MS);
  };
  document.addEventListener("visibilitychange", look);
  document.addEventListener("prerenderingchange", look);
  look();
})();
