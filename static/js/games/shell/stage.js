// The canvas: as sharp as the display, but never more pixels than can be filled sixty times a second.

/** Most pixels of the backing store. */
export const MOST_PIXELS = 1_300_000;
/** Device pixels for each pixel of the page, at most. */
const SHARPEST = 2;

/**
 * How big the backing store should be.
 * @param {number} width of the canvas in the page @param {number} height
 * @param {number} ratio device pixels for each
 * @returns {{width: number, height: number}} whole numbers, at least 1
 */
export function backing(width, height, ratio) {
  let scale = Math.min(SHARPEST, ratio || 1);
  const pixels = width * height * scale * scale;
  if (pixels > MOST_PIXELS) scale *= Math.sqrt(MOST_PIXELS / pixels);
  return { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
}

export class Stage {
  /** @param {HTMLCanvasElement} canvas @param {{width: number, height: number}} field logical units */
  constructor(canvas, field) {
    this.canvas = canvas;
    this.field = field;
    // Without alpha the compositor has less to do.
    this.ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
    this.wanted = { width: 0, height: 0 };
    this.observer = new ResizeObserver((entries) => {
      const { width, height } = entries[entries.length - 1].contentRect;
      if (width > 0 && height > 0) this.wanted = backing(width, height, devicePixelRatio);
    });
    this.observer.observe(canvas);
  }

  /** Get ready for a picture: the context, scaled to the field. */
  begin() {
    const { canvas, ctx, field, wanted } = this;
    // What the picture before has set must not show in this one.
    ctx.restore();
    // Setting a size clears the canvas, so it is done just before something is drawn.
    if (wanted.width && (canvas.width !== wanted.width || canvas.height !== wanted.height)) {
      canvas.width = wanted.width;
      canvas.height = wanted.height;
    }
    ctx.save();
    ctx.setTransform(canvas.width / field.width, 0, 0, canvas.height / field.height, 0, 0);
    return ctx;
  }

  close() {
    this.observer.disconnect();
  }
}
