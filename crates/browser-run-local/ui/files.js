// Files: the viewer's own go to the page that asks for some; what the page downloads is offered to the viewer.

import { beside } from "/ui/page_events.js";

/**
 * Answers a function that asks for files, `{multiple, accept}`, and has `set(paths)` give them to the page: the server
 * keeps them for the session.
 */
export function fileChooser(socket, done) {
  const element = Object.assign(document.createElement("dialog"), { id: "chooser" });
  element.setAttribute("aria-labelledby", "chooser-title");
  const input = Object.assign(document.createElement("input"), { type: "file", id: "files" });
  input.setAttribute("aria-labelledby", "chooser-title");
  const title = Object.assign(document.createElement("p"), { id: "chooser-title" });
  const state = Object.assign(document.createElement("p"), { id: "chooser-state", role: "status" });
  const cancel = Object.assign(document.createElement("button"), { textContent: "Cancel", type: "button" });
  element.append(title, input, state, cancel);
  document.body.append(element);
  cancel.addEventListener("click", () => element.close());
  element.addEventListener("close", done);

  return function ask({ multiple, accept }, set) {
    Object.assign(input, { multiple, accept, value: "", disabled: false });
    title.textContent = multiple ? "The page asks for files" : "The page asks for a file";
    state.textContent = accept ? `It takes ${accept}` : "";
    input.onchange = async () => {
      input.disabled = true;
      try {
        const paths = [];
        for (const file of input.files) {
          state.textContent = `Sending ${file.name} …`;
          paths.push(await upload(socket, file));
        }
        await set(paths);
        element.close();
      } catch (error) {
        Object.assign(input, { disabled: false, value: "" });
        state.textContent = `It could not be sent: ${error.message}`;
      }
    };
    if (!element.open) element.showModal();
    input.focus();
  };
}

/** Where the server has put it. */
async function upload(socket, file) {
  const url = `${location.protocol}//${beside(socket, "/files")}&name=${encodeURIComponent(file.name)}`;
  const response = await fetch(url, { method: "POST", body: file });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.errors?.[0]?.message ?? response.statusText);
  return answer.path;
}

/** Answers a function that shows downloads as the server tells of them: names, progress, and a way to keep them. */
export function downloadList(element, socket) {
  /** Those that were shown and put away. */
  const dismissed = new Set();
  return function show(downloads, readOnly) {
    const shown = downloads.filter(({ guid }) => !dismissed.has(guid));
    element.hidden = !shown.length;
    element.replaceChildren(...shown.map((download) => entry(download, readOnly)));
  };

  function entry(download, readOnly) {
    const item = document.createElement("li");
    const title = `Put ${download.name} away`;
    const dismiss = Object.assign(document.createElement("button"), { textContent: "×", title });
    dismiss.addEventListener("click", () => {
      dismissed.add(download.guid);
      item.remove();
      element.hidden = !element.children.length;
    });
    item.append(name(download, readOnly), progress(download), dismiss);
    return item;
  }

  function name({ guid, name: text, state }, readOnly) {
    if (state !== "completed" || readOnly) return Object.assign(document.createElement("span"), { textContent: text });
    const href = `${location.protocol}//${beside(socket, `/downloads/${guid}`)}`;
    return Object.assign(document.createElement("a"), { textContent: text, href, download: text });
  }
}

function progress({ state, receivedBytes, totalBytes, name }) {
  if (state === "inProgress") {
    const bar = Object.assign(document.createElement("progress"), { ariaLabel: name });
    if (totalBytes) Object.assign(bar, { max: totalBytes, value: receivedBytes });
    return bar;
  }
  const text = state === "completed" ? size(receivedBytes) : "stopped";
  return Object.assign(document.createElement("small"), { textContent: text });
}

function size(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  let unit = 0;
  for (; bytes >= 1000 && unit < units.length - 1; unit++) bytes /= 1000;
  return `${bytes.toFixed(bytes < 10 && unit ? 1 : 0)} ${units[unit]}`;
}
