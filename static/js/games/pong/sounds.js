// What each happening sounds like. `pitch` of an event lifts its notes: a long rally climbs.

/** @type {Record<string, import('../table.js').Note[]>} */
export const SOUNDS = {
  serve: [{ instrument: 'shaker', note: 60, at: 0, duration: 0.08, gain: 0.35 }],
  hit: [{ instrument: 'marimba', note: 67, at: 0, duration: 0.25, gain: 0.8 }],
  answer: [{ instrument: 'marimba', note: 60, at: 0, duration: 0.25, gain: 0.55 }],
  smash: [
    { instrument: 'drum', note: 43, at: 0, duration: 0.2, gain: 0.8 },
    { instrument: 'marimba', note: 79, at: 0, duration: 0.3, gain: 0.9 },
  ],
  swing: [{ instrument: 'shaker', note: 72, at: 0, duration: 0.12, gain: 0.3 }],
  wall: [{ instrument: 'blip', note: 55, at: 0, duration: 0.07, gain: 0.3 }],
  point: [
    { instrument: 'bell', note: 72, at: 0, duration: 0.4, gain: 0.6 },
    { instrument: 'bell', note: 79, at: 0.1, duration: 0.6, gain: 0.6 },
  ],
  lost: [
    { instrument: 'bass', note: 48, at: 0, duration: 0.25, gain: 0.6 },
    { instrument: 'bass', note: 43, at: 0.14, duration: 0.4, gain: 0.6 },
  ],
  level: [60, 64, 67, 72, 76, 79].map((note, i) => ({ instrument: 'bell', note, at: 0.09 * i, duration: 0.5, gain: 0.6 })),
  over: [67, 64, 60, 55, 48].map((note, i) => ({ instrument: 'pluck', note, at: 0.16 * i, duration: 0.5, gain: 0.6 })),
};

const bar = (/** @type {number[]} */ tune, /** @type {number} */ root) => [
  ...[0, 2].map((at) => ({ instrument: 'bass', note: root, at, duration: 0.8, gain: 0.5 })),
  ...[1, 3].map((at) => ({ instrument: 'shaker', note: 60, at, duration: 0.1, gain: 0.25 })),
  ...tune.map((note, i) => ({ instrument: 'pluck', note, at: 0.5 * i, duration: 0.4, gain: 0.35 })).filter(({ note }) => note > 0),
];

/** @type {import('../table.js').Music} */
export const MUSIC = {
  tempo: 108,
  bars: [
    bar([72, 0, 76, 0, 79, 76, 0, 0], 48),
    bar([74, 0, 77, 0, 81, 77, 0, 0], 50),
    bar([76, 0, 79, 0, 83, 0, 79, 76], 52),
    bar([74, 0, 71, 0, 67, 0, 0, 0], 43),
  ],
};
