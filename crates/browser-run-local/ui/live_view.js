// The live view of a page without panels: its picture comes as a screencast, input goes back as CDP commands. In full
// mode there are all tabs of the session, and an address bar. A read-only view sends no input; were it to, the server
// would refuse it.

import { Cdp } from "/ui/cdp.js";
import { forwardInput } from "/ui/input.js";

const { mode, target: linked, socket } = document.body.dataset;
const readOnly = document.body.dataset.readOnly === "true";
const $ = (id) => document.getElementById(id);
const canvas = $("page");
const picture = canvas.getContext("2d");

/** The tab that is shown: its target, its CDP session (none: the connection's own), and its picture's measures. */
let shown = { target: linked, session: undefined, metadata: undefined };
/** Every tab by its target's id, in the order of their opening. */
const tabs = new Map();

const cdp = new Cdp(`${location.protocol === "https:" ? "wss" : "ws"}://${socket}`);
/** A command for the shown tab. What cannot be done is not worth more than a line in the console. */
const tell = (method, params) => cdp.send(method, params, shown.session).catch((error) => console.debug(method, error));

function notify(text) {
  $("notice").textContent = text ?? "";
  $("notice").hidden = !text;
}

function entitle(title) {
  document.title = (readOnly ? "READ ONLY - " : "") + (title || "about:blank");
}

async function start() {
  await Promise.all([tell("Page.enable"), tell("Inspector.enable")]);
  const box = $("page").parentElement.getBoundingClientRect();
  const [maxWidth, maxHeight] = [box.width, box.height].map((size) => Math.round(size * devicePixelRatio));
  await tell("Page.startScreencast", { format: "jpeg", quality: 85, maxWidth, maxHeight });
  // A page that does not change sends no picture: one is asked for.
  const still = await tell("Page.captureScreenshot", { format: "jpeg", quality: 85 });
  if (still && !shown.metadata) await draw(still.data, undefined);
  await describe();
}

async function draw(data, metadata) {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.style.setProperty("--shape", image.width / image.height);
  picture.drawImage(image, 0, 0);
  if (metadata) shown.metadata = metadata;
  notify();
}

/** The shown tab's title and address. */
async function describe() {
  const info = (await tell("Target.getTargetInfo"))?.targetInfo;
  if (!info || info.targetId !== shown.target) return;
  entitle(info.title || info.url);
  if (document.activeElement !== $("address")) $("address").value = info.url;
}

cdp.on("Page.screencastFrame", async ({ data, metadata, sessionId }, session) => {
  cdp.send("Page.screencastFrameAck", { sessionId }, session).catch(() => {});
  if (session === shown.session) await draw(data, metadata);
});
for (const event of ["frameNavigated", "navigatedWithinDocument", "loadEventFired", "frameStoppedLoading"]) {
  cdp.on(`Page.${event}`, describe);
}
cdp.on("Inspector.targetCrashed", () => notify("This page has crashed."));
cdp.on("Page.javascriptDialogClosed", () => $("dialog").close());
cdp.on("Page.javascriptDialogOpening", ({ message, type, defaultPrompt }) => {
  $("message").textContent = message;
  $("answer").hidden = type !== "prompt";
  $("answer").value = defaultPrompt ?? "";
  $("dialog").querySelector("menu").hidden = readOnly;
  if (!$("dialog").open) $("dialog").showModal();
});
if (!readOnly) {
  $("dialog").addEventListener("close", () => {
    tell("Page.handleJavaScriptDialog", { accept: $("dialog").returnValue !== "", promptText: $("answer").value });
  });
  forwardInput(canvas, () => shown.metadata, tell);
}
cdp.closed.then(() => notify("This live view has ended: the tab or its session was closed."));
cdp.opened.then(start);

// From here on: full mode.

async function show(target) {
  const before = shown;
  if (target === before.target) return;
  await tell("Page.stopScreencast");
  const own = target === linked;
  const attached = own ? {} : await cdp.send("Target.attachToTarget", { targetId: target, flatten: true });
  shown = { target, session: attached.sessionId, metadata: undefined };
  if (before.session) cdp.send("Target.detachFromTarget", { sessionId: before.session }).catch(() => {});
  list();
  // Only the tab in front paints.
  if (!readOnly) await tell("Page.bringToFront");
  await start();
}

function list() {
  const entries = [...tabs.values()].map(({ targetId, title, url }) => {
    const tab = Object.assign(document.createElement("span"), { className: "tab" });
    tab.role = "tab";
    tab.ariaSelected = String(targetId === shown.target);
    tab.append(button(title || url, "title", () => show(targetId)), button("×", "close", () => close(targetId), readOnly));
    return tab;
  });
  const add = button("+", "", () => cdp.send("Target.createTarget", { url: "about:blank" }), readOnly);
  add.id = "new";
  $("tabs").replaceChildren(...entries, add);
}

function button(text, className, act, disabled = false) {
  const made = Object.assign(document.createElement("button"), { textContent: text, title: text, className, disabled });
  made.addEventListener("click", act);
  return made;
}

const close = (targetId) => cdp.send("Target.closeTarget", { targetId });

async function travel(steps) {
  const history = await tell("Page.getNavigationHistory");
  const entry = history?.entries[history.currentIndex + steps];
  if (entry) await tell("Page.navigateToHistoryEntry", { entryId: entry.id });
}

/** What somebody typed, as a URL. */
function absolute(typed) {
  const text = typed.trim();
  if (/^[a-z][a-z0-9+.-]*:(?!\d)/i.test(text)) return text;
  const local = /^(localhost|\d+\.\d+\.\d+\.\d+|\[)/i.test(text);
  return `${local ? "http" : "https"}://${text}`;
}

if (mode === "full") {
  cdp.on("Target.targetCreated", ({ targetInfo }) => known(targetInfo, true));
  cdp.on("Target.targetInfoChanged", ({ targetInfo }) => known(targetInfo, false));
  cdp.on("Target.targetDestroyed", async ({ targetId }) => {
    tabs.delete(targetId);
    list();
    if (targetId === shown.target && tabs.size) await show(tabs.keys().next().value);
  });
  for (const id of ["back", "forward", "reload", "address"]) $(id).disabled = readOnly;
  $("back").addEventListener("click", () => travel(-1));
  $("forward").addEventListener("click", () => travel(1));
  $("reload").addEventListener("click", () => tell("Page.reload"));
  $("bar").addEventListener("submit", (event) => {
    event.preventDefault();
    tell("Page.navigate", { url: absolute($("address").value) });
    canvas.focus();
  });
  let settled = false;
  cdp.opened.then(() => cdp.send("Target.setDiscoverTargets", { discover: true })).then(() => (settled = true));

  function known(info, isNew) {
    if (info.type !== "page" || info.url.startsWith("devtools:")) return;
    tabs.set(info.targetId, info);
    list();
    if (info.targetId === shown.target) describe();
    // A tab that opens while somebody is in control comes to the front.
    else if (isNew && settled && !readOnly) show(info.targetId);
  }
}
