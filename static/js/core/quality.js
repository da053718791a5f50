// How good a stored square is to learn from: three cheap numbers, of which hints.js makes words.

/**
 * @typedef {object} Quality
 * @property {number} sharpness 0..1: how much of the contrast is in the finest detail. Ordinary
 *   photographs lie between 0.04 and 0.5; blurred by 2 pixels they fall to about 0.03, by 4 to 0.012
 * @property {number} brightness mean luma, 0..1
 * @property {number} contrast standard deviation of the luma, 0..0.5
 */

// A flat grey wall has noise and nothing else; without this floor it would count as sharp.
const NOISE = 4;

/**
 * Measure a picture. Sharpness is the standard deviation of the Laplacian (Pech-Pacheco et al., 2000),
 * divided by that of the luma, so that exposure hardly matters.
 * @param {ArrayLike<number>} rgb size * size * 3, 0..255
 * @param {number} size
 * @returns {Quality}
 */
export function measure(rgb, size) {
  const n = size * size;
  const luma = new Float32Array(n);
  let sum = 0;
  let squares = 0;
  for (let i = 0, at = 0; i < n; i++, at += 3) {
    const y = 0.299 * rgb[at] + 0.587 * rgb[at + 1] + 0.114 * rgb[at + 2];
    luma[i] = y;
    sum += y;
    squares += y * y;
  }
  const mean = sum / n;
  const deviation = Math.sqrt(Math.max(0, squares / n - mean * mean));
  let edges = 0;
  let edgeSquares = 0;
  for (let y = 1; y < size - 1; y++) {
    for (let i = y * size + 1, end = (y + 1) * size - 1; i < end; i++) {
      const edge = 4 * luma[i] - luma[i - 1] - luma[i + 1] - luma[i - size] - luma[i + size];
      edges += edge;
      edgeSquares += edge * edge;
    }
  }
  const inner = Math.max(1, (size - 2) ** 2);
  const detail = Math.sqrt(Math.max(0, edgeSquares / inner - (edges / inner) ** 2));
  // 2 is about the ratio of a picture of pure fine texture: the scale ends at 1.
  return {
    sharpness: Math.min(1, detail / (deviation + NOISE) / 2),
    brightness: mean / 255,
    contrast: deviation / 255,
  };
}
