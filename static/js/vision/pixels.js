// From a frame to the square that is stored, and to the JPEG of it: docs/preprocessing.md, steps 1 to 4.

import { centreSquare } from '../core/resample.js';
import { createResampler } from '../core/resample_kernel.js';

/** Side of the stored square in pixels. */
export const SQUARE = 224;
const JPEG_QUALITY = 0.95;
/** @type {ImageBitmapOptions} */
const AS_STORED = { colorSpaceConversion: 'none', imageOrientation: 'from-image' };

/**
 * Pictures that can be cut without a canvas. They are opaque, and a browser that does not know how to
 * convert them hands over planes instead of RGBA, which is noticed.
 */
const COPYABLE = ['I420', 'NV12', 'RGBX'];
/** So many pictures of each kind are drawn as well as copied, and compared. */
const COMPARED = 3;
/** Levels of 8 bits by which the two ways may differ: each rounds for itself. */
const AGREEMENT = 2;

/** @typedef {ImageBitmap | VideoFrame} Picture what a frame comes as; used up by whoever takes it */

export class Pixels {
  constructor() {
    /** Better ones may take its place at any time. */
    this.resampler = createResampler(null);
    this.copy = new Uint8Array(0);
    /** @type {Map<string, number>} how often each kind of frame came out alike both ways; -1: it does not */
    this.agreed = new Map();
    // No alpha: what is transparent is drawn onto the white that lies there. willReadFrequently: the
    // canvas stays in main memory, where the pixels are needed.
    this.context = newContext(1);
    this.small = newContext(SQUARE);
    this.image = new ImageData(SQUARE, SQUARE);
    this.square = new Uint8Array(SQUARE * SQUARE * 3);
  }

  /**
   * Cut and resample the centre square of a picture, which is closed.
   * @param {Picture} picture @param {boolean} mirror left to right
   * @returns {Promise<Uint8Array>} RGB, overwritten by the next call
   */
  async read(picture, mirror) {
    try {
      const copied = 'copyTo' in picture ? await this.copied(picture) : null;
      const { data, size } = copied ?? this.drawn(picture);
      this.resampler.toBytes(data, size, 4, SQUARE, this.square, mirror);
      return this.square;
    } finally {
      picture.close();
    }
  }

  /**
   * Give the centre square by way of a canvas: what every browser can.
   * @param {Picture} picture
   * @returns {{data: Uint8ClampedArray, size: number}} RGBA
   */
  drawn(picture) {
    const { left, top, size } = centreSquare(...sizeOf(picture));
    const { canvas } = this.context;
    if (canvas.width !== size) canvas.width = canvas.height = size;
    this.context.fillStyle = '#fff';
    this.context.fillRect(0, 0, size, size);
    this.context.drawImage(picture, -left, -top); // at its own size: scaling is our business
    return { data: this.context.getImageData(0, 0, size, size).data, size };
  }

  /**
   * Give the centre square straight from the frame's memory: twice as fast as drawing it.
   * @param {VideoFrame} frame
   * @returns {Promise<{data: Uint8Array, size: number} | null>} RGBA, overwritten by the next call; null
   *   where this browser cannot, or where the frame is not simply a picture as it stands
   */
  async copied(frame) {
    const { format, visibleRect, displayWidth, displayHeight, colorSpace } = frame;
    const { rotation = 0, flip = false } = /** @type {{rotation?: number, flip?: boolean}} */ (frame);
    if (!format || !COPYABLE.includes(format) || !visibleRect || rotation || flip) return null;
    if (visibleRect.width !== displayWidth || visibleRect.height !== displayHeight) return null;
    const kind = [format, displayWidth, displayHeight, JSON.stringify(colorSpace)].join();
    const seen = this.agreed.get(kind) ?? 0;
    if (seen < 0) return null;
    const { left, top, size } = centreSquare(displayWidth, displayHeight);
    const bytes = size * size * 4;
    if (this.copy.length < bytes) this.copy = new Uint8Array(bytes);
    const data = this.copy.subarray(0, bytes);
    try {
      const rect = { x: visibleRect.x + left, y: visibleRect.y + top, width: size, height: size };
      const options = /** @type {VideoFrameCopyToOptions} */ ({ rect, format: 'RGBA', colorSpace: 'srgb' });
      const planes = frame.allocationSize(options) === bytes ? await frame.copyTo(data, options) : [];
      const right = planes.length === 1 && planes[0].offset === 0 && planes[0].stride === size * 4;
      if (right && (seen >= COMPARED || alike(data, this.drawn(frame).data))) {
        if (seen < COMPARED) this.agreed.set(kind, seen + 1);
        return { data, size };
      }
    } catch {
      // An odd edge between halved colours, or a format this browser does not convert.
    }
    this.agreed.set(kind, -1);
    return null;
  }

  /**
   * Make the JPEG of the square that was read last.
   * @returns {Promise<Blob>}
   */
  async encode() {
    const { data } = this.image;
    for (let i = 0, from = 0, to = 0; i < SQUARE * SQUARE; i++, from += 3, to += 4) {
      data[to] = this.square[from];
      data[to + 1] = this.square[from + 1];
      data[to + 2] = this.square[from + 2];
      data[to + 3] = 255;
    }
    this.small.putImageData(this.image, 0, 0);
    return await this.small.canvas.convertToBlob({ type: 'image/jpeg', quality: JPEG_QUALITY });
  }

  /**
   * Decode a picture and read its square.
   * @param {Blob} blob
   * @returns {Promise<Uint8Array>}
   */
  async decode(blob) {
    let bitmap;
    try {
      bitmap = await createImageBitmap(blob, AS_STORED);
    } catch (cause) {
      throw new Error(
        `The picture (${blob.type || 'unknown type'}, ${blob.size} bytes) cannot be decoded. Is it damaged, or not a picture?`,
        { cause },
      );
    }
    return await this.read(bitmap, false);
  }
}

/** @param {Picture} picture @returns {[number, number]} width and height in pixels, as it is shown */
function sizeOf(picture) {
  return 'displayWidth' in picture ? [picture.displayWidth, picture.displayHeight] : [picture.width, picture.height];
}

/** @param {Uint8Array} a @param {Uint8ClampedArray} b */
function alike(a, b) {
  for (let i = 0; i < a.length; i++) if (Math.abs(a[i] - b[i]) > AGREEMENT) return false;
  return true;
}

/** @param {number} size */
function newContext(size) {
  const context = new OffscreenCanvas(size, size).getContext('2d', {
    alpha: false,
    willReadFrequently: true,
    colorSpace: 'srgb',
  });
  if (!context) throw new Error('This browser cannot draw in the background (OffscreenCanvas). Please update it.');
  return context;
}
