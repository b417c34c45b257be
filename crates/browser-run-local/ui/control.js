// What somebody in control can do beside clicking: input of every kind, and what the page asks back for.

import { putIntoClipboard } from "/ui/clipboard.js";
import { fileChooser } from "/ui/files.js";
import { forwardKeys, reloads } from "/ui/keyboard.js";
import { forwardMouse } from "/ui/mouse.js";
import { PageSide } from "/ui/page_side.js";
import { Pickers } from "/ui/pickers.js";
import { forwardTouch } from "/ui/touch.js";

/** For how long what the page asks may be due to this viewer's hands, not to another's. */
const OWN_MS = 3000;
const HOVERS = ["mouseMoved", "mouseWheel"];

/**
 * `canvas` and `field` take the input, `picture` knows where it is, `view` has `cdp`, `socket`, `tell(method, params)` and
 * `isOver()`. Answers `attend(session)`, for the session of each page that is shown, and `focus()`.
 */
export function control({ canvas, field, picture, view }) {
  let lastAct = -Infinity;
  let lastMove = -Infinity;
  let pointer = { x: innerWidth / 2, y: innerHeight / 3 };
  const isOwn = () => performance.now() - lastAct < OWN_MS;
  const tell = (method, params) => {
    lastMove = performance.now();
    if (!HOVERS.includes(params.type)) lastAct = lastMove;
    return view.tell(method, params);
  };
  const focus = () => field.focus({ preventScroll: true });
  const point = (event) => picture.point(event);
  const pickers = new Pickers({
    place: (at) => picture.place(at),
    choose: (...chosen) => side.choose(...chosen),
    done: focus,
  });
  const ask = fileChooser(view.socket, focus);
  const side = new PageSide(view.cdp, hear, (event, session) => isOwn() && files(event, session));

  addEventListener("pointerdown", ({ clientX, clientY }) => (pointer = { x: clientX, y: clientY }), true);
  canvas.addEventListener("pointerdown", () => pickers.hideSuggestions());
  forwardMouse(canvas, point, tell, focus);
  forwardTouch(canvas, point, (...command) => [tell(...command), focus()]);
  forwardKeys(field, tell, () => field.blur());
  addEventListener("keydown", (event) => {
    const wanted = !view.isOver() && reloads(event);
    if (!wanted) return;
    event.preventDefault();
    tell("Page.reload", wanted);
  });

  function hear(what, session, context) {
    const asked = { ...what, session, context };
    if (what.kind === "cursor" && performance.now() - lastMove < OWN_MS) canvas.style.cursor = what.cursor;
    if (what.kind === "focus") place(what);
    if (!isOwn()) return;
    if (what.kind === "copied") putIntoClipboard(what.text);
    if (what.kind === "suggest") pickers.suggest(asked, pointer);
    if (what.kind === "enterSuggestions") pickers.enterSuggestions();
    if (what.kind === "pick") {
      closePopup();
      pickers.pick(asked, pointer);
    }
  }

  /** Chromium's own popup takes Escape before the page does. */
  function closePopup() {
    for (const type of ["rawKeyDown", "keyUp"]) {
      view.tell("Input.dispatchKeyEvent", { type, key: "Escape", code: "Escape", windowsVirtualKeyCode: 27 });
    }
  }

  /** Input methods open beside what is written; phones show their keyboard where there is something to write into. */
  function place({ editable, mode, box }) {
    field.inputMode = editable ? mode : "none";
    if (!box || !picture.metadata) return;
    const { x, y } = picture.place({ x: box.left, y: box.bottom });
    Object.assign(field.style, { left: `${Math.max(0, x)}px`, top: `${Math.max(0, y - 20)}px` });
  }

  async function files({ backendNodeId, mode }, session) {
    const { node } = await view.cdp.send("DOM.describeNode", { backendNodeId }, session);
    const at = node.attributes.indexOf("accept");
    const accept = at % 2 === 0 ? node.attributes[at + 1] : "";
    ask({ multiple: mode === "selectMultiple", accept }, (paths) =>
      view.cdp.send("DOM.setFileInputFiles", { files: paths, backendNodeId }, session),
    );
  }

  return { attend: (session) => side.attend(session), focus };
}
