// Better values for the decider, found by playing what a calibration round has seen through it again.

import { below, seeded } from '../core/random.js';
import { Decider, completed, thresholdOf } from './decider.js';
import { Round } from './round.js';

/**
 * @typedef {import('./decider.js').Control} Control
 * @typedef {import('./round.js').Samples} Samples
 * @typedef {object} Outcome of a rehearsal
 * @property {number} right prompts answered rightly @property {number} asked
 * @property {number} flickers
 * @property {number} delay_ms mean from the movement, or else the prompt, to a right action; 0 where there is none
 * @typedef {object} Proposal
 * @property {Control} control
 * @property {Outcome} before with the values in use @property {Outcome} after with those proposed
 * @property {boolean} better whether it is worth changing anything
 * @property {'right' | 'calmer' | 'steadier' | 'faster' | null} gain why it is: more right, fewer flickers, the same
 *   here but more right or calmer in harder versions of the round, or faster; null where nothing is better
 */

/** What is tried; `off` is a share of `on`. */
export const GRID = {
  smoothing_ms: [0, 30, 60, 90, 130, 190],
  hold_ms: [0, 30, 70],
  on: [0.5, 0.6, 0.7, 0.8],
  own: [0.3, 0.4, 0.5, 0.6, 0.7, 0.8], // of a single action
  share: [0.5, 0.75],
};

/** One picture in so many is swapped for another of the round, in so many further rehearsals. */
const ODD_PICTURES = 40;
const HARDER = 3;

/** Faster by less than this is not worth a change (ms). */
const NOTABLE = 25;
const MUCH = 50;

/**
 * Decide again what was seen in a round.
 * @param {Samples} samples @param {Partial<Control>} control @param {Float32Array} [strengths] instead of those seen
 * @returns {Outcome}
 */
export function rehearse({ actions, at, heard, answers, strengths: seen }, control, strengths = seen) {
  const width = actions.length;
  const decider = new Decider({ actions, ...control });
  const round = new Round({ plan: answers.map(({ asked }) => asked), actions, onset: null, keep: false });
  const picture = new Float32Array(width);
  let shown = 0;
  for (let i = 0; i < at.length; i++) {
    while (shown < answers.length && answers[shown].at < heard[i]) begin(round, answers[shown++]);
    if (shown === answers.length && shown > 0 && heard[i] > answers[shown - 1].endAt) break;
    for (let a = 0; a < width; a++) picture[a] = strengths[i * width + a];
    for (const { type, action } of decider.push(picture, at[i])) round.decide({ type, action, at: heard[i], seenAt: at[i] });
  }
  while (shown < answers.length) begin(round, answers[shown++]);
  round.end(answers.at(-1)?.endAt ?? 0);
  const outcome = { right: 0, asked: answers.length, flickers: 0, delay_ms: 0 };
  let timed = 0;
  for (const { asked, answered, at: from, movedAt, decidedAt, flickers } of round.answers) {
    outcome.flickers += flickers;
    if (asked !== answered) continue;
    outcome.right++;
    if (asked === null || decidedAt === null) continue;
    timed++;
    outcome.delay_ms += decidedAt - (movedAt ?? from);
  }
  if (timed) outcome.delay_ms /= timed;
  return outcome;
}

/** @param {Round} round @param {import('./round.js').Answer} answer */
function begin(round, { at, movedAt }) {
  round.next(at);
  if (movedAt !== null) round.moved(movedAt);
}

/** Better first: more right, then fewer flickers, then faster. @param {Outcome} a @param {Outcome} b */
const compare = (a, b) => b.right - a.right || a.flickers - b.flickers || a.delay_ms - b.delay_ms;

/**
 * Find the fastest values that are right as often as can be and flicker least, on what was seen and on
 * harder versions of it: values that stand only what this round has shown would be too nervous. Takes
 * longer than a frame (some 60 ms for four actions and 30 seconds): call it in a Worker.
 * @param {Samples} samples `round.samples`, of a round that is done
 * @param {Partial<Control>} [control] in use; what is not tried (repeat) is kept
 * @returns {Proposal}
 */
export function propose(samples, control = {}) {
  const { actions } = samples;
  const current = completed(control);
  const versions = [samples.strengths, ...Array.from({ length: HARDER }, (_, i) => harder(samples, i))];
  const rate = (/** @type {Control} */ tried) => sum(versions.map((strengths) => rehearse(samples, tried, strengths)));
  let best = current;
  const was = rate(current);
  let outcome = was;
  /** Take values that do better. @param {Control} tried @param {(result: Outcome) => boolean} [enough] */
  const consider = (tried, enough = () => true) => {
    const result = rate(tried);
    // Of values that do as well, those that were tried first are kept: the ones in use, then the smaller.
    if (compare(result, outcome) >= 0 || !enough(result)) return;
    best = tried;
    outcome = result;
  };
  /** Try all smoothing and holding with such thresholds. @param {(action: string) => Partial<import('./decider.js').Threshold>} of */
  const considerAll = (of) => {
    const thresholds = Object.fromEntries(actions.map((action) => [action, of(action)]));
    for (const smoothing_ms of GRID.smoothing_ms) {
      for (const hold_ms of GRID.hold_ms) consider({ ...current, smoothing_ms, hold_ms, thresholds });
    }
  };
  for (const on of GRID.on) considerAll(() => pair(on));
  // Then each action by itself: one that is seen weakly, or never quite gone, needs other thresholds. A
  // single action was asked for too seldom for small gains to mean anything.
  for (const action of actions) {
    const { right, delay_ms } = outcome;
    const enough = (/** @type {Outcome} */ result) => result.right >= right + HARDER || result.delay_ms <= delay_ms - MUCH;
    for (const on of GRID.own) {
      for (const share of GRID.share) consider({ ...best, thresholds: { ...best.thresholds, [action]: pair(on, share) } }, enough);
    }
  }
  const { thresholds } = best;
  considerAll((action) => thresholds[action] ?? thresholdOf(best, action));
  const before = rehearse(samples, current);
  const after = rehearse(samples, best);
  const gain = gainOf(before, after, was, outcome);
  return gain ? { control: best, before, after, better: true, gain } : { control: current, before, after: before, better: false, gain };
}

/**
 * Say what is gained.
 * @param {Outcome} before @param {Outcome} after in the round itself
 * @param {Outcome} was @param {Outcome} is with all versions
 * @returns {Proposal['gain']}
 */
function gainOf(before, after, was, is) {
  if (after.right !== before.right) return after.right > before.right ? 'right' : null;
  if (after.flickers !== before.flickers) return after.flickers < before.flickers ? 'calmer' : null;
  if (before.delay_ms - after.delay_ms >= NOTABLE) return 'faster';
  // Once in each harder version may be chance in what was swapped; more is a value too nervous to keep.
  return (is.right - was.right || was.flickers - is.flickers) > HARDER ? 'steadier' : null;
}

/** @param {number} on @param {number} [share] */
const pair = (on, share = GRID.share[0]) => ({ on, off: Math.round(100 * on * share) / 100 });

/** @param {Outcome[]} outcomes @returns {Outcome} */
function sum(outcomes) {
  const total = { right: 0, asked: 0, flickers: 0, delay_ms: 0 };
  for (const { right, asked, flickers, delay_ms } of outcomes) {
    total.right += right;
    total.asked += asked;
    total.flickers += flickers;
    total.delay_ms += delay_ms / outcomes.length;
  }
  return total;
}

/** Swap a few pictures for others of the round; the same ones every time. @param {Samples} samples @param {number} version */
function harder({ actions, strengths }, version) {
  const width = actions.length;
  const pictures = strengths.length / width;
  const random = seeded(`harder ${version}`);
  const swapped = strengths.slice();
  for (let i = 0; i < pictures; i++) {
    if (random() * ODD_PICTURES >= 1) continue;
    const from = below(random, pictures);
    for (let a = 0; a < width; a++) swapped[i * width + a] = strengths[from * width + a];
  }
  return swapped;
}
