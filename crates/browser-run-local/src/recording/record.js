// Runs in each document before the page's own scripts, in a world of its own: it shares the document with them, and no
// object. `library`, rrweb as a function, is above it here; `recorded`, a binding that this world alone has, sends a text to
// the server.

/** rrweb may begin this long after the document is parsed, in milliseconds: before, it does so when nothing else is to do. */
const BEGINS_WITHIN = 500;
/** Events are sent together after so many milliseconds: who has changed something does not wait for it. */
const SENDS_AFTER = 50;

let record;
let stop;
let recordedDocument;
let waiting = [];

/** Sends what waits. */
globalThis.sendNow = () => {
  if (waiting.length > 0) recorded(JSON.stringify(waiting));
  waiting = [];
};

const send = (event) => {
  if (waiting.push(event) === 1) setTimeout(sendNow, SENDS_AFTER);
};

const prepare = () => {
  // rrweb takes prototypes that it believes are changed from a new frame, which the page would notice. It believes so of these
  // methods, since it looks for accessors: here they are. A proxy's text is that of a native function.
  for (const name of ["querySelector", "querySelectorAll"]) {
    const method = Element.prototype[name];
    const bound = function () {
      return method.bind(this);
    };
    Object.defineProperty(Element.prototype, name, { get: new Proxy(bound, {}) });
  }
  // There are no custom elements here, and rrweb asks about each element: an exception for each takes longer than the rest.
  Object.defineProperty(globalThis, "customElements", { value: { get() {} } });
  library.call(globalThis);
  return (globalThis.rrweb ?? globalThis.rrwebRecord).record;
};

const begin = () => {
  if (recordedDocument === document) return;
  recordedDocument = document;
  const isFirst = !record;
  record ??= prepare();
  stop?.();
  stop = record({
    emit: (event) => {
      send(event);
      rememberSheetsOf(event);
    },
    maskInputOptions: { input: true, select: true, textarea: true },
    errorHandler: () => true,
  });
  if (isFirst) look();
};

const sendAll = () => {
  begin();
  sendNow();
};

/** Records this document, if it is not recorded yet: a window's first, blank one can be replaced within this world. */
globalThis.recordDocument = () => {
  const beginSoon = () => requestIdleCallback(begin, { timeout: BEGINS_WITHIN });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", beginSoon, { once: true });
  else beginSoon();
  // A page that is left has a last moment, even if that comes at once. What is sent at its `pagehide` would be lost.
  addEventListener("beforeunload", sendAll);
};
recordDocument();
