// What is taken out of recordings on their way through. No more of one is held than what may turn out to be a secret.

const REDACTED = "[redacted]";
/** What JSON is made of, beside values. */
const STRUCTURE = /["{}[\],:]/g;
/** Longer strings are not held to the end, nor is what stands around them. */
const LONG = 65_536;

/** What is in no recording, whoever asks: tokens of the form that live views' and Access' have, and signed links. */
const ALWAYS = [
  [/eyJ[\w-]{8,}(?:\.[\w-]*){2,4}/g, REDACTED],
  [/([?&]jwt(?:=|%(?:25)*3d))[^&#"'\\\s<>]+/gi, `$1${REDACTED}`],
  [/((?:\\?\/|%(?:25)*2f)l(?:\\?\/|%(?:25)*2f))\d+\.[\w-]+\.[\w-]+\.[\w-]+/gi, `$1${REDACTED}`],
];
const SECRET_PARAMETER = "[\\w.-]*(?:token|jwt|secret|password|passwd|signature|api[-_]?key)|sig|sid|auth";
/** What is in a recording for whom it belongs to. */
const BY_DEFAULT = [
  [/\b(bearer(?:\s|%20|\+)+)[\w.~+/=-]{16,}/gi, `$1${REDACTED}`],
  [new RegExp(`((?:[?&;#]|\\\\u0026|%(?:25)*3f|%(?:25)*26)(?:${SECRET_PARAMETER})(?:=|%(?:25)*3d))[^&#"'\\\\\\s<>]+`, "gi"), `$1${REDACTED}`],
];
const named = ({ source }) => new RegExp(source.replace("NAME", SECRET_PARAMETER), "gi");
/** What is in requests' and answers' texts: lines of a head, and fields of a form, of an object and of a form's parts. */
const IN_TEXTS = [
  /((?:set-)?cookie\s*:\s*|(?:proxy-)?authorization\s*:\s*)(?:[^"\\\r\n]|\\[^rn])+/gi,
  named(/("(?:NAME)=)[^&"\\\s]+/),
  named(/(\\"(?:NAME)\\"\s*:\s*\\")(?:[^"\\]|\\\\(?:\\.|[^\\])|\\[^"\\])+/),
  named(/(name=\\"(?:NAME)\\"(?:\\r\\n)+)(?:[^"\\]|\\[^rn])+/),
].map((pattern) => [pattern, `$1${REDACTED}`]);
/** Headers, parameters and lists whose values are secrets. */
const SECRET_NAME = new RegExp(
  `^(?:cookies?|set-cookie|(?:proxy-)?authorization|x-api-key|cf-access-jwt-assertion|x-csrf-token|${SECRET_PARAMETER})$`, "i");

/** A stream that takes secrets out. `network`: of requests with their headers, and not of events in a page. */
export function redaction(raw, network) {
  const patterns = raw ? ALWAYS : [...ALWAYS, ...BY_DEFAULT, ...(network ? IN_TEXTS : [])];
  const stages = [new Patterns(patterns)];
  if (network && !raw) stages.unshift(new NamedValues());
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const push = (controller, text, isLast) => {
    for (const stage of stages) text = stage.push(text, isLast);
    if (text) controller.enqueue(encoder.encode(text));
  };
  return new TransformStream({
    transform: (chunk, controller) => push(controller, decoder.decode(chunk, { stream: true }), false),
    flush: (controller) => push(controller, decoder.decode(), true),
  });
}

/** Takes out what looks like a secret. No pattern goes beyond a string's end, so that is where a text is cut. */
class Patterns {
  #patterns;
  #held = "";

  constructor(patterns) {
    this.#patterns = patterns;
  }

  push(chunk, isLast) {
    let text = this.#held + chunk;
    const end = isLast ? text.length : lastCut(text, this.#patterns);
    this.#held = text.slice(end);
    text = text.slice(0, end);
    for (const [pattern, replacement] of this.#patterns) text = text.replace(pattern, replacement);
    return text;
  }
}

/** Where a text can be cut without cutting a secret. In what is long and has no quotation mark: at white space. */
function lastCut(text, patterns) {
  let quote = text.lastIndexOf('"') + 1;
  while (quote > 1 && text[quote - 2] === "\\") quote = text.lastIndexOf('"', quote - 2) + 1;
  // Before it: what a string begins with is told by that.
  if (text.length - quote < LONG) return Math.max(quote - 1, 0);
  let cut = text.length;
  while (cut > quote && cut > text.length - LONG / 4 && !/[\s<>']/.test(text[cut - 1])) cut -= 1;
  // What is behind this word belongs to it, and what goes on for so long is no secret.
  const before = text.slice(Math.max(quote, cut - 64), cut);
  const word = /(?:bearer|cookie|authorization|\\"[\w.-]+\\")[\s:]*$/i.exec(before);
  return cutBeforeSecret(text, word ? cut - word[0].length : cut, patterns);
}

/** Not within what has white space and is a secret: before it. */
function cutBeforeSecret(text, cut, patterns) {
  const from = cut - LONG / 4;
  for (const [pattern] of patterns) {
    for (const { 0: secret, index } of text.slice(from).matchAll(pattern)) {
      if (from + index < cut && cut <= from + index + secret.length) cut = from + index;
    }
  }
  return cut;
}

/**
 * Takes out the values of headers and parameters that are secrets, in JSON, however they are written: `{"name": …, "value": …}`
 * in either order, `{"cookie": …}`, `["cookie", …]`, and `"cookies": [{…}]`.
 */
class NamedValues {
  /** What has not been understood yet. */
  #rest = "";
  /** The objects and arrays that are open. */
  #open = [{}];
  /** Of a string that goes on: whether it is a secret. */
  #long;
  /** What was understood, in pieces: values can be taken out of it until their names are known. */
  #pieces = [];
  #pieceLength = 0;

  push(chunk, isLast) {
    const text = this.#rest + chunk;
    let at = 0;
    while (at < text.length) {
      const next = this.#long === undefined ? this.#token(text, at) : this.#goOn(text, at);
      if (next === undefined) break;
      at = next;
    }
    this.#rest = text.slice(at);
    if (isLast && this.#long === false) this.#put(this.#rest);
    return this.#take(isLast);
  }

  #put(piece) {
    this.#pieces.push(piece);
    this.#pieceLength += piece.length;
  }

  /** What stands before the first value that waits for its name. None waits for long: then it is taken for a secret. */
  #take(isLast) {
    const waiting = this.#open.filter(({ held }) => held !== undefined);
    if (waiting.length > 0 && !isLast) {
      const text = this.#pieces.splice(0, waiting[0].held).join("");
      this.#pieceLength -= text.length;
      for (const open of waiting) open.held -= waiting[0].held;
      if (this.#pieceLength < LONG) return text;
      return text + this.#take(true);
    }
    for (const open of waiting) {
      this.#pieces[open.held] = `"${REDACTED}"`;
      open.held = undefined;
    }
    this.#pieceLength = 0;
    return this.#pieces.splice(0).join("");
  }

  /** Understands what comes next; answers where it ends, if it does. */
  #token(text, at) {
    STRUCTURE.lastIndex = at;
    const found = STRUCTURE.exec(text);
    if (!found) {
      this.#put(text.slice(at));
      return text.length;
    }
    const { index } = found;
    const top = this.#open.at(-1);
    if (found[0] === '"') {
      this.#put(text.slice(at, index));
      const end = endOfString(text, index + 1);
      if (end !== undefined) return this.#string(top, text.slice(index, end), end);
      if (text.length - index > LONG) return this.#begin(top, index);
      // It waits for its end.
      return index > at ? index : undefined;
    }
    this.#put(text.slice(at, index + 1));
    if (found[0] === "{") this.#open.push({ isObject: true, isKey: true, isSecret: hidesWithin(top) });
    else if (found[0] === "[") this.#open.push({ key: top.key, isSecret: hidesWithin(top), names: 0 });
    else if (found[0] === ",") top.isKey = top.isObject;
    else if (found[0] === ":") top.isKey = false;
    else if (this.#open.length > 1) this.#open.pop();
    return index + 1;
  }

  /** A string that is too long to wait for its end, or for its name. */
  #begin(top, index) {
    if (top.isKey) top.key = "";
    this.#long = !top.isKey && (isSecret(top) || waitsForName(top));
    this.#put(this.#long ? `"${REDACTED}` : '"');
    return index + 1;
  }

  #goOn(text, at) {
    const end = endOfString(text, at);
    const to = end === undefined ? text.length - backslashesBefore(text, text.length, at) : end - 1;
    if (!this.#long) this.#put(text.slice(at, to));
    if (end === undefined) return to > at ? to : undefined;
    this.#put('"');
    this.#long = undefined;
    return end;
  }

  #string(top, string, end) {
    if (top.isKey) top.key = short(string);
    else if (isSecret(top)) string = `"${REDACTED}"`;
    else if (top.isObject && top.key === "name") this.#nameIs(top, short(string));
    else if (waitsForName(top)) top.held = this.#pieces.length;
    else if (!top.isObject && top.names === 0) top.name = short(string);
    if (!top.isObject) top.names += 1;
    this.#put(string);
    return end;
  }

  #nameIs(top, name) {
    top.name = name;
    if (top.held !== undefined && SECRET_NAME.test(name)) this.#pieces[top.held] = `"${REDACTED}"`;
    top.held = undefined;
  }
}

/** Whether a string that stands here is a secret. */
function isSecret({ isObject, key, name, names, isSecret }) {
  if (!isObject) return SECRET_NAME.test(key) || (names === 1 && SECRET_NAME.test(name));
  return SECRET_NAME.test(key) || (key === "value" && (isSecret || SECRET_NAME.test(name)));
}

/** Whether a string that stands here may be one, by a name that comes behind it. */
function waitsForName({ isObject, key, name }) {
  return isObject && key === "value" && name === undefined;
}

/** Whether the values of objects in here are. */
function hidesWithin({ key, isSecret }) {
  return isSecret || SECRET_NAME.test(key);
}

/** A string's value, where it is short enough for a name. */
function short(string) {
  if (string.length > 200) return "";
  try {
    return JSON.parse(string);
  } catch {
    return "";
  }
}

/** Behind the quotation mark that ends a string whose inside begins here. */
function endOfString(text, from) {
  for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    if (backslashesBefore(text, quote, from) % 2 === 0) return quote + 1;
  }
}

function backslashesBefore(text, end, from) {
  let at = end;
  while (at > from && text[at - 1] === "\\") at -= 1;
  return end - at;
}
