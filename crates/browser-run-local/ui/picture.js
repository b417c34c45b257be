// The page's picture: frames of its screencast on a canvas, and where a point of it is on the page.

export class Picture {
  /** The newest frame's: `{deviceWidth, deviceHeight, offsetTop, pageScaleFactor}`. */
  metadata;
  /** How much larger than the page is drawn. */
  zoom = 1;
  #canvas;
  #context;
  #arrived = 0;
  #drawn = 0;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
  }

  /** Draws a JPEG in base64, unless a later one was decoded faster; a picture that is no frame has no metadata. */
  async draw(data, metadata) {
    const number = ++this.#arrived;
    if (metadata) this.metadata = metadata;
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
    if (number < this.#drawn) return;
    this.#drawn = number;
    this.#canvas.width = image.width;
    this.#canvas.height = image.height;
    this.#canvas.style.setProperty("--shape", image.width / image.height);
    this.#context.drawImage(image, 0, 0);
  }

  /** Where a mouse or a finger is on the page, in the pixels that `Input.*` takes; nothing before the first frame. */
  point({ clientX, clientY }) {
    if (!this.metadata) return undefined;
    const { deviceWidth, deviceHeight, offsetTop, pageScaleFactor } = this.metadata;
    const box = this.#canvas.getBoundingClientRect();
    return {
      x: (((clientX - box.left) / box.width) * deviceWidth) / pageScaleFactor,
      y: (((clientY - box.top) / box.height) * deviceHeight - offsetTop) / pageScaleFactor,
    };
  }

  /** Where a point of the page is on this screen. */
  place({ x, y }) {
    const { deviceWidth, deviceHeight, offsetTop, pageScaleFactor } = this.metadata;
    const box = this.#canvas.getBoundingClientRect();
    return {
      x: box.left + ((x * pageScaleFactor * this.zoom) / deviceWidth) * box.width,
      y: box.top + ((y * pageScaleFactor * this.zoom + offsetTop) / deviceHeight) * box.height,
    };
  }
}
