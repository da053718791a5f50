// The sounds of the workshop: wood, tin and a friendly bell. `pitch` of an event lifts its notes in
// half tones: a streak climbs, and every bin has a tone of its own.

/** @type {Record<string, import('../table.js').Note[]>} */
export const SOUNDS = {
  choose: [{ instrument: 'pluck', note: 60, at: 0, duration: 0.12, gain: 0.22 }],
  right: [
    { instrument: 'marimba', note: 64, at: 0, duration: 0.25, gain: 0.7 },
    { instrument: 'marimba', note: 71, at: 0.07, duration: 0.3, gain: 0.6 },
  ],
  gold: [72, 76, 79, 84, 88].map((note, i) => ({ instrument: 'bell', note, at: 0.06 * i, duration: 0.5, gain: 0.5 })),
  'let-go': [
    { instrument: 'flute', note: 67, at: 0, duration: 0.14, gain: 0.35 },
    { instrument: 'flute', note: 74, at: 0.11, duration: 0.2, gain: 0.35 },
  ],
  wrong: [
    { instrument: 'brass', note: 46, at: 0, duration: 0.22, gain: 0.5 },
    { instrument: 'brass', note: 45, at: 0.12, duration: 0.35, gain: 0.5 },
  ],
  miss: [
    { instrument: 'pluck', note: 55, at: 0, duration: 0.2, gain: 0.45 },
    { instrument: 'pluck', note: 50, at: 0.12, duration: 0.3, gain: 0.45 },
  ],
  land: [
    { instrument: 'drum', note: 52, at: 0, duration: 0.1, gain: 0.3 },
    { instrument: 'shaker', note: 66, at: 0.02, duration: 0.08, gain: 0.2 },
  ],
  bounce: [
    { instrument: 'drum', note: 45, at: 0, duration: 0.14, gain: 0.45 },
    { instrument: 'blip', note: 50, at: 0.05, duration: 0.1, gain: 0.2 },
  ],
  unwrap: [
    { instrument: 'shaker', note: 78, at: 0, duration: 0.14, gain: 0.4 },
    { instrument: 'pluck', note: 79, at: 0.05, duration: 0.15, gain: 0.35 },
  ],
  streak: [67, 71, 74, 79].map((note, i) => ({ instrument: 'bell', note, at: 0.05 * i, duration: 0.45, gain: 0.45 })),
  'streak-end': [{ instrument: 'pluck', note: 43, at: 0.08, duration: 0.35, gain: 0.35 }],
  rush: [0, 1, 2, 3].map((i) => ({ instrument: 'bell', note: i % 2 ? 79 : 84, at: 0.11 * i, duration: 0.14, gain: 0.4 })),
  level: [55, 59, 62, 67, 71, 74, 79].map((note, i) => ({ instrument: 'marimba', note, at: 0.08 * i, duration: 0.45, gain: 0.6 })),
  over: [67, 62, 59, 55, 43].map((note, i) => ({ instrument: 'organ', note, at: 0.17 * i, duration: 0.45, gain: 0.35 })),
};

/** The belt's rhythm, in beats. @param {number} root @param {number[]} tune a note each half beat, 0: rest */
const bar = (root, tune) => [
  ...[0, 1.5, 2, 3.5].map((at, i) => ({ instrument: 'bass', note: i % 2 ? root + 7 : root, at, duration: 0.4, gain: 0.45 })),
  ...[0.5, 1, 1.5, 2.5, 3, 3.5].map((at) => ({ instrument: 'shaker', note: 68, at, duration: 0.06, gain: at % 1 ? 0.14 : 0.24 })),
  ...tune.map((note, i) => ({ instrument: 'marimba', note, at: 0.5 * i, duration: 0.35, gain: 0.34 })).filter(({ note }) => note > 0),
];

/** @type {import('../table.js').Music} */
export const MUSIC = {
  tempo: 116,
  bars: [
    bar(43, [67, 0, 71, 74, 0, 71, 67, 0]),
    bar(48, [72, 0, 76, 72, 0, 67, 0, 64]),
    bar(45, [69, 0, 72, 76, 0, 72, 69, 0]),
    bar(50, [74, 72, 71, 0, 69, 0, 66, 0]),
  ],
};
