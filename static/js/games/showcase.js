// What the cards of the arcade show: a game that its bot plays, or one good moment of it.
import { seeded } from '../core/random.js';

/** Length of a tick of every game's rules (ms). */
const TICK = 1000 / 60;
/** Most ticks between two pictures: a card that was out of sight does not catch up. */
const MOST_TICKS = 6;

/**
 * @template S
 * @typedef {object} Rules what is needed of a game
 * @property {(options: {random: () => number, scheme: string, level: number}) => S} create
 * @property {(state: S, inputs: {held: Set<string>, pressed: string[]}[], random: () => number) => void} step
 * @property {(state: S) => string|null} bot
 */

/**
 * Let a bot play, tick by tick.
 * @template {{over: boolean}} S
 * @param {Rules<S>} rules
 * @param {{seed: string, scheme: string, level: number, prepare?: (state: S) => void}} setting prepare: changes a game that begins
 */
function played({ create, step, bot }, { seed, scheme, level, prepare }) {
  const random = seeded(seed);
  const input = { held: new Set(/** @type {string[]} */ ([])), pressed: /** @type {string[]} */ ([]) };
  const inputs = [input];
  const begin = () => {
    const state = create({ random, scheme, level });
    prepare?.(state);
    return state;
  };
  let state = begin();
  return (/** @type {number} */ ticks) => {
    if (state.over) state = begin();
    for (let i = 0; i < ticks; i++) {
      const action = bot(state);
      input.pressed.length = 0;
      if (action && !input.held.has(action)) input.pressed.push(action);
      input.held.clear();
      if (action) input.held.add(action);
      step(state, inputs, random);
    }
    return state;
  };
}

/**
 * Make a game that plays itself, and stands still where calm is asked for.
 * @template {{over: boolean}} S
 * @param {Rules<S>} rules
 * @param {{seed: string, scheme: string, level: number, warm: number}} setting warm: ticks before the first picture
 * @returns {(view: {time: number, calm: boolean}) => S} the state to be drawn now
 */
export function playing(rules, { warm, ...setting }) {
  /** @type {((ticks: number) => S)|null} */
  let go = null;
  let time = 0;
  return (view) => {
    if (!go) {
      go = played(rules, setting);
      go(warm);
      time = view.time;
    }
    const ticks = view.calm ? 0 : Math.max(0, Math.min(MOST_TICKS, Math.floor((view.time - time) / TICK)));
    time = ticks === MOST_TICKS ? view.time : time + ticks * TICK;
    return go(ticks);
  };
}

/**
 * Find a moment of a game that is worth a picture.
 * @template {{over: boolean, effects: unknown[]}} S
 * @param {Rules<S>} rules
 * @param {{seed: string, scheme: string, level: number, prepare?: (state: S) => void}} setting as of `played`
 * @param {(state: S) => boolean} isFine
 * @param {number} most ticks; then the last one will do
 * @returns {S} without effects
 */
export function moment(rules, setting, isFine, most) {
  const go = played(rules, setting);
  let state = go(0);
  for (let i = 0; i < most && !isFine(state); i++) state = go(1);
  state.effects.length = 0;
  return state;
}
