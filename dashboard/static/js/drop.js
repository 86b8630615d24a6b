// Files dropped, pasted or chosen are listed, sent with their progress shown, and the answer's page opens. Without this
// script the form sends the same files itself.
"use strict";
(() => {
  const MOST_LISTED = 12;
  const words = (bytes) => {
    const units = ["bytes", "KB", "MB", "GB", "TB"];
    let n = 0;
    for (; bytes >= 1024 && n < 4; n++) bytes /= 1024;
    return `${n ? bytes.toFixed(1) : bytes} ${units[n]}`;
  };
  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text; // names of files are hostile input: text, never markup
    if (className) made.className = className;
    return made;
  };

  // A dropped folder stands for the files in it; entries have to be taken before the event is over.
  const inside = async (entry, most) => {
    if (entry.isFile) return [await new Promise((done, fail) => entry.file(done, fail))];
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((done, fail) => reader.readEntries(done, fail));
      if (!some.length || found.length > most) return found;
      for (const one of some) found.push(...(await inside(one, most)));
    }
  };
  const files = async (data, most) => {
    const entries = [...data.items].map((item) => item.kind === "file" && item.webkitGetAsEntry?.()).filter(Boolean);
    if (!entries.some((entry) => entry.isDirectory)) return [...data.files];
    return (await Promise.all(entries.map((entry) => inside(entry, most)))).flat();
  };

  for (const form of document.querySelectorAll("form[data-drop]")) {
    const part = (name) => form.querySelector(`[data-${name}]`);
    const zone = part("zone");
    const input = form.querySelector("input[name=files]");
    const limits = { all: +form.dataset.limit, one: +form.dataset.partLimit, most: +form.dataset.most };
    let picked = []; // {file, side}
    let sending = null;

    const say = (message, troubles = []) => {
      const box = element("div", "", "note bad");
      box.append(element("b", message));
      if (troubles.length) {
        const list = element("ul", "", "plainlist");
        for (const one of troubles) {
          const line = element("li");
          line.append(element("b", one.name), `: ${one.problem}`);
          list.append(line);
        }
        box.append(list);
      }
      part("trouble").replaceChildren(...(message ? [box] : []));
    };

    const refused = () => {
      if (picked.length > limits.most) return `That is ${picked.length} files; at most ${limits.most} go at once. Pack them into one zip or tar file.`;
      const large = picked.find((one) => one.file.size > limits.one);
      if (large) return `${large.file.name} is larger than ${words(limits.one)}, the most that one file may have. Compress it, or cut it to the time of the run.`;
      const all = picked.reduce((sum, one) => sum + one.file.size, 0);
      if (all > limits.all) return `Together these are larger than ${words(limits.all)}, the most that can be sent at once.`;
      return "";
    };

    const draw = () => {
      const list = part("picked");
      list.replaceChildren(
        ...picked.slice(0, MOST_LISTED).map((one, n) => {
          const line = element("li");
          const side = element("select");
          side.setAttribute("aria-label", `What ${one.file.name} is`);
          for (const [value, label] of [["files", "told from what is inside"], ["tests", "what pytest printed"], ["server", "what the servers logged"]])
            side.add(new Option(label, value, false, value === one.side));
          side.addEventListener("change", () => (one.side = side.value));
          const away = element("button", "Remove", "btn small");
          away.type = "button";
          away.setAttribute("aria-label", `Remove ${one.file.name}`);
          away.addEventListener("click", () => {
            picked = picked.filter((other) => other !== one);
            draw();
            (list.querySelectorAll("button")[Math.min(n, picked.length - 1)] || input).focus();
          });
          line.append(element("span", one.file.name, "name"), element("span", words(one.file.size), "quiet num"), side, away);
          return line;
        })
      );
      if (picked.length > MOST_LISTED) list.append(element("li", `and ${picked.length - MOST_LISTED} more`, "quiet"));
      list.hidden = !picked.length;
      say(refused());
    };

    const add = (found) => {
      const known = new Set(picked.map(({ file }) => `${file.name} ${file.size} ${file.lastModified}`));
      picked.push(...found.filter((file) => !known.has(`${file.name} ${file.size} ${file.lastModified}`)).map((file) => ({ file, side: "files" })));
      draw();
      if (found.length) part("go").focus();
    };

    input.addEventListener("change", () => {
      add([...input.files]);
      input.value = "";
    });
    for (const name of ["dragenter", "dragover"])
      zone.addEventListener(name, (event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        zone.classList.add("over");
      });
    zone.addEventListener("dragleave", (event) => {
      if (!zone.contains(event.relatedTarget)) zone.classList.remove("over");
    });
    zone.addEventListener("drop", async (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      zone.classList.remove("over");
      try {
        const found = await files(event.dataTransfer, limits.most);
        add(found);
        if (!found.length) say("There was no file in what was dropped.");
      } catch {
        say("The browser could not read what was dropped. Choose the files instead.");
      }
    });
    document.addEventListener("paste", (event) => {
      if (event.target.closest?.("input:not([type=file]), textarea, select") || !event.clipboardData) return;
      const text = event.clipboardData.getData("text/plain");
      const found = [...event.clipboardData.files];
      if (!found.length && text.trim()) found.push(new File([text], `pasted ${picked.length + 1}.log`, { type: "text/plain" }));
      if (found.length) add(found);
    });

    const shown = (busy) => {
      part("sending").hidden = part("cancel").hidden = !busy;
      part("go").disabled = busy;
      form.toggleAttribute("aria-busy", busy);
    };
    const told = (text, share) => {
      part("told").textContent = text;
      const bar = part("sending").querySelector("progress");
      if (share === null) bar.removeAttribute("value");
      else bar.value = share;
    };
    const over = (message, troubles) => {
      sending = null;
      shown(false);
      say(message, troubles);
    };

    const answered = (request) => {
      let answer = null;
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // not ours: a sign-in page after the session ended, or a proxy's own words
      }
      if (request.status === 201 && answer?.url) return location.assign(answer.url);
      if (answer?.error) return over(answer.error.message, answer.error.files);
      if (request.status === 413) return over("That is more than this server takes at once. Compress the files, or cut them to the time of the run.");
      if (request.status === 403 || request.responseURL.includes("/sign-in")) return over("You are no longer signed in here. Load the page again; the files stay where they are.");
      over(`The server answered ${request.status}. Try again in a moment.`);
    };

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (sending) return;
      const fields = new FormData(form);
      const pasted = ["tests", "server"].some((name) => fields.getAll(name).some((one) => (one.size ?? one.trim().length) > 0));
      if (!picked.length && !pasted) return over("Choose at least one file, or paste some lines.");
      if (refused()) return say(refused());
      const body = new FormData();
      for (const [name, value] of fields) if (name !== "files") body.append(name, value); // the token stays first
      for (const { file, side } of picked) body.append(side, file, file.name);
      say("");
      sending = new XMLHttpRequest();
      const request = sending;
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        const share = Math.floor((100 * event.loaded) / event.total);
        told(event.loaded < event.total ? `Sending: ${words(event.loaded)} of ${words(event.total)}` : "All is sent; the server looks at it.", event.loaded < event.total ? share : null);
      });
      request.addEventListener("load", () => answered(request));
      request.addEventListener("error", () => over("The connection broke, or a file changed or cannot be read (is it a folder?). Nothing was kept; try again."));
      request.addEventListener("abort", () => over("Cancelled: nothing was kept."));
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      told("Sending", 0);
      shown(true);
      part("cancel").focus();
      request.send(body);
    });
    part("cancel").addEventListener("click", () => {
      sending?.abort();
      part("go").focus();
    });
    for (const name of ["call", "or"]) part(name).hidden = false;
    zone.classList.add("live");
  }
  // A file that misses the zone would otherwise replace the page.
  for (const name of ["dragover", "drop"])
    document.addEventListener(name, (event) => {
      if (!event.target.closest?.("[data-zone], input, textarea")) event.preventDefault();
    });
})();
