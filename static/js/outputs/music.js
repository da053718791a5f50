/** @typedef {import('./synth.js').Note} Note */

const LETTERS = ['C', 'C♯', 'D', 'E♭', 'E', 'F', 'F♯', 'G', 'A♭', 'A', 'B♭', 'B'];

/**
 * Name a MIDI note: 60 is C4.
 * @param {number} note
 */
export const noteName = (note) => `${LETTERS[((note % 12) + 12) % 12]}${Math.floor(note / 12) - 1}`;

/** Semitones above the root. @type {Record<string, {title: string, steps: number[]}>} */
export const SCALES = {
  pentatonic: { title: 'Pentatonic', steps: [0, 2, 4, 7, 9] },
  minor_pentatonic: { title: 'Minor pentatonic', steps: [0, 3, 5, 7, 10] },
  major: { title: 'Major', steps: [0, 2, 4, 5, 7, 9, 11] },
  minor: { title: 'Minor', steps: [0, 2, 3, 5, 7, 8, 10] },
  whole: { title: 'Whole tones', steps: [0, 2, 4, 6, 8, 10] },
};

/**
 * The nth note of a scale, upwards through the octaves.
 * @param {string} scale name in SCALES
 * @param {number} n 0 is the root
 * @param {number} [root] MIDI note
 */
export function noteOf(scale, n, root = 60) {
  const { steps } = SCALES[scale];
  const octave = Math.floor(n / steps.length);
  return root + 12 * octave + steps[n - octave * steps.length];
}

/**
 * Short phrases: [semitones above the root, start, duration, gain] in beats of 0.15 s. Our own.
 * @type {Record<string, {title: string, notes: [number, number, number, number?][]}>}
 */
export const PHRASES = {
  one: { title: 'One note', notes: [[0, 0, 4]] },
  up: { title: 'Going up', notes: [[0, 0, 1.5], [4, 1, 1.5], [7, 2, 1.5], [12, 3, 4]] },
  down: { title: 'Going down', notes: [[12, 0, 1.5], [7, 1, 1.5], [4, 2, 1.5], [0, 3, 4]] },
  chord: { title: 'Chord', notes: [[0, 0, 6, 0.6], [4, 0, 6, 0.5], [7, 0, 6, 0.5], [12, 0, 6, 0.4]] },
  strum: { title: 'Strum', notes: [[0, 0, 8, 0.7], [7, 0.3, 8, 0.6], [12, 0.6, 8, 0.6], [16, 0.9, 8, 0.6], [19, 1.2, 8, 0.5]] },
  doorbell: { title: 'Doorbell', notes: [[4, 0, 3], [0, 3, 5]] },
  question: { title: 'Question', notes: [[0, 0, 1], [-1, 1, 1], [0, 2, 1], [6, 3, 4]] },
  hooray: { title: 'Hooray', notes: [[7, 0, 0.8], [7, 1, 0.8], [7, 2, 0.8], [12, 3, 2.4], [9, 5, 1], [12, 6, 5]] },
  stumble: { title: 'Stumble', notes: [[7, 0, 1], [6, 1, 1], [5, 2, 1], [4, 3, 1], [-5, 4.6, 4]] },
  skip: { title: 'Skipping', notes: [[0, 0, 0.7], [7, 1, 0.7], [4, 2, 0.7], [9, 3, 0.7], [7, 4, 0.7], [12, 5, 2.5]] },
  wink: { title: 'Wink', notes: [[12, 0, 0.5], [19, 0.6, 0.9]] },
  drumroll: { title: 'Roll', notes: [[0, 0, 0.5, 0.3], [0, 0.5, 0.5, 0.4], [0, 1, 0.5, 0.45], [0, 1.5, 0.5, 0.55], [0, 2, 0.5, 0.65], [0, 2.5, 0.5, 0.75], [0, 3.2, 3, 1]] },
};

const BEAT = 0.15;

/**
 * Write a phrase out as notes.
 * @param {string} phrase name in PHRASES
 * @param {string} instrument
 * @param {number} root MIDI note
 * @returns {Note[]}
 */
export function phrase(phrase, instrument, root) {
  return PHRASES[phrase].notes.map(([step, at, duration, gain = 0.8]) => ({
    instrument, note: Math.min(108, Math.max(21, root + step)), at: round(at * BEAT), duration: round(duration * BEAT), gain,
  }));
}

const round = (/** @type {number} */ x) => Math.round(x * 1000) / 1000;

/**
 * Tell which phrase notes were written from, and from which root; null for a melody of its own.
 * @param {Note[]} notes
 * @returns {{phrase: string, root: number}|null}
 */
export function phraseOf(notes) {
  if (!notes.length) return null;
  for (const [name, { notes: plan }] of Object.entries(PHRASES)) {
    const root = notes[0].note - plan[0][0];
    const written = phrase(name, notes[0].instrument, root);
    if (written.length === notes.length && written.every((n, i) => n.note === notes[i].note && n.at === notes[i].at && n.duration === notes[i].duration)) return { phrase: name, root };
  }
  return null;
}

/**
 * A note for each of n classes that sound well in any order: a pentatonic scale.
 * @param {number} n
 * @param {string} [instrument]
 * @returns {Note[][]}
 */
export function noteForEach(n, instrument = 'marimba') {
  // From C4 upwards, lower for many classes so that the last ones stay below a whistle.
  const root = n > 12 ? 48 : 60;
  return Array.from({ length: n }, (_, i) => phrase('one', instrument, Math.min(96, noteOf('pentatonic', i, root))));
}
