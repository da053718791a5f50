// The measures of the workshop, which rules and drawing share: where the belt, the gate and the bins
// are, how fast the belt runs, and which shape and colour stands for which bin.

/** The belt runs from left to right at y; things are gone at the end. Units of the field. */
export const BELT = Object.freeze({
  y: 196, start: -60, end: 880,
  /** Where a thing is sorted, how near it is when the player's choice is about it, where parcels open. */
  gate: 400, zone: 120, unwrap: 140,
  /** The rims of the bins. */
  bins: 472,
});
export const MAX_BINS = 8;

/**
 * What bins are called and look like without a project. Told apart by their shapes; the colours
 * are those that stay apart without red or green sight.
 */
export const SHAPES = Object.freeze([
  { id: 'circle', label: 'Circles', color: '#2f74c0' },
  { id: 'triangle', label: 'Triangles', color: '#e08a1e' },
  { id: 'square', label: 'Squares', color: '#1a8a6a' },
  { id: 'star', label: 'Stars', color: '#c8508f' },
  { id: 'drop', label: 'Drops', color: '#4aa9d8' },
  { id: 'heart', label: 'Hearts', color: '#c4452c' },
  { id: 'moon', label: 'Moons', color: '#7457b8' },
  { id: 'cross', label: 'Crosses', color: '#8a8420' },
]);

/**
 * Say where the middle of a bin is.
 * @param {number} i @param {number} count of bins, 2 to 8 @returns {number} x
 */
export const binPlace = (i, count) => 400 + (i - (count - 1) / 2) * binPitch(count);
/** How far apart the bins are. @param {number} count */
export const binPitch = (count) => Math.min(250, 768 / count);

/**
 * Say how fast things come. The more bins, the longer a player needs to find the right one. Things
 * stay so far apart that only one at a time is near the gate, and that three tenths of a second of
 * delay leave time.
 * @param {number} level from 1 @param {number} bins 2 to 8
 * @returns {{speed: number, gap: number, rushGap: number}} units a tick; ticks between two things, and in a rush
 */
export function pace(level, bins) {
  const speed = Math.min(4.8, 1.7 * 1.08 ** (level - 1));
  const gap = Math.max(46, (96 + 12 * bins) * 0.89 ** (level - 1), 175 / speed);
  return { speed, gap, rushGap: Math.max(38, 0.75 * gap, 140 / speed) };
}
