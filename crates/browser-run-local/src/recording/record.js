// Runs in each document before the page's own scripts, in a world of its own: it shares the document with them, and no
// object. rrweb is above it here; `recorded`, a binding that this world alone has, sends a text to the server.

// rrweb takes prototypes that it believes are changed from a new frame, which the page would notice. Nobody but us can
// have changed this world's.
const create = Document.prototype.createElement;
Document.prototype.createElement = function (name, ...options) {
  if (name === "iframe") throw new Error("no frames");
  return create.call(this, name, ...options);
};

const { record } = globalThis.rrweb ?? globalThis.rrwebRecord;
let recordedDocument;
let stop;

/** Records this document, if it is not recorded yet: a window's first, blank one can be replaced within this world. */
globalThis.recordDocument = () => {
  if (recordedDocument === document) return;
  recordedDocument = document;
  stop?.();
  stop = record({
    emit: (event) => recorded(JSON.stringify(event)),
    maskInputOptions: { input: true, select: true, textarea: true },
    recordAfter: "DOMContentLoaded",
    errorHandler: () => true,
  });
};
recordDocument();
