// A person who plays a calibration round before a camera, as far as the classifier tells of them.

import { Decider } from '../../../static/js/control/decider.js';
import { Round } from '../../../static/js/control/round.js';
import { seeded } from '../../../static/js/core/random.js';

/**
 * @typedef {import('../../../static/js/control/round.js').Asked} Asked
 * @typedef {object} Person
 * @property {number} [reaction] ms from the prompt to the movement
 * @property {number} [age] ms from a picture to what is decided of it
 * @property {number} [fps]
 * @property {number} [noise] in the strengths
 * @property {number} [odd] share of pictures that show something else
 * @property {(asked: Asked, count: number) => number[]} [strengths] what the classifier makes of a pose: one per
 *   action; count: how often it was asked before
 */

/**
 * Play a round to its end.
 * @param {object} options
 * @param {Asked[]} options.plan @param {string[]} options.actions
 * @param {Person} [options.person]
 * @param {Partial<import('../../../static/js/control/decider.js').Control>} [options.control]
 * @param {number} [options.seed]
 * @param {Partial<ConstructorParameters<typeof Round>[0]>} [options.more] for the round
 */
export function playRound({ plan, actions, person = {}, control = {}, seed = 1, more = {} }) {
  const { reaction = 300, age = 40, fps = 30, noise = 0.04, odd = 0, strengths = (asked) => actions.map((a) => Number(a === asked)) } = person;
  const random = seeded(seed);
  const decider = new Decider({ actions, ...control });
  const round = new Round({ plan, actions, control, ...more });
  let time = 1000;
  /** @type {Map<Asked, number>} */
  const counts = new Map();
  let pose = actions.map(() => 0);
  let next = pose;
  let movesAt = Infinity;
  const prompt = () => {
    const shown = round.next(time);
    if (!shown) return;
    const count = counts.get(shown.action) ?? 0;
    counts.set(shown.action, count + 1);
    next = strengths(shown.action, count);
    movesAt = time + reaction;
  };
  const look = () => {
    time += 1000 / fps;
    const at = time - age;
    if (at >= movesAt) pose = next;
    const clear = random() < odd ? actions.map(() => Math.round(random())) : pose;
    const raw = clear.map((x) => Math.min(1, Math.max(0, x + noise * (2 * random() - 1))));
    round.see(raw, at, time);
    for (const { type, action } of decider.push(raw, at)) round.decide({ type, action, at: time, seenAt: at });
  };
  for (let i = 0; i < fps; i++) look(); // at rest, before it begins
  while (!round.done) {
    if (round.due(time)) prompt();
    look();
  }
  return { round, result: round.result(), seconds: (time - 1000) / 1000 };
}
