// The resampling of resample.js in WebAssembly SIMD (resample_kernel.wat), about ten times as fast.
// The plain loops stay: fallback where there is no SIMD, and test oracle. Results differ by the
// rounding of 32-bit floats: an 8-bit level may differ by one where the exact value lies on a border.

import { Resampler, checkSquare, table } from './resample.js';

const PAGE = 65536;
/** Source rows are copied in as many at once as fit here: a huge photograph needs no huge memory. */
const STRIP = 1 << 20;
const PAD = 16;

/**
 * Make a resampler.
 * @param {WebAssembly.Module | null} kernel what `loadKernel` gave for resample_kernel.wasm; null for
 *   plain JavaScript
 * @returns {Resampler | SimdResampler}
 */
export function createResampler(kernel) {
  return kernel ? new SimdResampler(kernel) : new Resampler();
}

/** The same methods as `Resampler`, on bytes alone. */
export class SimdResampler {
  /** @param {WebAssembly.Module} kernel */
  constructor(kernel) {
    this.kind = /** @type {'simd'} */ ('simd');
    this.memory = new WebAssembly.Memory({ initial: 1 });
    this.calls = /** @type {Record<string, (...numbers: number[]) => void>} */ (
      new WebAssembly.Instance(kernel, { env: { memory: this.memory } }).exports
    );
  }

  /**
   * Resample a square and round to 8 bits.
   * @param {Uint8Array | Uint8ClampedArray} pixels size * size pixels of `channels` bytes, of which 3 are read
   * @param {number} size @param {number} channels 3 or 4
   * @param {number} target
   * @param {Uint8Array} out target * target * 3
   * @param {boolean} [mirror] left to right
   */
  toBytes(pixels, size, channels, target, out, mirror = false) {
    const width = target * 3;
    this.each(pixels, size, channels, target, (y, sums, end, at) => {
      if (mirror) this.calls.bytes(end - 16, sums - 16, -16, at);
      else this.calls.bytes(sums, end, 16, at);
      out.set(new Uint8Array(this.memory.buffer, at, width), y * width);
    });
  }

  /**
   * Resample a square and scale it for a backbone: `x * scale + shift`, not rounded.
   * @param {Uint8Array | Uint8ClampedArray} pixels size * size * 3
   * @param {number} size @param {number} target
   * @param {Float32Array} out target * target * 3
   * @param {number} [scale] @param {number} [shift] as they stand: 0..255 becomes -1..1
   */
  toFloats(pixels, size, target, out, scale = 1 / 127.5, shift = -1) {
    const width = target * 3;
    this.each(pixels, size, 3, target, (y, sums, end, at) => {
      this.calls.floats(sums, end, scale, shift, at);
      out.set(new Float32Array(this.memory.buffer, at, width), y * width);
    });
  }

  /**
   * Compute the rows of the resampled square, one by one.
   * @param {Uint8Array | Uint8ClampedArray} pixels
   * @param {number} size @param {number} channels @param {number} target
   * @param {(y: number, sums: number, end: number, at: number) => void} take where the row lies, 16
   *   bytes a pixel, where it ends, and where there is room for it in its final form
   */
  each(pixels, size, channels, target, take) {
    checkSquare(pixels, size, channels, target);
    const { start, first, weights } = table(size, target);
    const line = size * channels;
    const strip = Math.min(size, Math.max(1, Math.floor(STRIP / line)));
    const row = target * 16;
    // One after another in the memory. The pads take what the kernel reads or writes beyond an end.
    const rows = 0;
    const sums = rows + 2 * row;
    const finished = sums + row;
    const entries = finished + row + PAD;
    const factors = entries + target * 8;
    const source = factors + weights.length * 4;
    this.reserve(source + strip * line + PAD);
    const { buffer } = this.memory;
    const table32 = new Int32Array(buffer, entries, target * 2);
    for (let i = 0; i < target; i++) {
      table32[2 * i] = start[i] * channels;
      table32[2 * i + 1] = first[i + 1] - first[i];
    }
    new Float32Array(buffer, factors, weights.length).set(weights);
    const bytes = new Uint8Array(buffer, source, strip * line);
    const { across, down } = this.calls;
    // Two rows are kept: neighbouring outputs share at most two source rows.
    const held = [-1, -1];
    let from = 0;
    let until = 0;
    for (let y = 0; y < target; y++) {
      for (let j = first[y]; j < first[y + 1]; j++) {
        const wanted = start[y] + j - first[y];
        const place = rows + (wanted & 1) * row;
        if (held[wanted & 1] !== wanted) {
          if (wanted >= until) {
            from = wanted;
            until = Math.min(size, from + strip);
            bytes.set(pixels.subarray(from * line, until * line));
          }
          across(source + (wanted - from) * line, channels, entries, entries + target * 8, factors, place);
          held[wanted & 1] = wanted;
        }
        down(place, place + row, weights[j], sums, j > first[y] ? 1 : 0);
      }
      take(y, sums, sums + row, finished);
    }
  }

  /** @param {number} bytes */
  reserve(bytes) {
    const missing = Math.ceil(bytes / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (missing > 0) this.memory.grow(missing);
  }
}
