// What a recorded page could still do while it is replayed: neither sandbox nor policy keep a browser from connecting to hosts
// that a page only names (`preconnect`, `dns-prefetch`). Everything else that it would load or run is theirs to stop.

const FULL_SNAPSHOT = 2;
const INCREMENTAL = 3;

/** The same events, in which a `link` is a style sheet or nothing, and a `meta` asks for nothing. */
export function harmless(events) {
  for (const { type, data } of events) {
    if (type === FULL_SNAPSHOT) disarm(data.node);
    if (type !== INCREMENTAL) continue;
    for (const { node } of data.adds ?? []) disarm(node);
    for (const { attributes } of data.attributes ?? []) if (attributes && typeof attributes === "object") unlink(attributes);
  }
  return events;
}

function disarm(root) {
  const nodes = [root];
  for (let node = nodes.pop(); node; node = nodes.pop()) {
    if (node.attributes) unlink(node.attributes);
    // The sandbox stops a refresh as well.
    if (node.tagName === "meta") delete node.attributes["http-equiv"];
    if (node.childNodes) nodes.push(...node.childNodes);
  }
}

function unlink(attributes) {
  if (typeof attributes.rel === "string" && !/^\s*stylesheet\s*$/i.test(attributes.rel)) delete attributes.rel;
  delete attributes.ping;
}
