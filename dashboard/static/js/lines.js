// The lines of both logs around a step open under the picture; without this script the link opens them as a page.
"use strict";
(() => {
  const place = document.getElementById("lines");
  if (!place) return;
  let opener = null;
  const address = (link) => link.getAttribute("href"); // an SVG link's .href is no string
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const link = event.target.closest("[data-lines]");
    if (link) {
      event.preventDefault();
      opener = link;
      htmx.ajax("GET", address(link), { target: "#lines", swap: "innerHTML" }).then(() => {
        place.focus({ preventScroll: true });
        place.scrollIntoView({ block: "nearest" });
      });
    } else if (event.target.closest("#lines [data-close]")) {
      event.preventDefault();
      close();
    }
  });
  // Where the fragment does not come, the page may, or it says why.
  for (const trouble of ["htmx:responseError", "htmx:sendError"])
    document.body.addEventListener(trouble, (event) => {
      if (event.detail.target === place && opener) location.assign(address(opener));
    });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && place.firstChild && !document.querySelector("dialog[open]")) close();
  });
  function close() {
    place.replaceChildren();
    if (opener) opener.focus();
  }
})();
