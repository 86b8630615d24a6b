// A found line opens its neighbours in place; a second click closes them. Without this script the link opens them as a page.
"use strict";
(() => {
  const close = (link) => {
    link.parentElement.querySelector(".around")?.remove();
    link.removeAttribute("aria-expanded");
    link.focus();
  };
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    if (link.getAttribute("aria-expanded")) return close(link);
    fetch(link.href, { headers: { "HX-Request": "true" }, credentials: "same-origin" })
      .then((answer) => {
        if (!answer.ok || answer.headers.get("HX-Refresh")) throw answer.status;
        return answer.text();
      })
      .then((text) => {
        const page = new DOMParser().parseFromString(text, "text/html");
        const around = page.querySelector(".around");
        link.after(around);
        link.setAttribute("aria-expanded", "true");
      })
      .catch(() => location.assign(link.href)); // the page itself says what is wrong
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    const link = document.activeElement?.closest("li")?.querySelector("a[data-line][aria-expanded]");
    if (link) close(link);
  });
})();
