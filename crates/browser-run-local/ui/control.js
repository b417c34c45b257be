// What somebody in control can do: input of every kind, and answers to what the page asks for.

import { putIntoClipboard } from "/ui/clipboard.js";
import { fileChooser } from "/ui/files.js";
import { forwardKeys, reloads } from "/ui/keyboard.js";
import { forwardMouse } from "/ui/mouse.js";
import { PageSide } from "/ui/page_side.js";
import { Pickers } from "/ui/pickers.js";
import { forwardTouch } from "/ui/touch.js";

/** For how long what the page asks for may be due to this viewer's hands, not to another's. */
const OWN_MS = 3000;
const HOVERS = ["mouseMoved", "mouseWheel"];

export class Control {
  #canvas;
  #field;
  #picture;
  #view;
  #pickers;
  #chooser;
  #side;
  /** When this viewer last did something, and last moved the mouse. */
  #acted = -Infinity;
  #moved = -Infinity;
  #pointer = { x: innerWidth / 2, y: innerHeight / 3 };

  /**
   * `canvas` and `field` take the input, `picture` knows where it is, `view` has `cdp`, `socket`, `tell(method, params)`
   * and `isOver()`.
   */
  constructor({ canvas, field, picture, view }) {
    [this.#canvas, this.#field, this.#picture, this.#view] = [canvas, field, picture, view];
    this.#chooser = fileChooser(view.socket, () => this.focus());
    this.#pickers = new Pickers({
      place: (at) => picture.place(at),
      choose: (...chosen) => this.#side.choose(...chosen),
      done: () => this.focus(),
    });
    this.#side = new PageSide(view.cdp, {
      hear: (...told) => this.#hear(...told),
      chooseFiles: (...asked) => this.#isOwn() && this.#chooseFiles(...asked),
    });
    this.#forward();
  }

  /** From now on, it is this session's page. */
  attend(session) {
    return this.#side.attend(session);
  }

  /** Puts the keyboard's focus on the page. */
  focus() {
    this.#field.focus({ preventScroll: true });
  }

  #forward() {
    const point = (event) => this.#picture.point(event);
    const tell = (method, params) => this.#tell(method, params);
    const keepPointer = ({ clientX, clientY }) => (this.#pointer = { x: clientX, y: clientY });
    addEventListener("pointerdown", keepPointer, true);
    this.#canvas.addEventListener("pointerdown", () => this.#pickers.hideSuggestions());
    forwardMouse(this.#canvas, point, tell, () => this.focus());
    forwardTouch(this.#canvas, point, (...command) => [tell(...command), this.focus()]);
    forwardKeys(this.#field, tell, () => this.#field.blur());
    addEventListener("keydown", (event) => {
      const wanted = !this.#view.isOver() && reloads(event);
      if (!wanted) return;
      event.preventDefault();
      tell("Page.reload", wanted);
    });
  }

  #tell(method, params) {
    this.#moved = performance.now();
    if (!HOVERS.includes(params.type)) this.#acted = this.#moved;
    return this.#view.tell(method, params);
  }

  #isOwn() {
    return performance.now() - this.#acted < OWN_MS;
  }

  #hear(what, session, context) {
    const asked = { ...what, session, context };
    if (what.kind === "cursor" && performance.now() - this.#moved < OWN_MS) this.#canvas.style.cursor = what.cursor;
    if (what.kind === "focus") this.#placeField(what);
    if (!this.#isOwn()) return;
    if (what.kind === "copied") putIntoClipboard(what.text);
    if (what.kind === "suggest") this.#pickers.suggest(asked, this.#pointer);
    if (what.kind === "enterSuggestions") this.#pickers.enterSuggestions();
    if (what.kind === "pick") {
      this.#closePopup();
      this.#pickers.pick(asked, this.#pointer);
    }
  }

  /** Chromium's own popup takes Escape before the page does. */
  #closePopup() {
    for (const type of ["rawKeyDown", "keyUp"]) {
      const key = { type, key: "Escape", code: "Escape", windowsVirtualKeyCode: 27 };
      this.#view.tell("Input.dispatchKeyEvent", key);
    }
  }

  /** Input methods open beside what is written; phones show their keyboard where there is something to write into. */
  #placeField({ editable, mode, box }) {
    this.#field.inputMode = editable ? mode : "none";
    if (!box || !this.#picture.metadata) return;
    const { x, y } = this.#picture.place({ x: box.left, y: box.bottom });
    Object.assign(this.#field.style, { left: `${Math.max(0, x)}px`, top: `${Math.max(0, y - 20)}px` });
  }

  async #chooseFiles({ backendNodeId, mode }, session) {
    const { node } = await this.#view.cdp.send("DOM.describeNode", { backendNodeId }, session);
    const at = node.attributes.indexOf("accept");
    const accept = at % 2 === 0 ? node.attributes[at + 1] : "";
    const set = (files) => this.#view.cdp.send("DOM.setFileInputFiles", { files, backendNodeId }, session);
    this.#chooser({ multiple: mode === "selectMultiple", accept }, set);
  }
}
