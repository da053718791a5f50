// Prints what docs/control.md quotes: node tests/js/control/measure.js

import { DEFAULTS } from '../../../static/js/control/decider.js';
import { quantile } from '../../../static/js/core/votes.js';
import { NOISES, play, sequence } from './noisy.js';

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

for (const fps of [15, 30]) {
  for (const [name, noise] of Object.entries(NOISES)) {
    const played = Array.from({ length: 10 }, (_, seed) => sequence({ noise, fps, seconds: 120, seed }));
    console.log(`\n${name}, ${fps} pictures a second\nsmoothing hold on  off | median p95 ms | missed | wrong, let go a minute`);
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
}
