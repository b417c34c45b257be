// Recordings on their way through: what src/js.rs has passed on unread. A recording can be larger than an isolate's memory.

import { begin, respond } from "./js.js";
import { redaction } from "./redaction.js";

/** Bodies on their way, by the id of the call that asked for them; `null` until they are there. */
const bodies = new Map();

/**
 * Sends a GET for what is passed on. What comes of it is status 200 when a body waits to be taken, another status with
 * `retry-after` and the body's text, or status 0 and an error's name and message. The deadline is the head's.
 */
export function relay(url, token, deadlineMs, raw, network) {
  return begin(async (id) => {
    bodies.set(id, null);
    const late = new AbortController();
    const deadline = setTimeout(() => late.abort(new DOMException("no answer in time", "TimeoutError")), deadlineMs);
    const init = { headers: { authorization: `Bearer ${token}` }, redirect: "manual", signal: late.signal };
    const response = await fetch(url, init).finally(() => clearTimeout(deadline));
    if (!response.ok) return [response.status, response.headers.get("retry-after"), await response.text()];
    if (bodies.has(id)) bodies.set(id, response.body.pipeThrough(redaction(raw, network)));
    return [200, null, ""];
  });
}

/** A response with the body that a call brought. */
export function respondRelayed(id, status, headers) {
  const body = bodies.get(id);
  bodies.delete(id);
  return respond(body, status, headers);
}

/** Nobody wants what a call brings, or has brought. */
export function dropRelayed(id) {
  bodies.get(id)?.cancel();
  bodies.delete(id);
}
