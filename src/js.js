// What src/js.rs has done in JavaScript: each is one call over, where its parts would be five or ten.

// Futures take their turn by this, nine times a click. The platform's own takes 20 µs, a promise's one.
const settled = Promise.resolve();
globalThis.queueMicrotask = (task) => void settled.then(task);

/**
 * Sends one HTTP request. `settle` is told its id once, with status, `retry-after` and body, or with status 0 and an error's
 * name and message. The deadline is the body's too. A redirect is not followed: the token is for this host alone.
 */
export function exchange(settle, id, binding, method, url, token, body, deadlineMs) {
  const headers = {};
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  const init = { method, headers, body, redirect: "manual", signal: AbortSignal.timeout(deadlineMs) };
  return outcome(settle, id, async () => {
    const response = await (binding === undefined ? fetch(url, init) : binding.fetch(url, init));
    const { status } = response;
    const retryAfter = status === 429 || status === 503 ? response.headers.get("retry-after") : null;
    return [status, retryAfter, await response.text()];
  });
}

/** Asks a Durable Object by RPC. `settle` is told the id once, with status 200 and the answer, or with 0 and what failed. */
export function ask(settle, id, stub, name, input, deadlineMs) {
  const late = { name: "TimeoutError", message: `no answer within ${deadlineMs} ms` };
  // Not cleared, which costs 20 µs: it ends with the request that asks, and nobody hears of what has been settled.
  setTimeout(() => settle(id, ...failure(late)), deadlineMs);
  return outcome(settle, id, async () => [200, null, String(await stub.ask(name, input))]);
}

/**
 * Whether an RSA key, of this modulus and exponent in base64url, has signed what is UTF-8 text here, by RSASSA-PKCS1-v1_5 with
 * SHA-256. `settle` is told the id once, with status 200 and `true` or `false`, or with 0 and what failed.
 */
export function verify(settle, id, n, e, signature, signed) {
  // Of the caller's memory, which is another's once this waits.
  signature = signature.slice();
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  return outcome(settle, id, async () => {
    // Not as the key set has it: what a key may be used for is said here.
    const key = await crypto.subtle.importKey("jwk", { kty: "RSA", n, e }, algorithm, false, ["verify"]);
    const verified = await crypto.subtle.verify(algorithm, key, signature, new TextEncoder().encode(signed));
    return [200, null, String(verified)];
  });
}

/** Tells `settle` what comes of some work, or what failed. */
async function outcome(settle, id, work) {
  settle(id, ...(await work().catch(failure)));
}

function failure(error) {
  return [0, String(error?.name), String(error?.message)];
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
