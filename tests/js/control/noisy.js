// Sequences of strengths as a classifier gives them of a person who plays: two actions and rest, with
// moves that take time, doubt that lasts a moment, and single odd pictures. Everything from a seed.

import { readFileSync } from 'node:fs';
import { Decider } from '../../../static/js/control/decider.js';
import { below, seeded } from '../../../static/js/core/random.js';

/**
 * @typedef {object} Noise
 * @property {number} sure logit of what is shown: 4 is about 96 %
 * @property {number} doubt standard deviation of the logits, lasting
 * @property {number} lasts ms, correlation time of the doubt
 * @property {number} odd share of pictures that show something else altogether
 */

/** @type {Record<string, Noise>} */
export const NOISES = {
  clean: { sure: 5, doubt: 0.5, lasts: 150, odd: 0 },
  ordinary: { sure: 4, doubt: 1, lasts: 150, odd: 0.02 },
  hard: { sure: 3, doubt: 1.4, lasts: 200, odd: 0.05 },
};

/** How long one way of standing lasts, and how long the move to the next takes (ms). */
const STANDS = { least: 600, more: 900 };
const MOVES = { least: 80, more: 120 };

/**
 * Draw a sequence.
 * @param {{noise: Noise, fps: number, seconds: number, seed: number | string}} options
 * @returns {{at: Float64Array, strengths: Float32Array, truth: Int8Array, changes: {at: number, to: number}[]}}
 *   strengths: two per picture; truth: 0 and 1 for the actions, 2 for rest; changes: the middle of each move
 */
export function sequence({ noise, fps, seconds, seed }) {
  const random = seeded(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const n = Math.floor(seconds * fps);
  const at = new Float64Array(n);
  const strengths = new Float32Array(2 * n);
  const truth = new Int8Array(n);
  const changes = [];
  const drift = [0, 0, 0];
  const keep = Math.exp(-1000 / fps / noise.lasts);
  let from = 2;
  let to = 2;
  let begins = 0;
  let takes = 1;
  let next = 500;
  for (let i = 0; i < n; i++) {
    const time = (1000 * i) / fps;
    if (time >= next) {
      from = to;
      to = (to + 1 + below(random, 2)) % 3;
      begins = next;
      takes = MOVES.least + MOVES.more * random();
      next += takes + STANDS.least + STANDS.more * random();
      changes.push({ at: begins + takes / 2, to });
    }
    const done = Math.min(1, Math.max(0, (time - begins) / takes));
    const odd = random() < noise.odd;
    const instead = below(random, 3);
    const logits = drift.map((value, c) => {
      drift[c] = keep * value + Math.sqrt(1 - keep * keep) * noise.doubt * normal();
      if (odd) return noise.sure * Number(c === instead);
      return noise.sure * (done * Number(c === to) + (1 - done) * Number(c === from)) + drift[c];
    });
    const shares = logits.map(Math.exp);
    const sum = shares.reduce((a, b) => a + b);
    at[i] = time;
    strengths[2 * i] = shares[0] / sum;
    strengths[2 * i + 1] = shares[1] / sum;
    truth[i] = done < 0.5 ? from : to;
  }
  return { at, strengths, truth, changes };
}

/**
 * Play a sequence through a decider.
 * @param {ReturnType<typeof sequence>} played @param {Partial<import('../../../static/js/control/decider.js').Control>} control
 * @returns {{delays: number[], missed: number, wrong: number, flickers: number, asked: number, minutes: number}} delays: from
 *   the middle of the move to the action (ms); wrong: actions nobody showed; flickers: an action that was let go while it was shown
 */
export function play({ at, strengths, truth, changes }, control) {
  const actions = ['left', 'right'];
  const decider = new Decider({ actions, ...control });
  const played = { delays: /** @type {number[]} */ ([]), missed: 0, wrong: 0, flickers: 0, asked: 0, minutes: at[at.length - 1] / 60000 };
  let change = -1;
  let answered = true;
  for (let i = 0; i < at.length; i++) {
    while (change + 1 < changes.length && changes[change + 1].at <= at[i]) {
      if (!answered) played.missed++;
      change++;
      answered = changes[change].to === 2;
      if (!answered) played.asked++;
    }
    for (const { type, action } of decider.push(strengths.subarray(2 * i, 2 * i + 2), at[i])) {
      const index = actions.indexOf(action);
      if (type === 'press' && index === truth[i] && !answered) {
        played.delays.push(at[i] - changes[change].at);
        answered = true;
      } else if (type === 'press' && index !== truth[i]) played.wrong++;
      else if (type === 'release' && index === truth[i]) played.flickers++;
    }
  }
  return played;
}

/**
 * Give what real eyes said of a hand: recorded.json.
 * @param {number} [every] take only every so many-th picture
 * @returns {ReturnType<typeof sequence>[]}
 */
export function recorded(every = 1) {
  const { fps, sequences } = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8'));
  return sequences.map((/** @type {{left: string, right: string, truth: string, changes: [number, number][]}} */ { left, right, truth, changes }) => {
    const kept = [...truth].map((_, i) => i).filter((i) => i % every === 0);
    const [a, b] = [left, right].map((text) => text.split(' ').map(Number));
    return {
      at: Float64Array.from(kept, (i) => (1000 * i) / fps),
      strengths: Float32Array.from(kept.flatMap((i) => [a[i] / 100, b[i] / 100])),
      truth: Int8Array.from(kept, (i) => Number(truth[i])),
      changes: changes.map(([at, to]) => ({ at, to })),
    };
  });
}
