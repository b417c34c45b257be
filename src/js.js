// What src/js.rs has done in JavaScript: each is one call over, where its parts would be five or ten.

import { __wbg_reset_state as beginAnew, settle } from "./index.js";

/** Which instance of the WebAssembly this is: with a panic one ends, what was in it is gone, and there is a new one. */
export let instanceId = 0;

export function ended() {
  instanceId += 1;
  beginAnew();
}

let lastId = 0;

/** Begins some work; answers its number, by which `settle` is told once what comes of it: a status, a note and a text. */
export function begin(work) {
  const id = ++lastId;
  work(id).catch(failure).then(teller(id));
  return id;
}

/** What tells it, unless the instance that waits has ended. */
function teller(id) {
  const instance = instanceId;
  return (outcome) => {
    if (instance === instanceId) settle(id, ...outcome);
  };
}

function failure(error) {
  return [0, String(error?.name), String(error?.message)];
}

/**
 * Sends one HTTP request. What comes of it is status, `retry-after` and body, or status 0 and an error's name and message. The
 * deadline is the body's too. A redirect is not followed: the token is for this host alone.
 */
export function exchange(binding, method, url, token, body, deadlineMs) {
  const headers = {};
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  const init = { method, headers, body, redirect: "manual", signal: AbortSignal.timeout(deadlineMs) };
  return begin(async () => {
    const response = await (binding === undefined ? fetch(url, init) : binding.fetch(url, init));
    const { status } = response;
    const retryAfter = status === 429 || status === 503 ? response.headers.get("retry-after") : null;
    return [status, retryAfter, await response.text()];
  });
}

/** Asks a Durable Object by RPC. What comes of it is status 200 and the answer, or 0 and what failed. */
export function ask(stub, name, input, deadlineMs) {
  const id = begin(async () => [200, null, String(await stub.ask(name, input))]);
  const late = { name: "TimeoutError", message: `no answer within ${deadlineMs} ms` };
  // Not cleared, which costs 20 µs: it ends with the request that asks, and nobody hears of what has been settled.
  setTimeout(teller(id), deadlineMs, failure(late));
  return id;
}

/**
 * Whether an RSA key, of this modulus and exponent in base64url, has signed what is UTF-8 text here, by RSASSA-PKCS1-v1_5 with
 * SHA-256. What comes of it is status 200 and `true` or `false`, or 0 and what failed.
 */
export function verify(n, e, signature, signed) {
  // Of the caller's memory, which is another's once this waits.
  signature = signature.slice();
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  return begin(async () => {
    // Not as the key set has it: what a key may be used for is said here.
    const key = await crypto.subtle.importKey("jwk", { kty: "RSA", n, e }, algorithm, false, ["verify"]);
    const verified = await crypto.subtle.verify(algorithm, key, signature, new TextEncoder().encode(signed));
    return [200, null, String(verified)];
  });
}

/** A request's body as text. */
export function textOf(request) {
  return begin(async () => [200, null, await request.text()]);
}

/** What comes of a promise: nothing but that it is settled. */
export function settled(promise) {
  return begin(async () => (await promise, [200, null, ""]));
}

const timers = new Map();

/** Settles after so many milliseconds. */
export function timer(milliseconds) {
  return begin((id) => new Promise((over) => timers.set(id, setTimeout(over, milliseconds, [200, null, ""]))));
}

export function clearTimer(id) {
  clearTimeout(timers.get(id));
  timers.delete(id);
}

/** A body that is sent while it is written. Nobody is told that its reader has left. */
export class Pieces {
  constructor() {
    const { readable, writable } = new TextEncoderStream();
    this.readable = readable;
    this.writer = writable.getWriter();
  }

  write(text) {
    this.writer.write(text).catch(() => {});
  }

  close() {
    this.writer.close().catch(() => {});
  }
}

/** A stub of a Durable Object. */
export function stubOf(env, binding, name) {
  return env[binding].getByName(name);
}

/** A request's lines: method, URL, and of each header its name and its value. */
export function linesOf(request) {
  let lines = `${request.method}\n${request.url}`;
  // An iterator's pairs take three times as long.
  request.headers.forEach((value, name) => (lines += `\n${name}\n${value}`));
  return lines;
}

/** A response; `headers` are the JSON of pairs. Itself, `Response` takes pairs in twice the time of an object. */
export function respond(body, status, headers) {
  return new Response(body, { status, headers: Object.fromEntries(JSON.parse(headers)) });
}
