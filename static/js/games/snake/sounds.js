// A small lullaby band: bells for fireflies, plucked strings for steps. `pitch` of an event lifts its
// notes, so that the fireflies of a level climb a scale.

/** @typedef {import('../table.js').Note} Note */

/** @param {string} instrument @param {number[]} notes @param {number} gap s @param {number} duration s @param {number} gain @returns {Note[]} */
const run = (instrument, notes, gap, duration, gain) =>
  notes.map((note, i) => ({ instrument, note, at: Math.round(gap * i * 1000) / 1000, duration, gain }));

/** @type {Record<string, Note[]>} */
export const SOUNDS = {
  start: run('pluck', [57, 64], 0.12, 0.4, 0.45),
  turn: run('pluck', [69], 0, 0.15, 0.22),
  catch: [...run('bell', [69, 76], 0.07, 0.5, 0.5), ...run('marimba', [57], 0, 0.3, 0.4)],
  appear: run('bell', [88, 93], 0.12, 0.4, 0.22),
  flower: run('bell', [72, 76, 79, 84], 0.07, 0.7, 0.45),
  snail: run('flute', [64, 60, 57], 0.16, 0.22, 0.4),
  brink: run('shaker', [72, 72], 0.09, 0.1, 0.4),
  crash: [...run('drum', [40], 0, 0.4, 0.6), ...run('pluck', [57, 53, 50], 0.13, 0.5, 0.5)],
  level: [...run('bell', [69, 72, 76, 81, 84, 88], 0.11, 0.9, 0.45), ...run('flute', [69, 76], 0.4, 0.6, 0.3)],
  over: run('flute', [76, 72, 69, 64, 57], 0.22, 0.4, 0.4),
};

/**
 * Write a bar: a low note, two soft fifths, and a tune in quarters of a beat pair.
 * @param {number} root @param {[number, number, number][]} tune [note, beat, beats]
 * @returns {Note[]}
 */
const bar = (root, tune) => [
  { instrument: 'bass', note: root, at: 0, duration: 1.6, gain: 0.42 },
  ...[1, 2, 3].map((at) => ({ instrument: 'pluck', note: root + (at === 2 ? 19 : 12), at, duration: 0.8, gain: 0.26 })),
  ...tune.map(([note, at, duration]) => ({ instrument: 'flute', note, at, duration, gain: 0.3 })),
];

/** @type {import('../table.js').Music} */
export const MUSIC = {
  tempo: 74,
  bars: [
    bar(45, [[76, 0, 1.5], [74, 1.5, 0.5], [72, 2, 2]]),
    bar(41, [[72, 0, 1], [69, 1, 1], [72, 2, 1.8]]),
    bar(48, [[74, 0, 1.5], [76, 1.5, 0.5], [79, 2, 2]]),
    bar(43, [[76, 0, 1], [74, 1, 2.6]]),
    bar(45, [[76, 0, 1.5], [79, 1.5, 0.5], [81, 2, 2]]),
    bar(41, [[79, 0, 1], [76, 1, 1], [72, 2, 1.8]]),
    bar(43, [[74, 0, 1], [76, 1, 1], [74, 2, 1], [71, 3, 0.8]]),
    bar(45, [[69, 0, 3.4]]),
  ],
};
