// Mouse, wheel, keys and pasted text on the picture, as CDP commands for the page.

const BUTTONS = ["left", "middle", "right", "back", "forward"];

/** `measures()` are those of the picture, as the screencast gives them; `tell` sends a command. */
export function forwardInput(canvas, measures, tell) {
  const mouse = (type, event, more) => {
    const metadata = measures();
    if (!metadata) return;
    const box = canvas.getBoundingClientRect();
    tell("Input.dispatchMouseEvent", {
      type,
      x: ((event.clientX - box.left) / box.width) * metadata.deviceWidth,
      y: ((event.clientY - box.top) / box.height) * metadata.deviceHeight - metadata.offsetTop,
      modifiers: modifiers(event),
      buttons: event.buttons,
      ...more,
    });
  };
  const pressed = (event) => ({ button: BUTTONS[event.button] ?? "none", clickCount: Math.max(event.detail, 1) });

  canvas.addEventListener("mousedown", (event) => {
    event.preventDefault();
    canvas.focus();
    mouse("mousePressed", event, pressed(event));
  });
  addEventListener("mouseup", (event) => {
    if (document.activeElement === canvas) mouse("mouseReleased", event, pressed(event));
  });
  canvas.addEventListener("mousemove", (event) => mouse("mouseMoved", event, { button: held(event) }));
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      mouse("mouseWheel", event, { deltaX: event.deltaX, deltaY: event.deltaY });
    },
    { passive: false },
  );
  canvas.addEventListener("keydown", (event) => key(event, tell));
  canvas.addEventListener("keyup", (event) => key(event, tell));
  addEventListener("paste", (event) => {
    if (document.activeElement !== canvas) return;
    event.preventDefault();
    tell("Input.insertText", { text: event.clipboardData.getData("text/plain") });
  });
}

function key(event, tell) {
  const command = event.ctrlKey || event.metaKey;
  // Its text comes with the `paste` event.
  if (command && event.key.toLowerCase() === "v") return;
  event.preventDefault();
  const typed = event.key === "Enter" ? "\r" : event.key.length === 1 && !command ? event.key : undefined;
  tell("Input.dispatchKeyEvent", {
    type: event.type === "keyup" ? "keyUp" : typed ? "keyDown" : "rawKeyDown",
    modifiers: modifiers(event),
    text: event.type === "keyup" ? undefined : typed,
    key: event.key,
    code: event.code,
    windowsVirtualKeyCode: event.keyCode,
    autoRepeat: event.repeat,
    location: event.location,
    isKeypad: event.location === KeyboardEvent.DOM_KEY_LOCATION_NUMPAD,
  });
}

function modifiers(event) {
  return (event.altKey ? 1 : 0) | (event.ctrlKey ? 2 : 0) | (event.metaKey ? 4 : 0) | (event.shiftKey ? 8 : 0);
}

/** The button that is held during a movement. */
function held({ buttons }) {
  return buttons & 1 ? "left" : buttons & 2 ? "right" : buttons & 4 ? "middle" : "none";
}
