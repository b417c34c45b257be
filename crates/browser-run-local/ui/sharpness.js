// Sharp pictures for screens that have several pixels for each of the page's. The page is drawn larger, and notices
// nothing of it; other clients would, in their clicks and screenshots: it is for who has the session to themselves.

/** Enlarged more than this, nobody sees a difference. */
const LARGEST = 3;
/** So many pictures a second are a film, which would stutter; a caret and somebody who types make fewer. */
const FILM = 15;
/** Less than a caret takes to blink. */
const QUIET_MS = 350;

/** `canvas` shows the `picture`; `tell(method, params)` sends a command for the page that is shown. */
export class Sharpness {
  #canvas;
  #picture;
  #tell;
  /** When the pictures of the last second came. */
  #times = [];
  #isAlone = false;
  #timer;

  constructor(canvas, picture, tell) {
    [this.#canvas, this.#picture, this.#tell] = [canvas, picture, tell];
  }

  /** Whether nobody else is connected to the session. */
  set alone(isAlone) {
    this.#isAlone = isAlone;
    if (isAlone) this.#settle();
    else this.#clear();
  }

  /** A frame has come. */
  frame() {
    const now = performance.now();
    this.#times = [...this.#times.filter((time) => time > now - 1000), now];
    if (this.#times.length > FILM) this.#clear();
    this.#settle();
  }

  /** Another page is shown: this one is as it was. */
  leave() {
    this.#clear();
    this.#times = [];
  }

  #settle() {
    clearTimeout(this.#timer);
    if (this.#isAlone && this.#picture.zoom === 1) this.#timer = setTimeout(() => this.#enlarge(), QUIET_MS);
  }

  #enlarge() {
    const { deviceWidth, deviceHeight } = this.#picture.metadata ?? {};
    const wanted = (this.#canvas.getBoundingClientRect().width * devicePixelRatio) / deviceWidth;
    // A little larger is no sharper.
    if (!this.#isAlone || !(wanted > 1.2)) return;
    const scale = Math.min(wanted, LARGEST);
    const [width, height] = [deviceWidth, deviceHeight].map(Math.round);
    this.#picture.zoom = scale;
    const metrics = { width, height, deviceScaleFactor: 1, mobile: false, scale, dontSetVisibleSize: true };
    this.#tell("Emulation.setDeviceMetricsOverride", metrics);
    this.#tell("Emulation.setVisibleSize", { width: Math.round(width * scale), height: Math.round(height * scale) });
  }

  #clear() {
    clearTimeout(this.#timer);
    if (this.#picture.zoom === 1) return;
    this.#picture.zoom = 1;
    this.#tell("Emulation.clearDeviceMetricsOverride");
  }
}
