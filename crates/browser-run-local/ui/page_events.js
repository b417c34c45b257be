// What the server sees of a session's pages beside their pictures: open dialogs, windows that pages opened, downloads.

/** A URL beside a link's page: `socket` is `HOST/api/devtools/…/page/…?jwt=…`, `path` goes before its query. */
export function beside(socket, path) {
  const [page, credential] = socket.split("?");
  return `${page}${path}?${credential}`;
}

export class PageEvents {
  #socket;

  /** `hear` is given all of it, now and whenever something is different. */
  constructor(socket, hear) {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.#socket = new WebSocket(`${scheme}://${beside(socket, "/events")}`);
    this.#socket.addEventListener("message", ({ data }) => hear(JSON.parse(data)));
  }

  /** Answers a target's dialog. The server ignores it when somebody else was faster. */
  answer(targetId, accept, promptText) {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ targetId, accept, promptText }));
    }
  }
}
