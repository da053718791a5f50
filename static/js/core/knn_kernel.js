// The matrix of examples: rows of unit vectors that grow in place, and their similarities to a
// query. `SimdRows` keeps them in a WebAssembly.Memory and lets our own kernel (knn_kernel.wat) read
// them where they lie; `PlainRows` is the same in plain JavaScript: fallback and test oracle.

/** Rows whose similarities are computed in one go: their answers stay in the fastest cache. */
export const CHUNK = 2048; // knn_kernel.wat counts on it
/** Rows that can be compared with all others in one go. */
export const BATCH = 4;
const PAGE = 65536;
// A 32-bit WebAssembly memory ends at 4 GB. Some browsers refuse to reserve that much: ask for less.
const MAXIMA = [65536, 32768, 16384, 8192];

/**
 * Compile the kernel.
 * @param {BufferSource | string | URL} source the bytes of knn_kernel.wasm, or where to fetch them
 * @returns {Promise<WebAssembly.Module | null>} null where it cannot run (no SIMD, file not found)
 */
export async function loadKernel(source) {
  if (typeof WebAssembly === 'undefined') return null;
  try {
    if (typeof source === 'string' || source instanceof URL) {
      const response = await fetch(source);
      if (!response.ok) return null;
      source = await response.arrayBuffer();
    }
    return await WebAssembly.compile(source);
  } catch {
    return null;
  }
}

/**
 * Make an empty matrix.
 * @param {number} size numbers in a row
 * @param {WebAssembly.Module | null} kernel what `loadKernel` gave; null for plain JavaScript
 * @returns {Rows}
 */
export function createRows(size, kernel) {
  if (!Number.isInteger(size) || size < 1 || size > 65536) {
    throw new RangeError(`A row of ${size} numbers was asked for; expected a whole number from 1 to 65,536.`);
  }
  return kernel ? new SimdRows(size, kernel) : new PlainRows(size);
}

/**
 * @typedef {object} Rows
 * @property {number} size numbers in a row
 * @property {number} capacity rows there is room for
 * @property {'simd'|'plain'} kind
 * @property {(rows: number) => void} reserve make room for so many rows; the room at least doubles
 * @property {(row: number, vector: ArrayLike<number>) => void} write
 * @property {(row: number) => Float32Array} read a view that is valid until the next `reserve`
 * @property {(vector: ArrayLike<number>) => void} setQuery
 * @property {(row: number, from: number, count: number) => Float32Array} dots similarities of the
 *   query (`row` -1) or of a row to rows `from` to `from + count - 1`, at most CHUNK at a time; the
 *   answer is a view that the next call overwrites
 * @property {(rows: number[], from: number, count: number, into: Float32Array[]) => void} dotsOfRows
 *   the same for up to BATCH rows; the similarities of rows[j] are written to into[j][from ...]
 */

/** @implements {Rows} */
class SimdRows {
  /** @param {number} size @param {WebAssembly.Module} kernel */
  constructor(size, kernel) {
    this.size = size;
    this.kind = /** @type {'simd'} */ ('simd');
    this.capacity = 0;
    this.width = Math.ceil(size / 16) * 16; // 64 bytes: one cache line, four vectors
    this.queryAt = 0;
    this.answersAt = this.width * 4;
    this.rowsAt = Math.ceil((this.answersAt + BATCH * CHUNK * 4) / 64) * 64;
    const { memory, maximum } = newMemory(Math.ceil(this.rowsAt / PAGE));
    this.memory = memory;
    this.maximum = maximum;
    this.limit = even(Math.floor((this.maximum * PAGE - this.rowsAt) / (this.width * 4)) - 1);
    const instance = new WebAssembly.Instance(kernel, { env: { memory: this.memory } });
    this.kernel = /** @type {(q: number, x: number, stride: number, n: number, out: number) => void} */ (
      instance.exports.dots
    );
    this.kernel4 = /** @type {(...addresses: number[]) => void} */ (instance.exports.dots4);
    this.floats = new Float32Array(0);
    this.answers = new Float32Array(0);
    this.view();
  }

  /** Make the views again: growing a memory detaches the old ones. */
  view() {
    this.floats = new Float32Array(this.memory.buffer);
    this.answers = new Float32Array(this.memory.buffer, this.answersAt, BATCH * CHUNK);
  }

  /** @param {number} rows */
  reserve(rows) {
    if (rows <= this.capacity) return;
    if (rows > this.limit) throw tooMany(rows, this.size, this.limit);
    const wanted = Math.min(this.limit, Math.max(rows, this.capacity * 2, 64));
    // Doubling may be more than the machine has left: then take just what is needed.
    for (const room of [even(wanted), even(rows)]) {
      const pages = Math.ceil((this.rowsAt + room * this.width * 4) / PAGE);
      const missing = pages - this.memory.buffer.byteLength / PAGE;
      try {
        if (missing > 0) this.memory.grow(missing);
      } catch {
        continue;
      }
      this.view();
      this.capacity = room;
      return;
    }
    throw tooMany(rows, this.size, this.capacity);
  }

  /** @param {number} row @param {ArrayLike<number>} vector */
  write(row, vector) {
    const at = this.rowsAt / 4 + row * this.width;
    this.floats.set(vector, at);
    this.floats.fill(0, at + this.size, at + this.width);
  }

  /** @param {number} row */
  read(row) {
    const at = this.rowsAt / 4 + row * this.width;
    return this.floats.subarray(at, at + this.size);
  }

  /** @param {ArrayLike<number>} vector */
  setQuery(vector) {
    this.floats.set(vector, 0);
  }

  /** @param {number} row @param {number} from @param {number} count */
  dots(row, from, count) {
    const bytes = this.width * 4;
    const query = row < 0 ? this.queryAt : this.rowsAt + row * bytes;
    this.kernel(query, this.rowsAt + from * bytes, bytes, count, this.answersAt);
    return this.answers;
  }

  /** @param {number[]} rows @param {number} from even @param {number} count @param {Float32Array[]} into */
  dotsOfRows(rows, from, count, into) {
    const bytes = this.width * 4;
    const [a, b, c, d] = Array.from({ length: BATCH }, (_, j) => this.rowsAt + rows[Math.min(j, rows.length - 1)] * bytes);
    // Rows go in pairs; capacity is even, so that the partner of the last one exists.
    this.kernel4(a, b, c, d, this.rowsAt + from * bytes, bytes, (count + 1) >> 1, this.answersAt);
    rows.forEach((_, j) => into[j].set(this.answers.subarray(j * CHUNK, j * CHUNK + count), from));
  }
}

/** @implements {Rows} */
class PlainRows {
  /** @param {number} size */
  constructor(size) {
    this.size = size;
    this.kind = /** @type {'plain'} */ ('plain');
    this.capacity = 0;
    this.floats = new Float32Array(0);
    this.query = new Float32Array(size);
    this.answers = new Float32Array(CHUNK);
  }

  /** @param {number} rows */
  reserve(rows) {
    if (rows <= this.capacity) return;
    const room = Math.max(rows, this.capacity * 2, 64);
    let larger;
    try {
      larger = new Float32Array(room * this.size);
    } catch {
      throw tooMany(rows, this.size, this.capacity);
    }
    larger.set(this.floats);
    this.floats = larger;
    this.capacity = room;
  }

  /** @param {number} row @param {ArrayLike<number>} vector */
  write(row, vector) {
    this.floats.set(vector, row * this.size);
  }

  /** @param {number} row */
  read(row) {
    return this.floats.subarray(row * this.size, (row + 1) * this.size);
  }

  /** @param {ArrayLike<number>} vector */
  setQuery(vector) {
    this.query.set(vector);
  }

  /** @param {number} row @param {number} from @param {number} count */
  dots(row, from, count) {
    const { size, floats, answers } = this;
    const query = row < 0 ? this.query : this.read(row);
    for (let r = 0, at = from * size; r < count; r++, at += size) {
      let sum = 0;
      for (let d = 0; d < size; d++) sum += floats[at + d] * query[d];
      answers[r] = sum;
    }
    return answers;
  }

  /** @param {number[]} rows @param {number} from @param {number} count @param {Float32Array[]} into */
  dotsOfRows(rows, from, count, into) {
    rows.forEach((row, j) => into[j].set(this.dots(row, from, count).subarray(0, count), from));
  }
}

/** @param {number} n */
const even = (n) => n + (n & 1);

/**
 * Make a WebAssembly memory with as much room to grow as this browser grants.
 * @param {number} pages of 64 KiB, at first
 * @returns {{memory: WebAssembly.Memory, maximum: number}} maximum: pages it may grow to
 */
export function newMemory(pages) {
  for (const maximum of MAXIMA) {
    try {
      return { memory: new WebAssembly.Memory({ initial: pages, maximum }), maximum };
    } catch {
      // A smaller reservation may still fit into this browser's address space.
    }
  }
  return { memory: new WebAssembly.Memory({ initial: pages }), maximum: 65536 };
}

/** @param {number} rows @param {number} size @param {number} limit */
function tooMany(rows, size, limit) {
  return new RangeError(
    `There is no memory for ${rows} examples of ${size} numbers; ${limit} fit here. Delete some, or choose a backbone with a smaller embedding.`,
  );
}
