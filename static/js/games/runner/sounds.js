// The sounds of the way home: plucked strings, flutes and dry leaves. `pitch` of an event lifts its
// notes in half tones.

/** @type {Record<string, import('../table.js').Note[]>} */
export const SOUNDS = {
  jump: [
    { instrument: 'flute', note: 67, at: 0, duration: 0.1, gain: 0.35 },
    { instrument: 'flute', note: 74, at: 0.06, duration: 0.14, gain: 0.35 },
  ],
  land: [{ instrument: 'drum', note: 48, at: 0, duration: 0.09, gain: 0.3 }],
  duck: [
    { instrument: 'flute', note: 62, at: 0, duration: 0.08, gain: 0.3 },
    { instrument: 'shaker', note: 58, at: 0.03, duration: 0.14, gain: 0.28 },
  ],
  leaf: [{ instrument: 'pluck', note: 76, at: 0, duration: 0.18, gain: 0.4 }],
  gold: [76, 81, 85, 88].map((note, i) => ({ instrument: 'bell', note, at: 0.06 * i, duration: 0.5, gain: 0.5 })),
  pass: [{ instrument: 'marimba', note: 60, at: 0, duration: 0.2, gain: 0.4 }],
  chain: [72, 76, 79, 84].map((note, i) => ({ instrument: 'bell', note, at: 0.06 * i, duration: 0.4, gain: 0.4 })),
  hit: [
    { instrument: 'drum', note: 40, at: 0, duration: 0.22, gain: 0.75 },
    { instrument: 'brass', note: 47, at: 0.03, duration: 0.2, gain: 0.4 },
    { instrument: 'brass', note: 44, at: 0.16, duration: 0.3, gain: 0.4 },
  ],
  hurry: [
    { instrument: 'shaker', note: 70, at: 0, duration: 0.25, gain: 0.35 },
    { instrument: 'flute', note: 79, at: 0.04, duration: 0.2, gain: 0.25 },
  ],
  // Quiet hints of what comes: up for a jump, down for a duck.
  'ahead-jump': [
    { instrument: 'pluck', note: 64, at: 0, duration: 0.1, gain: 0.14 },
    { instrument: 'pluck', note: 71, at: 0.09, duration: 0.12, gain: 0.14 },
  ],
  'ahead-duck': [
    { instrument: 'pluck', note: 64, at: 0, duration: 0.1, gain: 0.14 },
    { instrument: 'pluck', note: 57, at: 0.09, duration: 0.12, gain: 0.14 },
  ],
  level: [62, 66, 69, 74, 78, 81].map((note, i) => ({ instrument: 'flute', note, at: 0.1 * i, duration: 0.35, gain: 0.45 })),
  heart: [69, 74, 78].map((note, i) => ({ instrument: 'bell', note, at: 0.3 + 0.1 * i, duration: 0.6, gain: 0.45 })),
  over: [74, 69, 66, 62, 50].map((note, i) => ({ instrument: 'pluck', note, at: 0.18 * i, duration: 0.6, gain: 0.55 })),
};

/** A skipping three in four, in beats. @param {number} root @param {number[]} tune a note each half beat, 0: rest */
const bar = (root, tune) => [
  ...[0, 2].map((at) => ({ instrument: 'bass', note: at ? root + 7 : root, at, duration: 0.7, gain: 0.4 })),
  ...[1, 3].map((at) => ({ instrument: 'drum', note: 60, at, duration: 0.06, gain: 0.16 })),
  ...[0.5, 1.5, 2.5, 3.5].map((at) => ({ instrument: 'shaker', note: 72, at, duration: 0.05, gain: 0.16 })),
  ...tune.map((note, i) => ({ instrument: 'pluck', note, at: 0.5 * i, duration: 0.4, gain: 0.36 })).filter(({ note }) => note > 0),
];

/** @type {import('../table.js').Music} */
export const MUSIC = {
  tempo: 126,
  bars: [
    bar(38, [74, 0, 78, 0, 81, 78, 74, 0]),
    bar(43, [79, 0, 78, 74, 0, 71, 74, 0]),
    bar(47, [71, 0, 74, 0, 78, 0, 74, 71]),
    bar(45, [69, 73, 76, 0, 73, 0, 69, 0]),
  ],
};
