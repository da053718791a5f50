// The resampling of docs/preprocessing.md: separable, area average downwards, bilinear upwards.
// The weights depend on the two sizes alone and are made once for each pair.

/**
 * What one row of n pixels gives to m: output i is the sum of `weights[first[i] ... first[i + 1] - 1]`
 * times the pixels from `start[i]` on.
 * @typedef {{start: Int32Array, first: Int32Array, weights: Float64Array}} Table
 */

/** @type {Map<number, Table>} */
const tables = new Map();
const MOST_TABLES = 64;

/**
 * Give the weights from n to m pixels.
 * @param {number} n @param {number} m @returns {Table}
 */
export function table(n, m) {
  const key = n * 65536 + m;
  let found = tables.get(key);
  if (found === undefined) {
    if (tables.size >= MOST_TABLES) tables.clear(); // pictures of every size may pass by
    found = m < n ? areaTable(n, m) : bilinearTable(n, m);
    tables.set(key, found);
  }
  return found;
}

/** @param {number} n @param {number} m @returns {Table} */
function areaTable(n, m) {
  const start = new Int32Array(m);
  const first = new Int32Array(m + 1);
  const weights = [];
  for (let i = 0; i < m; i++) {
    // In whole numbers (m-ths of a pixel), so that no rounding adds a sliver of a neighbour.
    const from = i * n;
    const to = from + n;
    start[i] = Math.floor(from / m);
    for (let p = start[i]; p * m < to; p++) {
      weights.push((Math.min(to, (p + 1) * m) - Math.max(from, p * m)) / n);
    }
    first[i + 1] = weights.length;
  }
  return { start, first, weights: Float64Array.from(weights) };
}

/** @param {number} n @param {number} m @returns {Table} */
function bilinearTable(n, m) {
  const start = new Int32Array(m);
  const first = new Int32Array(m + 1);
  const weights = [];
  for (let i = 0; i < m; i++) {
    const position = ((i + 0.5) * n) / m - 0.5;
    const below = Math.floor(position);
    const part = position - below;
    if (m === n || below < 0 || below >= n - 1) {
      start[i] = m === n ? i : Math.max(0, Math.min(n - 1, below));
      weights.push(1);
    } else {
      start[i] = below;
      weights.push(1 - part, part);
    }
    first[i + 1] = weights.length;
  }
  return { start, first, weights: Float64Array.from(weights) };
}

/**
 * Resamples squares; keeps its buffers from frame to frame. The same in WebAssembly, several times as
 * fast: resample_kernel.js.
 */
export class Resampler {
  constructor() {
    this.kind = /** @type {'plain'} */ ('plain');
    this.row = new Float64Array(0);
    this.sums = new Float64Array(0);
  }

  /**
   * Resample a square and round to 8 bits.
   * @param {ArrayLike<number>} pixels size * size pixels of `channels` numbers, of which 3 are read
   * @param {number} size @param {number} channels 3 or 4
   * @param {number} target
   * @param {Uint8Array} out target * target * 3
   * @param {boolean} [mirror] left to right
   */
  toBytes(pixels, size, channels, target, out, mirror = false) {
    this.each(pixels, size, channels, target, (y, row) => {
      const at = y * target * 3;
      if (!mirror) for (let i = 0; i < row.length; i++) out[at + i] = (row[i] + 0.5) | 0;
      else {
        for (let x = 0; x < target; x++) {
          const from = (target - 1 - x) * 3;
          for (let c = 0; c < 3; c++) out[at + x * 3 + c] = (row[from + c] + 0.5) | 0;
        }
      }
    });
  }

  /**
   * Resample a square and scale it for a backbone: `x * scale + shift`, not rounded.
   * @param {ArrayLike<number>} pixels size * size * 3
   * @param {number} size @param {number} target
   * @param {Float32Array} out target * target * 3
   * @param {number} [scale] @param {number} [shift] as they stand: 0..255 becomes -1..1
   */
  toFloats(pixels, size, target, out, scale = 1 / 127.5, shift = -1) {
    this.each(pixels, size, 3, target, (y, row) => {
      const at = y * target * 3;
      for (let i = 0; i < row.length; i++) out[at + i] = row[i] * scale + shift;
    });
  }

  /**
   * Give the rows of the resampled square, one by one.
   * @param {ArrayLike<number>} pixels @param {number} size @param {number} channels @param {number} target
   * @param {(y: number, row: Float64Array) => void} take
   */
  each(pixels, size, channels, target, take) {
    checkSquare(pixels, size, channels, target);
    const width = target * 3;
    if (this.sums.length !== width) {
      this.sums = new Float64Array(width);
      this.row = new Float64Array(width * 2);
    }
    const { sums } = this;
    // Two rows are kept: neighbouring outputs share at most two source rows.
    const rows = [this.row.subarray(0, width), this.row.subarray(width)];
    const held = [-1, -1];
    const across = table(size, target);
    const { start, first, weights } = across;
    for (let y = 0; y < target; y++) {
      sums.fill(0);
      for (let j = first[y]; j < first[y + 1]; j++) {
        const source = start[y] + j - first[y];
        const place = source & 1;
        const row = rows[place];
        if (held[place] !== source) {
          resampleRow(pixels, source * size * channels, channels, across, row);
          held[place] = source;
        }
        const weight = weights[j];
        for (let i = 0; i < width; i++) sums[i] += weight * row[i];
      }
      take(y, sums);
    }
  }
}

/**
 * Refuse what cannot be resampled.
 * @param {ArrayLike<number>} pixels @param {number} size @param {number} channels @param {number} target
 * @throws {RangeError}
 */
export function checkSquare(pixels, size, channels, target) {
  if (size >= 1 && size < 65536 && target >= 1 && target < 65536 && pixels.length >= size * size * channels) return;
  throw new RangeError(
    `A square of ${size} pixels came with ${pixels.length} numbers, to become ${target}; expected ${size * size * channels}.`,
  );
}

/**
 * @param {ArrayLike<number>} pixels @param {number} from @param {number} channels
 * @param {Table} across @param {Float64Array} row
 */
function resampleRow(pixels, from, channels, { start, first, weights }, row) {
  const m = start.length;
  for (let i = 0, to = 0; i < m; i++, to += 3) {
    let at = from + start[i] * channels;
    let r = 0;
    let g = 0;
    let b = 0;
    for (let j = first[i], end = first[i + 1]; j < end; j++, at += channels) {
      const weight = weights[j];
      r += weight * pixels[at];
      g += weight * pixels[at + 1];
      b += weight * pixels[at + 2];
    }
    row[to] = r;
    row[to + 1] = g;
    row[to + 2] = b;
  }
}

/**
 * Give the centre square of a picture.
 * @param {number} width @param {number} height in pixels
 */
export function centreSquare(width, height) {
  const size = Math.min(width, height);
  return { left: Math.floor((width - size) / 2), top: Math.floor((height - size) / 2), size };
}
