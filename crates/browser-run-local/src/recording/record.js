// Runs in each document before the page's own scripts, in a world of its own: it shares the document with them, and no
// object. `library`, rrweb as a function, is above it here; `recorded`, a binding that this world alone has, sends a text to
// the server.

/** rrweb begins this long after the document is parsed, in milliseconds, so that the first picture does not wait for it. */
const BEGINS_AFTER = 100;
/** While there is something else to do, it waits so long more. */
const BEGINS_WITHIN = 500;
/** A document that is never parsed to its end is recorded as far as it goes, from so many milliseconds on. */
const BEGINS_AT_LAST = 2_000;
/** What people begin with: rrweb begins before that. */
const FIRST_DEEDS = ["pointerdown", "mousedown", "touchstart", "keydown", "input", "wheel"];
/** Elements that are fields, though not by their names. */
const TYPED_INTO = "[contenteditable]:not([contenteditable=false i])";
/** Changes and events are told together after so many milliseconds: who has changed something does not wait for it. */
const SENDS_AFTER = 50;

let record;
let stop;
let recordedDocument;
/** What has changed, for each observer of rrweb's. */
let changes = new Map();
let waiting = [];
let timer;

/** A page that is left has a last moment, even if that comes at once. What is sent at its `pagehide` would be lost. */
globalThis.sendAll = () => {
  begin();
  sendNow();
};

/** Where nothing waits, a page is left at once: Chromium asks those that listen. */
const listen = () => addEventListener("beforeunload", sendAll);

const sendSoon = () => {
  if (timer) return;
  timer = setTimeout(sendNow, SENDS_AFTER);
  listen();
};

const send = (event) => {
  waiting.push(event);
  sendSoon();
};

/** Has rrweb look at what has changed. */
const tellChanges = () => {
  if (changes.size === 0) return;
  const told = changes;
  changes = new Map();
  for (const [hear, records] of told) hear(records);
};

/** Sends what waits. */
const sendNow = () => {
  tellChanges();
  clearTimeout(timer);
  timer = undefined;
  removeEventListener("beforeunload", sendAll);
  if (waiting.length > 0) recorded(JSON.stringify(waiting));
  waiting = [];
};

/** For rrweb, which is told of changes all at once. */
class Observer extends MutationObserver {
  constructor(hear) {
    super((records) => {
      const before = changes.get(hear) ?? [];
      changes.set(hear, before);
      records.forEach((change) => before.push(change));
      sendSoon();
    });
  }

  observe(root, options) {
    super.observe(root, options);
    watchSheetsOf(root);
  }
}

const prepare = () => {
  // rrweb takes prototypes that it believes are changed from a new frame, which the page would notice. It believes so of these
  // methods, since it looks for accessors: here they are. A proxy's text is that of a native function, a constructor's too.
  for (const name of ["querySelector", "querySelectorAll"]) {
    const method = Element.prototype[name];
    const bound = function () {
      return method.bind(this);
    };
    Object.defineProperty(Element.prototype, name, { get: new Proxy(bound, {}) });
  }
  Observer.prototype.constructor = globalThis.MutationObserver = new Proxy(Observer, {});
  // There are no custom elements here, and rrweb asks about each element: an exception for each takes longer than the rest.
  Object.defineProperty(globalThis, "customElements", { value: { get() {} } });
  // rrweb marks fields that were for passwords, in the page's own document.
  const setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (name !== "data-rr-is-password") setAttribute.call(this, name, value);
  };
  library.call(globalThis);
  const { record } = globalThis.rrweb ?? globalThis.rrwebRecord;
  const add = record.mirror.add.bind(record.mirror);
  record.mirror.add = (node, recorded) => {
    hideMarkup(node, recorded);
    add(node, recorded);
  };
  // Before something happens to a node, rrweb hears that it is there.
  const getId = record.mirror.getId.bind(record.mirror);
  record.mirror.getId = (node) => {
    tellChanges();
    return getId(node);
  };
  return record;
};

/** rrweb masks what fields hold, but not what an empty one would hold by its markup, and not the markup of frames. */
const hideMarkup = (node, { tagName, attributes }) => {
  if (tagName === "input" && !node.value) delete attributes.value;
  if (tagName === "iframe") delete attributes.srcdoc;
};

const hideChangedMarkup = ({ data }) => data.attributes?.forEach(({ attributes }) => delete attributes.srcdoc);

/** rrweb would wait for the end of a document that is still parsed. */
const recordAtOnce = (options) => {
  Object.defineProperty(document, "readyState", { value: "interactive", configurable: true });
  const stop = record(options);
  delete document.readyState;
  return stop;
};

const begin = () => {
  if (recordedDocument === document) return;
  recordedDocument = document;
  const isFirst = !record;
  record ??= prepare();
  stop?.();
  changes.clear();
  roots = [];
  stop = recordAtOnce({
    emit: (event) => {
      hideChangedMarkup(event);
      send(event);
      rememberSheetsOf(event);
    },
    maskInputOptions: { input: true, select: true, textarea: true },
    maskTextSelector: TYPED_INTO,
    errorHandler: () => true,
  });
  if (isFirst) look();
};

/** Records this document, if it is not recorded yet: a window's first, blank one can be replaced within this world. */
globalThis.recordDocument = () => {
  const beginSoon = () => setTimeout(() => requestIdleCallback(begin, { timeout: BEGINS_WITHIN }), BEGINS_AFTER);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", beginSoon, { once: true });
  else beginSoon();
  setTimeout(begin, BEGINS_AT_LAST);
  for (const deed of FIRST_DEEDS) addEventListener(deed, begin, { capture: true, once: true, passive: true });
  listen();
};

/** A script has opened the document to write another: nobody who listened or observed hears of that one. */
globalThis.documentOpened = () => {
  recordedDocument = undefined;
  recordDocument();
};
recordDocument();
