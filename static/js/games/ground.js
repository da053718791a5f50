// The still ground of a game: painted once for each level and light, one coat after the other, and
// kept in the pixels of the canvas it is for, so that a picture begins with a plain copy.

/** Pixels for each logical unit in which grounds are painted. */
const SCALE = 1.6;
/** So many are kept; each is five megabytes. */
const MOST = 3;

/** @typedef {OffscreenCanvasRenderingContext2D} Paint */
/** @typedef {{canvas: OffscreenCanvas, paint: Paint, coats: ((paint: Paint) => void)[]}} Ground coats still to be painted */

export class Grounds {
  /**
   * @param {object} parts
   * @param {number} parts.width of the field in logical units @param {number} parts.height
   * @param {(level: number) => number} parts.nameOf which ground a level has; several may have the same
   * @param {(level: number, dark: boolean) => ((paint: Paint) => void)[]} parts.coatsOf paint it in this order
   */
  constructor({ width, height, nameOf, coatsOf }) {
    this.width = width;
    this.height = height;
    this.nameOf = nameOf;
    this.coatsOf = coatsOf;
    /** @type {Map<string, Ground>} */
    this.grounds = new Map();
    /** @type {WeakMap<object, {ground: Ground, copy: OffscreenCanvas}>} */
    this.copies = new WeakMap();
  }

  /** @param {number} level @param {boolean} dark */
  begun(level, dark) {
    const key = `${this.nameOf(level)} ${dark}`;
    let ground = this.grounds.get(key);
    if (ground) return ground;
    if (this.grounds.size >= MOST) this.grounds.delete(/** @type {string} */ (this.grounds.keys().next().value));
    const canvas = new OffscreenCanvas(this.width * SCALE, this.height * SCALE);
    const paint = /** @type {Paint} */ (canvas.getContext('2d'));
    paint.scale(SCALE, SCALE);
    paint.lineJoin = 'round';
    paint.lineCap = 'round';
    ground = { canvas, paint, coats: this.coatsOf(level, dark) };
    this.grounds.set(key, ground);
    return ground;
  }

  /**
   * Paint one more coat of a ground that will be needed soon, so that no picture has to wait for all.
   * @param {number} level
   * @param {boolean} dark
   */
  prepare(level, dark) {
    const ground = this.begun(level, dark);
    ground.coats.shift()?.(ground.paint);
  }

  /**
   * Fill the field with the ground of a level.
   * @param {CanvasRenderingContext2D} ctx scaled to logical units
   * @param {number} level
   * @param {boolean} dark
   * @returns {OffscreenCanvas} the ground in the canvas's pixels
   */
  fill(ctx, level, dark) {
    const ground = this.begun(level, dark);
    while (ground.coats.length) this.prepare(level, dark);
    const { canvas } = ctx;
    let known = this.copies.get(canvas);
    if (known?.ground !== ground || known.copy.width !== canvas.width || known.copy.height !== canvas.height) {
      const copy = new OffscreenCanvas(canvas.width, canvas.height);
      const paint = /** @type {Paint} */ (copy.getContext('2d', { alpha: false }));
      paint.imageSmoothingQuality = 'high';
      paint.drawImage(ground.canvas, 0, 0, canvas.width, canvas.height);
      known = { ground, copy };
      this.copies.set(canvas, known);
    }
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(known.copy, 0, 0, this.width, this.height);
    ctx.imageSmoothingEnabled = true;
    return known.copy;
  }
}
