// Tiptoe music on a toy piano's cousin, ratchets and tin. `pitch` of an event lifts its notes: crumbs
// go up and down by turns, and each toy tipped over with one key sounds higher.

/** @typedef {import('../table.js').Note} Note */

/** @param {string} instrument @param {number[]} notes @param {number} gap s @param {number} duration s @param {number} gain @returns {Note[]} */
const run = (instrument, notes, gap, duration, gain) =>
  notes.map((note, i) => ({ instrument, note, at: Math.round(gap * i * 1000) / 1000, duration, gain }));

/** @type {Record<string, Note[]>} */
export const SOUNDS = {
  start: run('marimba', [60, 67], 0.1, 0.25, 0.45),
  turn: run('blip', [76], 0, 0.05, 0.12),
  round: run('blip', [79, 72], 0.06, 0.06, 0.2),
  crumb: run('marimba', [72], 0, 0.1, 0.22),
  key: [...run('bell', [67, 72, 79], 0.08, 0.6, 0.45), ...run('shaker', [60, 60, 60, 60, 60], 0.07, 0.06, 0.3)],
  wound: run('shaker', [66, 66, 66, 66, 66, 66], 0.05, 0.05, 0.35),
  windup: run('shaker', [70, 71, 72, 73, 74, 75, 76], 0.07, 0.06, 0.3),
  tip: [...run('drum', [50], 0, 0.2, 0.5), ...run('brass', [60, 64, 67], 0.07, 0.14, 0.4)],
  appear: run('bell', [84, 88], 0.1, 0.4, 0.25),
  cheese: run('marimba', [72, 76, 79, 84], 0.07, 0.25, 0.5),
  caught: [...run('drum', [38], 0, 0.3, 0.7), ...run('brass', [55, 54, 53, 48], 0.15, 0.18, 0.4)],
  level: [...run('marimba', [60, 64, 67, 72, 67, 72, 76], 0.1, 0.35, 0.5), ...run('bell', [84], 0.7, 0.8, 0.4)],
  over: run('pluck', [67, 63, 60, 58, 55, 48], 0.17, 0.5, 0.5),
};

/**
 * Write a bar: bass on tiptoe, a tick on every off beat, and a tune in half beats (0 rests).
 * @param {number} root @param {number[]} tune
 * @returns {Note[]}
 */
const bar = (root, tune) => [
  ...[0, 2].map((at) => ({ instrument: 'bass', note: root + (at ? 7 : 0), at, duration: 0.3, gain: 0.42 })),
  ...[0.5, 1.5, 2.5, 3.5].map((at) => ({ instrument: 'shaker', note: 64, at, duration: 0.06, gain: 0.16 })),
  ...tune.map((note, i) => ({ instrument: 'marimba', note, at: i / 2, duration: 0.3, gain: 0.3 })).filter(({ note }) => note > 0),
];

/** @type {import('../table.js').Music} */
export const MUSIC = {
  tempo: 116,
  bars: [
    bar(48, [72, 0, 75, 0, 79, 0, 78, 79]),
    bar(48, [0, 75, 0, 72, 0, 67, 0, 0]),
    bar(53, [77, 0, 80, 0, 84, 0, 83, 84]),
    bar(43, [0, 79, 0, 77, 74, 0, 71, 0]),
    bar(48, [72, 0, 75, 0, 79, 0, 84, 0]),
    bar(44, [80, 0, 79, 0, 75, 0, 72, 0]),
    bar(50, [74, 77, 0, 80, 0, 77, 74, 0]),
    bar(43, [71, 0, 67, 0, 72, 0, 0, 0]),
  ],
};
