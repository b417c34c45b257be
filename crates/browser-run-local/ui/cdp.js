// CDP over one WebSocket: commands with their answers, events with their sessions.

export class Cdp {
  #socket;
  #lastId = 0;
  #waiting = new Map();
  #handlers = new Map();

  constructor(url) {
    this.#socket = new WebSocket(url);
    this.opened = new Promise((done) => this.#socket.addEventListener("open", done));
    this.closed = new Promise((done) => this.#socket.addEventListener("close", done));
    this.#socket.addEventListener("message", ({ data }) => this.#hear(JSON.parse(data)));
    this.closed.then(() => this.#waiting.forEach(({ reject }) => reject(new Error("the connection is closed"))));
  }

  /** The result of a command, for one session or for the connection's own target. */
  send(method, params = {}, sessionId = undefined) {
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** `handler` is given an event's parameters and its session. */
  on(event, handler) {
    this.#handlers.set(event, [...(this.#handlers.get(event) ?? []), handler]);
  }

  #hear({ id, result, error, method, params, sessionId }) {
    if (id === undefined) {
      for (const handler of this.#handlers.get(method) ?? []) handler(params, sessionId);
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }
}
