// From a bitmap to the square that is stored, and to the JPEG of it: docs/preprocessing.md, steps 1 to 4.

import { Resampler, centreSquare } from '../core/resample.js';

/** Side of the stored square in pixels. */
export const SQUARE = 224;
const JPEG_QUALITY = 0.92;
/** @type {ImageBitmapOptions} */
const AS_STORED = { colorSpaceConversion: 'none', imageOrientation: 'from-image' };

export class Pixels {
  constructor() {
    this.resampler = new Resampler();
    // No alpha: what is transparent is drawn onto the white that lies there. willReadFrequently: the
    // canvas stays in main memory, where the pixels are needed.
    this.context = newContext(1);
    this.small = newContext(SQUARE);
    this.image = new ImageData(SQUARE, SQUARE);
    this.square = new Uint8Array(SQUARE * SQUARE * 3);
  }

  /**
   * Cut and resample the centre square of a bitmap, which is closed.
   * @param {ImageBitmap} bitmap @param {boolean} mirror left to right
   * @returns {Uint8Array} RGB, overwritten by the next call
   */
  read(bitmap, mirror) {
    try {
      const { left, top, size } = centreSquare(bitmap.width, bitmap.height);
      const { canvas } = this.context;
      if (canvas.width !== size) canvas.width = canvas.height = size;
      this.context.fillStyle = '#fff';
      this.context.fillRect(0, 0, size, size);
      this.context.drawImage(bitmap, -left, -top); // at its own size: scaling is our business
      const { data } = this.context.getImageData(0, 0, size, size);
      this.resampler.toBytes(data, size, 4, SQUARE, this.square, mirror);
      return this.square;
    } finally {
      bitmap.close();
    }
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
    return this.read(bitmap, false);
  }
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
