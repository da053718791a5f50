/**
 * Reads safetensors: an 8-byte little-endian length, a JSON header, then the numbers.
 * (Format: https://github.com/huggingface/safetensors#format)
 */
const LONGEST_HEADER = 100_000_000;

/** Copies: a typed array must begin at a multiple of its width, which a file does not promise.
 * @type {Record<string, {bytes: number, read: (buffer: ArrayBuffer, start: number, length: number) => ArrayLike<number>}>} */
const TYPES = {
  F32: { bytes: 4, read: (buffer, start, length) => new Float32Array(buffer.slice(start, start + length * 4)) },
  I32: { bytes: 4, read: (buffer, start, length) => new Int32Array(buffer.slice(start, start + length * 4)) },
  I64: { bytes: 8, read: (buffer, start, length) => Float64Array.from(new BigInt64Array(buffer.slice(start, start + length * 8)), exactly) },
  U8: { bytes: 1, read: (buffer, start, length) => new Uint8Array(buffer, start, length) },
};

/**
 * Parses a file.
 * @param {ArrayBuffer} buffer
 * @returns {{metadata: Record<string, string>, tensors: Map<string, {shape: number[], data: any}>}}
 *   data is a Float32Array, Int32Array, Uint8Array or (of I64) Float64Array of as many numbers as the shape says
 * @throws {RangeError} where a size is not what it claims to be, or a whole number is too large to be told exactly
 */
export function parseSafetensors(buffer) {
  const refuse = (/** @type {string} */ why) => new RangeError(`Not a safetensors file that can be read: ${why}.`);
  if (buffer.byteLength < 8) throw refuse(`${buffer.byteLength} bytes, expected at least 8`);
  const headerBytes = Number(new DataView(buffer).getBigUint64(0, true));
  const start = 8 + headerBytes;
  if (headerBytes > LONGEST_HEADER || start > buffer.byteLength) {
    throw refuse(`a header of ${headerBytes} bytes in a file of ${buffer.byteLength}`);
  }
  let header;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(buffer, 8, headerBytes)));
  } catch {
    throw refuse('its header is not JSON');
  }
  if (header === null || typeof header !== 'object' || Array.isArray(header)) throw refuse('its header is not an object');
  const tensors = new Map();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const type = TYPES[entry?.dtype];
    if (!type) throw refuse(`"${name}" is of type ${entry?.dtype}, expected one of ${Object.keys(TYPES).join(', ')}`);
    const { shape, data_offsets: offsets } = entry;
    const count = Array.isArray(shape) && shape.every(isCount) ? shape.reduce((product, size) => product * size, 1) : NaN;
    const sound = Array.isArray(offsets) && offsets.length === 2 && offsets.every(isCount);
    if (!sound || offsets[1] - offsets[0] !== count * type.bytes || start + offsets[1] > buffer.byteLength) {
      throw refuse(`"${name}" of shape ${JSON.stringify(shape)} does not lie at ${JSON.stringify(offsets)}`);
    }
    tensors.set(name, { shape, data: type.read(buffer, start + offsets[0], count) });
  }
  return { metadata: header.__metadata__ ?? {}, tensors };
}

/** @param {unknown} value */
const isCount = (value) => Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0;

/** @param {bigint} value */
function exactly(value) {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`Not a safetensors file that can be read: ${value} is larger than can be told exactly.`);
  return number;
}
