// What the drawings of games share: pictures painted once and then only copied, and colours mixed of
// two others.

/** @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Context */

/**
 * Mix two colours.
 * @param {string} a #rrggbb @param {string} b #rrggbb @param {number} share of b, 0..1
 * @returns {string} #rrggbb; what is no colour counts as grey
 */
export function mix(a, b, share) {
  const [from, to] = [a, b].map((colour) => (/^#[0-9a-f]{6}$/i.test(colour) ? parseInt(colour.slice(1), 16) : 0x808080));
  let mixed = 0;
  for (const shift of [16, 8, 0]) {
    const [x, y] = [(from >> shift) & 255, (to >> shift) & 255];
    mixed |= Math.round(x + (y - x) * share) << shift;
  }
  return `#${mixed.toString(16).padStart(6, '0')}`;
}

/** Pixels of the canvas for each unit of the field. @param {CanvasRenderingContext2D} ctx */
export const scaleOf = (ctx) => ctx.getTransform().a || 1;

/**
 * Ease a fraction: slow at both ends.
 * @param {number} t 0..1, anything beyond counts as the end @returns {number} 0..1
 */
export function smooth(t) {
  const x = Math.max(0, Math.min(1, t));
  return x * x * (3 - 2 * x);
}

/**
 * Overshoot a little and come to rest.
 * @param {number} t 0..1 @returns {number} 0 to 1, about 1.1 between
 */
export function spring(t) {
  const x = Math.max(0, Math.min(1, t)) - 1;
  return 1 + 2.7 * x ** 3 + 1.7 * x ** 2;
}

/** A number of 0..1 that looks like chance and is always the same for the same number. @param {number} n */
export function noise(n) {
  let h = Math.imul(n | 0, 0x27d4eb2d) ^ 0x165667b1;
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return ((h ^ (h >>> 13)) >>> 0) / 2 ** 32;
}

/**
 * Pictures painted once, by name and scale, so that a frame only copies them. Keeps so many and
 * forgets those that were painted first.
 */
export class Pictures {
  /** @param {number} most */
  constructor(most) {
    this.most = most;
    /** @type {Map<number, Map<string, ImageBitmap>>} */
    this.scales = new Map();
  }

  /**
   * Give a picture, painted if it is not there yet.
   * @param {number} scale pixels for each unit @param {string} name
   * @param {number} width units @param {number} height units
   * @param {(ctx: OffscreenCanvasRenderingContext2D) => void} paint in units, from the upper left corner
   */
  get(scale, name, width, height, paint) {
    let named = this.scales.get(scale);
    if (!named) {
      // A resized window leaves its pictures behind: two scales are the screen's and the preview's.
      if (this.scales.size >= 2) this.scales.delete(/** @type {number} */ (this.scales.keys().next().value));
      this.scales.set(scale, (named = new Map()));
    }
    const known = named.get(name);
    if (known) return known;
    if (named.size >= this.most) named.delete(/** @type {string} */ (named.keys().next().value));
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
    const ctx = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    ctx.scale(scale, scale);
    ctx.lineCap = 'round';
    ctx.lineJoin = 'round';
    paint(ctx);
    const picture = canvas.transferToImageBitmap();
    named.set(name, picture);
    return picture;
  }
}

/**
 * Copy a picture pixel on pixel, which is sharp and by far the fastest way.
 * @param {CanvasRenderingContext2D} ctx @param {ImageBitmap} picture @param {number} scale for which it was painted
 * @param {number} x where its upper left corner goes, to the nearest pixel @param {number} y
 */
export function copy(ctx, picture, scale, x, y) {
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(picture, Math.round(x * scale) / scale, Math.round(y * scale) / scale, picture.width / scale, picture.height / scale);
  ctx.imageSmoothingEnabled = true;
}

/**
 * Add a polygon to the path.
 * @param {Context} ctx @param {number[]} points x and y in turn
 */
export function polygon(ctx, points) {
  ctx.moveTo(points[0], points[1]);
  for (let i = 2; i < points.length; i += 2) ctx.lineTo(points[i], points[i + 1]);
  ctx.closePath();
}

/**
 * Fill a shape with one colour.
 * @param {Context} ctx @param {string | CanvasGradient} colour @param {() => void} path adds it to the path
 */
export function fill(ctx, colour, path) {
  ctx.fillStyle = colour;
  ctx.beginPath();
  path();
  ctx.fill();
}

/** @param {Context} ctx @param {number} x @param {number} y @param {number} rx @param {number} [ry] */
export function oval(ctx, x, y, rx, ry = rx) {
  ctx.moveTo(x + rx, y);
  ctx.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI);
}
