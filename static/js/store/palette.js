/**
 * Class colours in the order in which they are given out. Neighbours in the list differ in
 * lightness as well as in hue, so that they stay apart for the colour-blind and in grey; all have a
 * contrast of at least 3:1 to both a white and a near-black page (held by tests/js/store/palette.test.js).
 */
export const PALETTE = Object.freeze([
  '#2f7fd6', // blue
  '#d9681d', // orange
  '#12936f', // green
  '#c2459b', // magenta
  '#8a7a12', // olive
  '#7a62d8', // violet
  '#d6435a', // red
  '#1590a8', // teal
  '#a8683c', // brown
  '#72808f', // slate
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
