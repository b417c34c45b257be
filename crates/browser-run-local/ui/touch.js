// Fingers on the picture, as CDP commands for the page: what a tap, a swipe or a pinch does is Chromium's to say.

import { modifiers } from "/ui/modifiers.js";

const TYPES = { touchstart: "touchStart", touchmove: "touchMove", touchend: "touchEnd", touchcancel: "touchCancel" };

/** `point` says where a finger is on the page, `tell` sends a command. */
export function forwardTouch(canvas, point, tell) {
  const forward = (event) => {
    // No second time as a mouse, and no zoom of the view itself.
    event.preventDefault();
    const touchPoints = [...event.targetTouches].map((touch) => finger(touch, point));
    if (touchPoints.includes(undefined)) return;
    // One of several fingers that leaves is missing from the others' movement.
    const type = touchPoints.length ? TYPES[event.type].replace(/End|Cancel/, "Move") : TYPES[event.type];
    tell("Input.dispatchTouchEvent", { type, touchPoints, modifiers: modifiers(event) });
  };
  for (const type of Object.keys(TYPES)) canvas.addEventListener(type, forward, { passive: false });
}

function finger(touch, point) {
  const at = point(touch);
  if (!at) return undefined;
  const { identifier, radiusX, radiusY, rotationAngle, force } = touch;
  return { ...at, id: identifier, radiusX, radiusY, rotationAngle, force };
}
