// Mouse and wheel on the picture, as CDP commands for the page.

import { modifiers } from "/ui/modifiers.js";

const BUTTONS = ["left", "middle", "right", "back", "forward"];

/** `point` says where an event is on the page, `tell` sends a command, `focus` puts the keyboard's focus there. */
export function forwardMouse(canvas, point, tell, focus) {
  let isPressed = false;
  let last = {};
  const mouse = (type, event, more) => {
    const at = point(event);
    last = { x: event.clientX, y: event.clientY };
    if (!at) return;
    const { buttons } = event;
    tell("Input.dispatchMouseEvent", { type, ...at, modifiers: modifiers(event), buttons, ...more });
  };
  const pressed = (event) => ({ button: BUTTONS[event.button] ?? "none", clickCount: Math.max(event.detail, 1) });

  canvas.addEventListener("mousedown", (event) => {
    event.preventDefault();
    isPressed = true;
    focus();
    // Parts of some fields take a click only from a mouse that has come there.
    const hasMoved = last.x !== event.clientX || last.y !== event.clientY;
    if (hasMoved) mouse("mouseMoved", event, { button: "none", buttons: 0 });
    mouse("mousePressed", event, pressed(event));
  });
  // Wherever the button is let go.
  addEventListener("mouseup", (event) => {
    if (isPressed) mouse("mouseReleased", event, pressed(event));
    isPressed = event.buttons !== 0;
  });
  addEventListener("mousemove", (event) => {
    if (isPressed || event.target === canvas) mouse("mouseMoved", event, { button: held(event) });
  });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      mouse("mouseWheel", event, { deltaX: event.deltaX, deltaY: event.deltaY });
    },
    { passive: false },
  );
}

/** The button that is held during a movement. */
function held({ buttons }) {
  return buttons & 1 ? "left" : buttons & 2 ? "right" : buttons & 4 ? "middle" : "none";
}
