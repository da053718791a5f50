// Prints what docs/control.md quotes: node tests/js/control/measure.js

import { plan, propose } from '../../../static/js/control/calibration.js';
import { DEFAULTS } from '../../../static/js/control/decider.js';
import { seeded } from '../../../static/js/core/random.js';
import { quantile } from '../../../static/js/core/votes.js';
import { NOISES, play, recorded, sequence } from './noisy.js';
import { playRound } from './person.js';

/** Smoothing, hold, on, off; the defaults are marked. */
const TRIED = [
  [0, 0, 0.5, 0.5],
  [0, 0, 0.6, 0.3],
  [90, 0, 0.6, 0.3],
  [0, 30, 0.6, 0.3],
  [30, 30, 0.6, 0.3],
  [60, 30, 0.5, 0.25],
  [60, 30, 0.6, 0.4],
  [60, 30, 0.6, 0.3],
  [60, 40, 0.6, 0.3],
  [60, 30, 0.7, 0.35],
  [90, 30, 0.6, 0.3],
  [150, 80, 0.6, 0.3],
];

/** @type {[string, ReturnType<typeof sequence>[]][]} */
const PLAYED = [15, 30].flatMap((fps) => [
  ...Object.entries(NOISES).map(([name, noise]) => /** @type {[string, ReturnType<typeof sequence>[]]} */ ([
    `${name}, ${fps} pictures a second`, Array.from({ length: 10 }, (_, seed) => sequence({ noise, fps, seconds: 120, seed })),
  ])),
  [`recorded, ${fps} pictures a second`, recorded(30 / fps)],
]);
for (const [name, played] of PLAYED) {
  console.log(`\n${name}\nsmoothing hold on  off | median p95 ms | missed | wrong, let go a minute`);
  for (const [smoothing_ms, hold_ms, on, off] of TRIED) {
    const thresholds = { left: { on, off }, right: { on, off } };
    const all = played.map((one) => play(one, { smoothing_ms, hold_ms, thresholds }));
    const sum = (/** @type {(r: typeof all[0]) => number} */ of) => all.reduce((total, r) => total + of(r), 0);
    const delays = Float64Array.from(all.flatMap((r) => r.delays)).sort();
    const minutes = sum((r) => r.minutes);
    console.log(
      `${smoothing_ms}`.padStart(5), `${hold_ms}`.padStart(6), on.toFixed(2), off.toFixed(2), '|',
      quantile(delays, 0.5).toFixed(0).padStart(5), quantile(delays, 0.95).toFixed(0).padStart(5), '|',
      `${((100 * sum((r) => r.missed)) / sum((r) => r.asked)).toFixed(1)} %`.padStart(7), '|',
      (sum((r) => r.wrong) / minutes).toFixed(1).padStart(6), (sum((r) => r.flickers) / minutes).toFixed(1).padStart(6),
      [smoothing_ms, hold_ms, on, off].join() === [DEFAULTS.smoothing_ms, DEFAULTS.hold_ms, DEFAULTS.on, DEFAULTS.off].join() ? ' *' : '',
    );
  }
}

/** Persons before cameras, and values in use; each plays five rounds of twelve prompts. @type {Record<string, import('./person.js').Person>} */
const PERSONS = {
  clear: {},
  noisy: { odd: 0.02, noise: 0.15 },
  'very noisy': { odd: 0.05, noise: 0.3 },
  restless: { odd: 0.12, noise: 0.25 },
  weak: { noise: 0.1, odd: 0.02, strengths: (asked) => (asked === 'left' ? [0.62, 0.1] : asked === 'right' ? [0.05, 0.8] : [0.2, 0.15]) },
  'twelve pictures a second': { fps: 12, odd: 0.03, noise: 0.2 },
};
const IN_USE = { default: {}, sluggish: { smoothing_ms: 250, hold_ms: 120 }, nervous: { smoothing_ms: 0, hold_ms: 0 } };

console.log('\nA round of twelve prompts with the values in use, and the next one with those proposed: right, flickers, machine’s ms');
const all = { before: 0, after: 0, rounds: 0 };
for (const [who, person] of Object.entries(PERSONS)) {
  for (const [what, control] of Object.entries(IN_USE)) {
    const rows = Array.from({ length: 5 }, (_, seed) => {
      const play = (/** @type {object} */ values, /** @type {number} */ from) =>
        playRound({ plan: plan(['left', 'right', null], 4, seeded(from)), actions: ['left', 'right'], person, control: values, seed: from });
      const { round, result } = play(control, seed);
      const { result: next } = play(propose(round.samples, control).control, seed + 50);
      all.rounds++;
      all.before += Number(result.right === 12);
      all.after += Number(next.right === 12);
      return [result.right, result.flickers, result.machine.median_ms ?? NaN, next.right, next.flickers, next.machine.median_ms ?? NaN];
    });
    const mean = (/** @type {number} */ i) => (rows.reduce((sum, row) => sum + row[i], 0) / rows.length).toFixed(i % 3 === 2 ? 0 : 1).padStart(6);
    console.log(who.padEnd(25), what.padEnd(9), mean(0), mean(1), mean(2), ' ->', mean(3), mean(4), mean(5));
  }
}
console.log(`all twelve right: ${all.before} of ${all.rounds} rounds before, ${all.after} after`);
