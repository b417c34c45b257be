// Runs in each document of the page, in a world of its own that the page does not see, while somebody is in control.
// `liveViewTells` is given by page_side.js; what comes next in the same world uses what is here.

const tell = (what) => globalThis.liveViewTells(JSON.stringify(what));

/** The innermost element of an event, through open shadow roots. */
const targetOf = (event) => event.composedPath()[0];

/** The element that has the focus, through open shadow roots. */
function focused() {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

/**
 * An element's box in the CSS pixels of the whole page's viewport, `{left, top, right, bottom}`; nothing in a frame of
 * another site, which does not know where it is.
 */
function boxOf(element) {
  let { left, top, right, bottom } = element.getBoundingClientRect();
  let frame = window;
  try {
    for (; frame !== frame.parent; frame = frame.parent) {
      const outer = frame.frameElement.getBoundingClientRect();
      const [x, y] = [outer.left + frame.frameElement.clientLeft, outer.top + frame.frameElement.clientTop];
      [left, top, right, bottom] = [left + x, top + y, right + x, bottom + y];
    }
  } catch {
    return undefined;
  }
  const { offsetLeft, offsetTop } = frame.visualViewport;
  return { left: left - offsetLeft, top: top - offsetTop, right: right - offsetLeft, bottom: bottom - offsetTop };
}
