// The live view of a page without panels: its picture comes as a screencast, input goes back as CDP commands. In full
// mode there are all tabs of the session, and an address bar. A read-only view sends no input; were it to, the server
// would refuse it.

import { addressBar } from "/ui/address.js";
import { Cdp } from "/ui/cdp.js";
import { Control } from "/ui/control.js";
import { dialogs } from "/ui/dialogs.js";
import { downloadList } from "/ui/files.js";
import { PageEvents } from "/ui/page_events.js";
import { Picture } from "/ui/picture.js";
import { Sharpness } from "/ui/sharpness.js";
import { tabStrip, travel } from "/ui/tabs.js";
import { windowBar } from "/ui/windows.js";

const { mode, target: linked, socket } = document.body.dataset;
const readOnly = document.body.dataset.readOnly === "true";
const $ = (id) => document.getElementById(id);
const canvas = $("page");
const picture = new Picture(canvas);

/** The tab that is shown: its target, and its CDP session (none: the connection's own). */
let shown = { target: linked, session: undefined };
/** The session's pages, as the server tells of them. */
let pages = [];
let isOver = false;
/** Whether the shown tab is behind another one, and is not painted. */
let isBehind = false;

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

/** Nothing waits for a page that does not answer, as while a dialog is open. */
async function start() {
  const { session } = shown;
  tell("Page.enable");
  tell("Inspector.enable");
  if (controls) {
    // A tab behind another is painted, too, while somebody looks at it.
    tell("Emulation.setFocusEmulationEnabled", { enabled: true });
    controls.attend(session);
  }
  isBehind = false;
  screencast();
  // A page that does not change sends no picture: one is asked for.
  tell("Page.captureScreenshot", { format: "jpeg", quality: 85 }).then((still) => {
    if (still && session === shown.session && !picture.metadata) draw(still.data, undefined);
  });
  await describe();
}

function screencast() {
  const box = canvas.parentElement.getBoundingClientRect();
  const [maxWidth, maxHeight] = [box.width, box.height].map((size) => Math.round(size * devicePixelRatio));
  return tell("Page.startScreencast", { format: "jpeg", quality: 85, maxWidth, maxHeight });
}

async function draw(data, metadata) {
  await picture.draw(data, metadata);
  // What is said about it stays until it is painted again.
  if (!isOver && !isBehind) notify();
}

/** The shown tab's title and address. */
async function describe() {
  const info = (await tell("Target.getTargetInfo"))?.targetInfo;
  if (!info || info.targetId !== shown.target) return;
  entitle(info.title || info.url);
  if (document.activeElement !== $("address")) $("address").value = info.url;
}

async function show(target) {
  const before = shown;
  if (target === before.target) return;
  sharpness?.leave();
  await tell("Page.stopScreencast");
  const own = target === linked;
  const attached = own ? {} : await cdp.send("Target.attachToTarget", { targetId: target, flatten: true });
  shown = { target, session: attached.sessionId };
  picture.metadata = undefined;
  if (before.session) cdp.send("Target.detachFromTarget", { sessionId: before.session }).catch(() => {});
  update();
  // Only the tab in front paints.
  if (!readOnly) await tell("Page.bringToFront");
  await start();
}

cdp.on("Page.screencastFrame", async ({ data, metadata, sessionId }, session) => {
  cdp.send("Page.screencastFrameAck", { sessionId }, session).catch(() => {});
  if (session !== shown.session) return;
  sharpness?.frame();
  await draw(data, metadata);
});
cdp.on("Page.screencastVisibilityChanged", ({ visible }, session) => {
  if (session !== shown.session || isBehind === !visible) return;
  isBehind = !visible;
  if (isBehind) notify("This tab is behind another one: its picture stands still.");
  // What was painted meanwhile has been missed.
  else tell("Page.stopScreencast").then(screencast);
});
for (const event of ["frameNavigated", "navigatedWithinDocument", "loadEventFired", "frameStoppedLoading"]) {
  cdp.on(`Page.${event}`, describe);
}
cdp.on("Inspector.targetCrashed", () => notify("This page has crashed."));

const view = { cdp, socket, readOnly, tell, show, describe, shown: () => shown.target, isOver: () => isOver };
const controls = readOnly ? undefined : new Control({ canvas, field: $("keys"), picture, view });
const sharpness = readOnly ? undefined : new Sharpness(canvas, picture, tell);
const showDialog = dialogs((...given) => events.answer(...given));
const showWindows = windowBar($("windows"), linked, show);
const showDownloads = downloadList($("downloads"), socket);
const strip = mode === "full" ? tabStrip($("tabs"), view) : undefined;
const events = new PageEvents(socket, (now) => {
  pages = now.pages;
  if (sharpness) sharpness.alone = now.connections === 1;
  showDownloads(now.downloads, readOnly);
  update();
});

/** What is said about the shown tab and those around it. */
function update() {
  const page = pages.find(({ targetId }) => targetId === shown.target);
  showDialog(shown.target, page?.dialog, readOnly);
  if (strip) return strip.update(pages);
  // A window that has closed leads back to the page that opened it.
  if (!page && shown.target !== linked) return show(linked);
  return showWindows(pages, shown.target, readOnly);
}

if (mode === "full") {
  for (const id of ["back", "forward", "reload", "address"]) $(id).disabled = readOnly;
  $("back").addEventListener("click", () => travel(tell, -1));
  $("forward").addEventListener("click", () => travel(tell, 1));
  $("reload").addEventListener("click", () => tell("Page.reload"));
  const navigate = async (url) => (await tell("Page.navigate", { url }))?.errorText;
  addressBar({ form: $("bar"), field: $("address"), problem: $("problem") }, navigate, () => controls?.focus());
}
$("keys").disabled = readOnly;
let resized;
function measure() {
  clearTimeout(resized);
  resized = setTimeout(() => {
    sharpness?.leave();
    tell("Page.stopScreencast").then(screencast);
  }, 200);
}
addEventListener("resize", measure);
(function watchScreen() {
  const changed = () => [measure(), watchScreen()];
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", changed, { once: true });
})();
cdp.closed.then(() => {
  isOver = true;
  notify("This live view has ended: the tab or its session was closed.");
});
cdp.opened.then(start);
