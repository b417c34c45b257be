// Keys, composed text and pasted text for the page. They go to a field that nobody sees, since input methods, emoji
// pickers and phones' keyboards only write into fields.

import { modifiers } from "/ui/modifiers.js";

/** What is in the field, so that there is something for a phone's backspace to delete. */
const FILLING = " ";
/** Keys that are no key yet: what they make comes as text. */
const UNFINISHED = ["Dead", "Process", "Unidentified"];
const IS_MAC = /Mac|iP(hone|ad)/.test(navigator.platform);
/** On a Mac, editing goes by other keys than in the page's Chromium. */
const MAC_COMMANDS = { a: "selectAll", c: "copy", x: "cut", y: "redo", z: "undo" };
/** What a phone's keyboard does instead of pressing keys. */
const EDITS = {
  deleteContentBackward: { key: "Backspace", windowsVirtualKeyCode: 8 },
  deleteContentForward: { key: "Delete", windowsVirtualKeyCode: 46 },
  deleteWordBackward: { key: "Backspace", windowsVirtualKeyCode: 8, modifiers: 2 },
  insertLineBreak: { key: "Enter", windowsVirtualKeyCode: 13, text: "\r" },
  insertParagraph: { key: "Enter", windowsVirtualKeyCode: 13, text: "\r" },
};

/** `tell` sends a command; `leave` takes the focus from the page. */
export function forwardKeys(field, tell, leave) {
  const empty = () => {
    field.value = FILLING;
    field.setSelectionRange(FILLING.length, FILLING.length);
  };
  empty();
  const key = (event) => {
    if (isUnfinished(event) || isPaste(event) || reloads(event)) return;
    event.preventDefault();
    if (event.key === "Escape" && event.shiftKey) return event.type === "keydown" && leave();
    tell("Input.dispatchKeyEvent", command(event));
  };
  field.addEventListener("keydown", key);
  field.addEventListener("keyup", key);
  field.addEventListener("compositionupdate", ({ data }) => compose(data, tell));
  field.addEventListener("compositionend", ({ data }) => {
    if (data) tell("Input.insertText", { text: data });
    else compose("", tell);
    empty();
  });
  field.addEventListener("input", (event) => {
    if (event.isComposing || event.inputType.includes("Composition")) return;
    edit(event, tell);
    empty();
  });
  field.addEventListener("paste", (event) => {
    event.preventDefault();
    tell("Input.insertText", { text: event.clipboardData.getData("text/plain") });
  });
}

/** Whether a key is to load the page anew, and then whether past its cache. */
export function reloads({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  const asks = key === "F5" || ((ctrlKey || metaKey) && key.toLowerCase() === "r");
  return asks && !altKey ? { ignoreCache: shiftKey || (key === "F5" && ctrlKey) } : undefined;
}

function isUnfinished(event) {
  return event.isComposing || event.keyCode === 229 || UNFINISHED.includes(event.key);
}

/** Its text comes with the `paste` event. */
function isPaste({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  return ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === "v") || (shiftKey && !ctrlKey && key === "Insert");
}

function compose(text, tell) {
  tell("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
}

function edit({ inputType, data }, tell) {
  const key = EDITS[inputType];
  if (!key) return data && tell("Input.insertText", { text: data });
  tell("Input.dispatchKeyEvent", { type: key.text ? "keyDown" : "rawKeyDown", ...key });
  return tell("Input.dispatchKeyEvent", { type: "keyUp", ...key, text: undefined });
}

function command(event) {
  const text = event.type === "keyup" ? undefined : typed(event);
  const isThirdLevel = isThirdLevelText(event);
  return {
    type: event.type === "keyup" ? "keyUp" : text ? "keyDown" : "rawKeyDown",
    // They made the character, and are nothing more to the page.
    modifiers: isThirdLevel ? modifiers({ shiftKey: event.shiftKey }) : modifiers(event),
    text,
    key: event.key,
    code: event.code,
    windowsVirtualKeyCode: event.keyCode,
    autoRepeat: event.repeat,
    location: event.location,
    isKeypad: event.location === KeyboardEvent.DOM_KEY_LOCATION_NUMPAD,
    commands: IS_MAC && event.metaKey && event.type === "keydown" ? macCommands(event) : undefined,
  };
}

/** The character that a key writes, if it writes one. */
function typed(event) {
  if (event.key === "Enter") return "\r";
  if ([...event.key].length !== 1) return undefined;
  return (event.ctrlKey || event.metaKey) && !isThirdLevelText(event) ? undefined : event.key;
}

/** AltGr's characters, such as `@` and `€`: Windows says Ctrl and Alt are held, a Mac that Option is. */
function isThirdLevelText(event) {
  if ([...event.key].length !== 1 || event.metaKey) return false;
  const isShortcut = [`Key${event.key.toUpperCase()}`, `Digit${event.key}`].includes(event.code);
  const byBoth = event.ctrlKey && event.altKey && !isShortcut;
  return byBoth || event.getModifierState("AltGraph") || (IS_MAC && event.altKey && !event.ctrlKey);
}

function macCommands({ key, shiftKey }) {
  const name = shiftKey && key.toLowerCase() === "z" ? "redo" : MAC_COMMANDS[key.toLowerCase()];
  return name ? [name] : undefined;
}
