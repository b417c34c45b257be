// What a browser showed, and what it asked the network for, on the page that says that it has ended. Bundled into assets/static
// by `cargo xtask build`.

import Player from "rrweb-player";
import "rrweb-player/dist/style.css";
import "./replay.css";
import { harmless } from "./harmless.js";
import { networkList } from "./network.js";

const section = document.querySelector("#replay");
const { recording, har } = section.dataset;
const isOwn = "own" in section.dataset;
/** Of a permalink's path: `/s/{session}/{tab}`. */
const linkedTab = location.pathname.split("/")[3];
/** Kinds of rrweb's events: nothing is done for the first. */
const LOAD = 1;
const META = 4;
const BLANK = "about:blank";
/** How far an arrow key goes, in milliseconds. */
const STEP = 1_000;

const status = section.querySelector("[role=status]");
const say = (text) => (status.textContent = text);

/** Reads JSON, waiting for as long as it is said to come. */
async function load(url) {
  for (;;) {
    const response = await fetch(url, { headers: { accept: "application/json" } });
    if (response.ok) {
      return response.json().catch(() => {
        throw new Error("only a part of it came: reload this page");
      });
    }
    const { detail = "It could not be read" } = await response.json().catch(() => ({}));
    const seconds = Number(response.headers.get("retry-after"));
    if (!seconds) throw new Error(detail);
    say(`${sentence(detail)} It comes by itself.`);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  }
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

/** The tabs that have something to show, the first that began first. */
function tabsOf(events) {
  const all = Object.entries(events ?? {}).filter(([, of]) => of.length > 1 && of.some(({ type }) => type === META));
  // A browser starts with an empty one, which is closed.
  const opened = all.filter(([, of]) => addressOf(of) !== BLANK);
  const tabs = opened.length > 0 ? opened : all;
  return tabs.sort(([, one], [, other]) => one[0].timestamp - other[0].timestamp);
}

/** What a tab showed last: its page's address. */
function addressOf(events) {
  return events.findLast(({ type, data }) => type === META && data.href !== BLANK)?.data.href ?? BLANK;
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Plays a tab's events in a place; answers what ends that. */
function play(target, events) {
  const sizes = events.filter(({ type }) => type === META).map(({ data }) => data);
  const { width, height } = sizes.reduce((most, { width, height }) => (width > most.width ? { width, height } : most));
  const size = () => {
    const border = 2;
    const across = target.clientWidth - border;
    return { width: across, height: Math.round(Math.min((across * height) / width, innerHeight * 0.7)) };
  };
  // What happens at the very end is not shown there, but by what comes after it.
  const end = { type: LOAD, data: {}, timestamp: events.at(-1).timestamp + 1 };
  const props = {
    events: [...harmless(events), end],
    ...size(),
    autoPlay: false,
    speedOption: [1, 2, 4, 8],
    mouseTail: { strokeStyle: "#1558b0" },
  };
  const player = new Player({ target, props });
  nameControls(target);
  seekByKeys(target.querySelector(".rr-progress"), player);
  const resize = new ResizeObserver(() => {
    player.$set(size());
    player.triggerResize();
  });
  resize.observe(target);
  return () => {
    resize.disconnect();
    player.$destroy();
    target.replaceChildren();
  };
}

/** The player's controls are pictures, without names. */
function nameControls(target) {
  const [play, fullScreen] = [...target.querySelectorAll("button")].filter((button) => !button.textContent.trim());
  const names = new Map([
    [play, "Play or pause"],
    [fullScreen, "Full screen"],
    [target.querySelector("input[type=checkbox]"), "Skip what is quiet"],
    [target.querySelector("iframe"), "The page as it was"],
  ]);
  for (const [control, name] of names) control?.setAttribute("aria-label", name);
}

/** The timeline knows nothing but a mouse. */
function seekByKeys(timeline, player) {
  const { totalTime } = player.getMetaData();
  const inSeconds = (time) => String(Math.round(time / 1_000));
  Object.assign(timeline, { tabIndex: 0, role: "slider", ariaLabel: "Seconds", ariaValueNow: "0", ariaValueMax: inSeconds(totalTime) });
  let now = 0;
  player.addEventListener("ui-update-current-time", ({ payload }) => {
    now = payload;
    timeline.ariaValueNow = inSeconds(now);
  });
  timeline.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: now - STEP, ArrowRight: now + STEP, Home: 0, End: totalTime }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    player.goto(Math.min(Math.max(to, 0), totalTime));
  });
}

function show(tabs) {
  const stage = element("div", { className: "stage" });
  const network = element("div", { className: "network" });
  const buttons = tabs.map(([id, events]) => {
    const button = element("button", { type: "button", className: "quiet", textContent: addressOf(events) });
    button.dataset.tab = id;
    return button;
  });
  let stop = () => {};
  const open = (index) => {
    stop();
    const [id, events] = tabs[index];
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === index)));
    stop = play(stage, events);
    network.replaceChildren();
    showNetwork(network, har.replace(/[^/]*\/har$/, `${id}/har`));
  };
  buttons.forEach((button, index) => button.addEventListener("click", () => open(index)));
  const nav = element("div", { className: "tabs", role: "group", ariaLabel: "Tabs" }, ...buttons);
  section.replaceChildren(...(tabs.length > 1 ? [nav] : []), stage, network);
  open(Math.max(0, tabs.findIndex(([id]) => id === linkedTab)));
}

async function showNetwork(place, url) {
  const download = element("a", { href: url, download: "", textContent: "Download as HAR" });
  const raw = element("a", { href: `${url}?raw`, download: "", textContent: "with cookies and tokens" });
  place.append(element("h2", { textContent: "Network" }), element("p", {}, download, ...(isOwn ? [", or ", raw] : [])));
  try {
    const { log } = unwrap(await load(url));
    place.append(networkList(log.entries));
  } catch (error) {
    place.append(element("p", { textContent: sentence(error.message) }));
  }
}

/** Success is the bare value, or in Cloudflare's envelope. */
function unwrap(answer) {
  return answer.result ?? answer;
}

try {
  say("The recording is being read.");
  const tabs = tabsOf(unwrap(await load(recording)).events);
  if (tabs.length > 0) show(tabs);
  else say("Nothing was recorded in it.");
} catch (error) {
  section.prepend(status);
  say(sentence(error.message));
}
