// The formulas of docs/knn.md, one function each.

/** Sharpness of the votes that leave-one-out chooses from: 2^(j/2), j = 0..18. */
export const BETAS = Float64Array.from({ length: 19 }, (_, j) => 2 ** (j / 2));
/** Sharpness while there is too little to fit it on. */
export const DEFAULT_BETA = 16;
/** Mean losses this close count as equal, so that rounding does not choose beta. */
export const LOSS_SLACK = 1e-4;
export const DEFAULT_K = 10;
export const DEFAULT_TOLERANCE = 1.5;
/** Least spread of a class, and the spread where nothing at all is known. */
const LEAST_SPREAD = 0.16;
const UNKNOWN_SPREAD = 0.5;
/** From this similarity on two pictures are nearly the same, and say nothing of how a class varies. */
export const NEARLY_SAME = 0.97;
const SPREAD_QUANTILE = 0.5;

/**
 * Mix the votes with equal shares, so that no class ever scores 0.
 * @param {number} vote share of the votes, 0..1
 * @param {number} examples number of examples that could vote
 * @param {number} classes number of classes with examples
 */
export function score(vote, examples, classes) {
  const e = 1 / (examples + 1);
  return (1 - e) * vote + e / classes;
}

/**
 * Give how foreign a picture is: above 1 it is unknown.
 * @param {number} nearest similarity of the nearest example
 * @param {number} spread Q of that example's class
 * @param {number | null} tolerance null switches the rejection off
 */
export function novelty(nearest, spread, tolerance) {
  return tolerance === null ? 0 : Math.max(0, 1 - nearest) / (tolerance * spread);
}

/**
 * Give the length of the "none of these" bar, 0..1, for a novelty.
 * @param {number} r
 */
export function none(r) {
  const power = Math.max(0, r) ** 8;
  return power === Infinity ? 1 : power / (1 + power);
}

/**
 * Give the spread Q of a class.
 * @param {Float64Array} distances of its examples to their nearest in the class that
 *   is not nearly the same picture; sorted here
 */
export function spreadOf(distances) {
  if (distances.length === 0) return LEAST_SPREAD;
  return Math.max(LEAST_SPREAD, quantile(distances.sort(), SPREAD_QUANTILE));
}

/**
 * Give the spread of a class that has none of its own.
 * @param {Iterable<number>} others the spreads of the classes that have one
 */
export function borrowedSpread(others) {
  let largest = 0;
  for (const spread of others) largest = Math.max(largest, spread);
  return largest || UNKNOWN_SPREAD;
}

/**
 * Interpolate linearly between the order statistics.
 * @param {ArrayLike<number>} sorted ascending, at least one @param {number} q 0..1
 */
export function quantile(sorted, q) {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/**
 * Give the 95 % interval of a proportion (Wilson, 1927).
 * @param {number} correct @param {number} n
 * @returns {[number, number]} from 0 to 1; [0, 1] for n = 0
 */
export function wilson(correct, n) {
  if (n === 0) return [0, 1];
  const z = 1.959963984540054;
  const p = correct / n;
  const scale = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/**
 * Say whether a vector is of length 0.
 * @param {ArrayLike<number>} vector
 */
export function isZero(vector) {
  for (let i = 0; i < vector.length; i++) if (vector[i] !== 0) return false;
  return true;
}
