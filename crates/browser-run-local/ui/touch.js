// Fingers on the picture, as CDP commands for the page: what a tap, a swipe or a pinch does is Chromium's to say.

import { modifiers } from "/ui/modifiers.js";

const TYPES = { touchstart: "touchStart", touchmove: "touchMove", touchend: "touchEnd", touchcancel: "touchCancel" };

/** `point` says where a finger is on the page, `tell` sends a command. */
export function forwardTouch(canvas, point, tell) {
  const forward = (event) => {
    // No second time as a mouse, and no zoom of the view itself.
    event.preventDefault();
    const touchPoints = fingers(event).map((touch) => finger(touch, point));
    if (touchPoints.includes(undefined)) return;
    tell("Input.dispatchTouchEvent", { type: TYPES[event.type], touchPoints, modifiers: modifiers(event) });
  };
  for (const type of Object.keys(TYPES)) canvas.addEventListener(type, forward, { passive: false });
}

/** At an end, Chromium is told which fingers leave: none stands for all. */
function fingers({ type, targetTouches, changedTouches }) {
  if (type === "touchstart" || type === "touchmove") return [...targetTouches];
  return targetTouches.length ? [...changedTouches] : [];
}

function finger(touch, point) {
  const at = point(touch);
  if (!at) return undefined;
  const { identifier, radiusX, radiusY, rotationAngle, force } = touch;
  return { ...at, id: identifier, radiusX, radiusY, rotationAngle, force };
}
