// What runs in the page for a view that is in control: puts it there, in every frame, and hears what it tells.

const FILES = ["in_page.js", "in_page_pickers.js", "in_page_hints.js"];

/** Names that no other view of the same page has. */
const NAME = `liveView${Math.random().toString(36).slice(2)}`;

export class PageSide {
  #cdp;
  #script;
  /** The shown page's CDP session and those of its frames of other sites. */
  #sessions = new Set();

  /** `hear(what, session, context)` is given what is told; `chooseFiles(event, session)` what wants files. */
  constructor(cdp, { hear, chooseFiles }) {
    this.#cdp = cdp;
    this.#script = script();
    cdp.on("Runtime.bindingCalled", ({ name, payload, executionContextId }, session) => {
      if (name === NAME && this.#sessions.has(session)) hear(JSON.parse(payload), session, executionContextId);
    });
    cdp.on("Page.fileChooserOpened", (event, session) => {
      if (this.#sessions.has(session)) chooseFiles(event, session);
    });
    cdp.on("Target.attachedToTarget", ({ sessionId, targetInfo }, session) => {
      if (targetInfo.type === "iframe" && this.#sessions.has(session)) this.#attend(sessionId);
    });
  }

  /** From now on, it is this session's page. */
  async attend(session) {
    this.#sessions.clear();
    await this.#attend(session);
  }

  async #attend(session) {
    this.#sessions.add(session);
    const source = await this.#script;
    // While a dialog is open, the page answers none of it: later ones don't wait for earlier ones.
    const send = (method, params) =>
      this.#cdp.send(method, params, session).catch((error) => console.debug(method, error));
    send("Page.enable");
    send("Page.setInterceptFileChooserDialog", { enabled: true });
    send("Runtime.enable");
    send("Runtime.addBinding", { name: NAME, executionContextName: NAME });
    send("Page.addScriptToEvaluateOnNewDocument", { source, worldName: NAME, runImmediately: true });
    const filter = [{ type: "iframe" }];
    send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: true, filter });
  }

  /** Has the page set what somebody has chosen for what it asked. */
  choose({ session, context, id }, value, isLast) {
    const expression = `choose(${id}, ${JSON.stringify(value)}, ${isLast})`;
    this.#cdp
      .send("Runtime.evaluate", { expression, contextId: context, userGesture: true }, session)
      .catch((error) => console.debug(error));
  }
}

async function script() {
  const texts = await Promise.all(FILES.map(async (name) => (await fetch(`/ui/${name}`)).text()));
  return [`globalThis.liveViewTells = globalThis.${NAME};`, ...texts].join("\n");
}
