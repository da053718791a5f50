// What a calibration round found, in words that say what to do about it.

import { quantile } from '../core/votes.js';
import { DEFAULTS, Decider, thresholdOf } from './decider.js';

/**
 * @typedef {import('./round.js').Asked} Asked
 * @typedef {import('./round.js').Round} Round
 * @typedef {object} Advice
 * @property {'unbound' | 'alike' | 'restless' | 'missed' | 'jittery' | 'slow' | 'pictures'} kind
 * @property {string} text
 * @property {Asked[]} actions that it speaks of
 * @property {string[]} classIds theirs, and those that mean nothing; first the ones to record more of
 * @property {Partial<import('./decider.js').Control>} [control] values that would help
 * @typedef {Omit<import('./round.js').RoundResult, 'advice'> & {actions: string[]}} Found
 */

export const LIMITS = {
  mixed: 2, // times two actions were taken for each other
  mixedShare: 0.3, // or share of both
  restlessShare: 1 / 3, // of doing nothing that was taken for something
  missed: 2, // times an action was not seen
  missedShare: 0.5, // or share
  weak: 0.25, // strength from which a lower threshold can help
  slackShare: 0.85, // of the strength that was reached, for a lower threshold
  few: 10, // examples
  flickers: 2,
  flickerShare: 0.2, // of the prompts
  slow_ms: 150, // that smoothing and hold cost together
  pictures: 12, // per second
};

/** @param {Found} found @param {Round} round @returns {Advice[]} most pressing first */
export function advise(found, round) {
  if (!found.asked) return [];
  return [unbound, alike, restless, missed, jittery, slow, pictures].flatMap((rule) => rule(found, round));
}

/** @param {Asked} action @param {Round} round */
function titleOf(action, { titles }) {
  if (action === null) return 'nothing';
  return titles[action] ?? action.charAt(0).toUpperCase() + action.slice(1).replace(/(\D)(\d)/, '$1 $2');
}

/** @param {Round} round @param {Asked[]} actions */
const classesOf = ({ classes }, actions) => classes.filter(({ action }) => actions.includes(action));

/** @param {Round} round @param {Asked[]} actions */
const idsOf = (round, actions) => classesOf(round, actions).map(({ id }) => id);

/** @param {number} share */
const percent = (share) => `${Math.round(100 * share)} %`;

/** @param {Found} found @param {Round} round @returns {Advice[]} */
function unbound({ perAction }, round) {
  if (round.classes.length === 0) return [];
  return perAction.flatMap(({ action, asked }) => {
    if (action === null || !asked || idsOf(round, [action]).length) return [];
    return [{ kind: /** @type {const} */ ('unbound'), text: `No class means ${titleOf(action, round)}. Choose one for it, or teach it.`, actions: [action], classIds: [] }];
  });
}

/** @param {Found} found @param {Round} round @returns {Advice[]} */
function alike({ actions, confusion }, round) {
  /** @type {Advice[]} */
  const advice = [];
  const asked = confusion.map((row) => row.reduce((a, b) => a + b, 0));
  for (let a = 0; a < actions.length; a++) {
    for (let b = a + 1; b < actions.length; b++) {
      const mixed = confusion[a][b] + confusion[b][a];
      const all = asked[a] + asked[b];
      if (!mixed || (mixed < LIMITS.mixed && mixed < LIMITS.mixedShare * all)) continue;
      const pair = [actions[a], actions[b]];
      const [one, other] = pair.map((action) => titleOf(action, round));
      const text = `${one} and ${other} look alike: one was taken for the other ${mixed} of ${all} times. Make them more different, and record both further out.`;
      advice.push({ kind: 'alike', text, actions: pair, classIds: idsOf(round, pair) });
    }
  }
  return advice;
}

/** @param {Found} found @param {Round} round @returns {Advice[]} */
function restless({ actions, confusion }, round) {
  const row = confusion[actions.length];
  const asked = row.reduce((a, b) => a + b, 0);
  const taken = asked - row[actions.length];
  if (!taken || taken < LIMITS.restlessShare * asked) return [];
  const wrong = actions.filter((_, i) => row[i] > 0);
  const cure = idsOf(round, [null]).length
    ? 'Record more of nothing: walk about, hands down, look away.'
    : 'Teach one more class that means nothing: walk about, hands down, look away.';
  const text = `Doing nothing was taken for ${wrong.map((action) => titleOf(action, round)).join(' or ')} ${taken} of ${asked} times. ${cure}`;
  return [{ kind: 'restless', text, actions: wrong, classIds: [...idsOf(round, [null]), ...idsOf(round, wrong)] }];
}

/** @param {Found} found @param {Round} round @returns {Advice[]} */
function missed({ actions, perAction, confusion }, round) {
  const none = actions.length;
  return perAction.flatMap(({ action, asked }, i) => {
    if (action === null) return [];
    const count = confusion[i][none];
    const classes = classesOf(round, [action]);
    if (!count || (count < LIMITS.missed && count < LIMITS.missedShare * asked) || (round.classes.length && !classes.length)) return [];
    const title = titleOf(action, round);
    const advice = { kind: /** @type {const} */ ('missed'), actions: [action], classIds: classes.map(({ id }) => id) };
    const { on } = thresholdOf(round.control, action);
    const reached = strengthOf(round, action);
    if (reached !== null && reached >= LIMITS.weak && reached < on + 0.05) {
      const lower = Math.round(100 * LIMITS.slackShare * Math.min(reached, on)) / 100;
      const text = `${title} was seen too weakly ${count} of ${asked} times: ${percent(reached)}, and it counts from ${percent(on)}. Record more of it, or let it count from ${percent(lower)}.`;
      return [{ ...advice, text, control: { thresholds: { [action]: { on: lower, off: lower / 2 } } } }];
    }
    const few = classes.filter((known) => known.count !== undefined && known.count < LIMITS.few);
    const why = few.length ? ` “${few[0].label}” has only ${few[0].count} ${few[0].count === 1 ? 'picture' : 'pictures'}.` : '';
    return [{ ...advice, text: `${title} was not recognised ${count} of ${asked} times.${why} Record more of it, from where you play.` }];
  });
}

/**
 * How strong an action became where it was asked for and missed: the 0.8 quantile of the pictures, as
 * the first ones still show something else.
 * @param {Round} round @param {string} action @returns {number | null}
 */
function strengthOf({ actions, answers, at, strengths, pictures }, action) {
  const column = actions.indexOf(action);
  const seen = [];
  for (const answer of answers) {
    if (answer.asked !== action || answer.answered !== null) continue;
    for (let i = 0; i < pictures; i++) {
      if (at[i] >= answer.at && at[i] < answer.endAt) seen.push(strengths[i * actions.length + column]);
    }
  }
  return seen.length ? quantile(Float64Array.from(seen).sort(), 0.8) : null;
}

/** @param {Found} found @param {Round} round @returns {Advice[]} */
function jittery({ flickers, asked }, round) {
  if (flickers < LIMITS.flickers || flickers < LIMITS.flickerShare * asked) return [];
  const smoothing = Math.min(300, Math.max(DEFAULTS.smoothing_ms, 2 * round.control.smoothing_ms));
  const text = `Actions came and went ${flickers} times while you held still. More smoothing calms them: ${smoothing} ms.`;
  return [{ kind: 'jittery', text, actions: [], classIds: [], control: { smoothing_ms: smoothing } }];
}

/** @param {Found} found @param {Round} round @returns {Advice[]} */
function slow({ flickers }, { control, actions }) {
  const delays = Object.values(new Decider({ actions, ...control }).delays());
  const total = Math.max(...delays.map((delay) => delay.total).filter(Number.isFinite), 0);
  if (total < LIMITS.slow_ms || flickers > 0) return [];
  const better = { smoothing_ms: Math.min(control.smoothing_ms, DEFAULTS.smoothing_ms), hold_ms: Math.min(control.hold_ms, DEFAULTS.hold_ms) };
  const text = `Smoothing and hold cost ${Math.round(total)} ms of every action. Smaller values make it quicker: ${better.smoothing_ms} ms and ${better.hold_ms} ms.`;
  return [{ kind: 'slow', text, actions: [], classIds: [], control: better }];
}

/** @param {Found} found @returns {Advice[]} */
function pictures({ pictures: rate }) {
  if (rate === null || rate >= LIMITS.pictures) return [];
  const text = `Only ${Math.round(rate)} pictures a second are looked at, and every action waits for the next one. Smaller eyes are quicker; so is closing other programs.`;
  return [{ kind: 'pictures', text, actions: [], classIds: [] }];
}
