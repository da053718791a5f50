/**
 * Class colours in the order in which they are given out, found by a random search: each has a
 * contrast of at least 3:1 to both a white and a near-black page, and any two are told apart with
 * full sight, protanopia and deuteranopia, the first six easily (tests/js/store/palette.test.js).
 */
export const PALETTE = Object.freeze([
  '#497ed3', // blue
  '#a14b15', // orange
  '#1a855a', // green
  '#af3a84', // magenta
  '#a49310', // olive
  '#784ced', // violet
  '#df626d', // red
  '#057185', // teal
  '#c27a43', // brown
  '#7d95a7', // slate
]);

/**
 * Chooses the colour for the next class: the first one that is used least.
 * @param {string[]} used colours of the classes that are there
 * @returns {string} one of PALETTE
 */
export function nextColor(used) {
  let best = PALETTE[0];
  let least = Infinity;
  for (const color of PALETTE) {
    const count = used.filter((other) => other.toLowerCase() === color).length;
    if (count < least) [best, least] = [color, count];
  }
  return best;
}
