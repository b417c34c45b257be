// What a recorded page could still do while it is replayed: sandbox and policy keep it from loading and running anything, but not
// a browser from connecting to hosts that a page only names (`preconnect`), or is about to be refused (a frame's).

const FULL_SNAPSHOT = 2;
const INCREMENTAL = 3;

/** The same events, in which a `link` is a style sheet or nothing, and neither a `meta` nor a frame asks for anything. */
export function harmless(events) {
  const frames = new Set();
  for (const { type, data } of events) {
    if (type === FULL_SNAPSHOT) disarm(data.node, frames);
    if (type !== INCREMENTAL) continue;
    for (const { node } of data.adds ?? []) disarm(node, frames);
    for (const { id, attributes } of data.attributes ?? []) unlink(attributes, frames.has(id));
  }
  return events;
}

function disarm(root, frames) {
  const nodes = [root];
  for (let node = nodes.pop(); node; node = nodes.pop()) {
    const isFrame = /^i?frame$/i.test(node.tagName);
    if (isFrame) frames.add(node.id);
    unlink(node.attributes ?? {}, isFrame);
    if (node.childNodes) nodes.push(...node.childNodes);
  }
}

/** What a frame shows is in the events: it needs no address. */
const OF_FRAMES = ["src", "srcdoc", "rr_src"];

function unlink(attributes, isFrame) {
  const isStyleSheet = /^\s*stylesheet\s*$/i.test(attributes.rel);
  if (!isStyleSheet) delete attributes.rel;
  for (const name of ["http-equiv", "ping", ...(isFrame ? OF_FRAMES : [])]) delete attributes[name];
}
