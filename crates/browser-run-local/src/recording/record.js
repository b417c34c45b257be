// Runs in each document before the page's own scripts, in a world of its own: it shares the document with them, and no
// object. `library`, rrweb as a function, is above it here; `recorded`, a binding that this world alone has, sends a text to
// the server.

/** rrweb may begin this long after the document is parsed, in milliseconds: before, it does so when nothing else is to do. */
const BEGINS_WITHIN = 500;

let record;
let stop;
let recordedDocument;

const prepare = () => {
  // rrweb takes prototypes that it believes are changed from a new frame, which the page would notice. Nobody but us can
  // have changed this world's.
  const create = Document.prototype.createElement;
  Document.prototype.createElement = function (name, ...options) {
    if (name === "iframe") throw new Error("no frames");
    return create.call(this, name, ...options);
  };
  // There are no custom elements here, and rrweb asks about each element: an exception for each takes longer than the rest.
  Object.defineProperty(globalThis, "customElements", { value: { get() {} } });
  library.call(globalThis);
  return (globalThis.rrweb ?? globalThis.rrwebRecord).record;
};

const begin = () => {
  if (recordedDocument === document) return;
  recordedDocument = document;
  record ??= prepare();
  stop?.();
  stop = record({
    emit: (event) => recorded(JSON.stringify(event)),
    maskInputOptions: { input: true, select: true, textarea: true },
    errorHandler: () => true,
  });
};

/** Records this document, if it is not recorded yet: a window's first, blank one can be replaced within this world. */
globalThis.recordDocument = () => {
  const beginSoon = () => requestIdleCallback(begin, { timeout: BEGINS_WITHIN });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", beginSoon, { once: true });
  else beginSoon();
};
recordDocument();
