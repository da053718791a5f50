// Chance that can be repeated: the same seed gives the same numbers for ever, in every browser. What
// a game recorded plays again exactly as long as this file gives what tests/js/control/random.test.js
// holds.

/**
 * Make a 32-bit number of a text (FNV-1a over its UTF-16 units, then mixed so that every bit counts).
 * @param {string} text @returns {number} 0 to 2^32 - 1
 */
export function hashSeed(text) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mixed(hash);
}

/** The last step of MurmurHash3 (A. Appleby). @param {number} hash */
function mixed(hash) {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Make a source of random numbers: sfc32 (C. Doty-Humphrey, PractRand), 32 bits at a time.
 * @param {number | string} seed a number and its digits as text give the same
 * @returns {() => number} at least 0, less than 1
 */
export function seeded(seed) {
  const start = hashSeed(String(seed));
  let a = mixed(start + 0x9e3779b9);
  let b = mixed(start + 0x3c6ef372);
  let c = mixed(start + 0xdaa66d2b);
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next(); // the first ones still show the seed
  return next;
}

/**
 * Draw a whole number.
 * @param {() => number} random @param {number} n at least 1
 * @returns {number} 0 to n - 1
 */
export const below = (random, n) => Math.floor(random() * n);

/**
 * Give a list in another order, every order as likely (Fisher and Yates).
 * @template T @param {readonly T[]} list @param {() => number} random @returns {T[]}
 */
export function shuffled(list, random) {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}
