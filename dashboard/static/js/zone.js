// A new schedule starts from the time zone of whoever makes it; without this script it starts from UTC.
"use strict";
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const field of document.querySelectorAll("[data-zone]:not([data-set])"))
    if (zone && zone.includes("/") && field.value === field.defaultValue) field.value = zone;
})();
