import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS, Decider, MARGIN, completed, thresholdOf } from '../../../static/js/control/decider.js';
import { seeded } from '../../../static/js/core/random.js';
import { quantile } from '../../../static/js/core/votes.js';
import { NOISES, play, recorded, sequence } from './noisy.js';

const RATES = [10, 15, 30];
const actions = ['left', 'right'];

/** What each picture brings, as text. @param {Decider} decider @param {[number, number[]][]} pictures */
function told(decider, pictures) {
  return pictures.flatMap(([at, strengths]) => decider.push(strengths, at).map(({ type, action }) => `${at} ${type} ${action}`));
}

/** Pictures that all say the same. @param {number} from @param {number} to @param {number} every @param {number[]} strengths */
const steady = (from, to, every, strengths) => {
  /** @type {[number, number[]][]} */
  const pictures = [];
  for (let at = from; at <= to; at += every) pictures.push([at, strengths]);
  return pictures;
};

test('a jump is smoothed over time alike at every rate of pictures', () => {
  for (const fps of [5, 10, 30, 120]) {
    const decider = new Decider({ actions, smoothing_ms: 100 });
    decider.reset(0);
    for (let i = 1; i <= fps / 5; i++) decider.push([1, 0], (1000 * i) / fps);
    assert.ok(Math.abs(decider.levels[0] - (1 - Math.exp(-2))) < 1e-5, `${fps}: ${decider.levels[0]}`);
  }
});

test('delays without a rate are the closed formula', () => {
  const decider = new Decider({ actions, smoothing_ms: 100, hold_ms: 50, thresholds: { left: { on: 0.75, off: 0.25 }, right: { on: 0.3, off: 0.1 } } });
  const { left, right } = decider.delays();
  assert.ok(Math.abs(left.smoothing - 100 * Math.log(4)) < 1e-6);
  assert.equal(left.hold, 50);
  assert.equal(left.total, left.smoothing + 50);
  assert.ok(Math.abs(left.release - (100 * Math.log(4) + 50)) < 1e-6);
  assert.equal(left.change, left.total); // over 0.75 it has overtaken what falls already
  // With a low threshold the margin is what takes time: 100 ln(2 / (1 - margin)).
  assert.ok(Math.abs(right.change - (100 * Math.log(2 / (1 - MARGIN)) + 50)) < 1e-6);
  assert.equal(decider.delays({ to: 0.7 }).left.total, Infinity);
  assert.equal(decider.delays({ to: 0.75 }).left.total, Infinity); // it comes ever nearer
  const raw = new Decider({ actions: ['go'], smoothing_ms: 0, hold_ms: 0 });
  assert.deepEqual(raw.delays().go, { smoothing: 0, hold: 0, total: 0, change: 0, release: 0 });
  assert.deepEqual(raw.delays({ to: 0.6 }).go.total, 0);
  assert.deepEqual(raw.delays({ to: 0.59 }).go.total, Infinity);
});

test('delays at a rate are what a simulation takes, for press, change and release', () => {
  for (const fps of RATES) {
    const every = 1000 / fps;
    for (const smoothing_ms of [0, 35, 60, 100, 240]) {
      for (const hold_ms of [0, 30, 40, 100, 150]) {
        for (const on of [0.3, 0.5, 0.6, 0.8]) {
          for (const to of [1, 0.9]) {
            const off = on / 2;
            const options = { actions, smoothing_ms, hold_ms, thresholds: { left: { on, off }, right: { on, off } } };
            const decider = new Decider(options);
            const named = decider.delays({ every, to });
            const measure = (/** @type {number[]} */ strengths, /** @type {string} */ type, /** @type {string} */ action) => {
              for (let i = 1; i < 200; i++) {
                const at = now + i * every;
                if (decider.push(strengths, at).some((d) => d.type === type && d.action === action)) {
                  for (let j = i + 1; j < 200; j++) decider.push(strengths, now + j * every); // until it stands still
                  now += 199 * every;
                  return (i - 1) * every;
                }
              }
              return Infinity;
            };
            let now = 0;
            decider.reset(0);
            const what = JSON.stringify({ fps, smoothing_ms, hold_ms, on, to });
            const near = (/** @type {number} */ a, /** @type {number} */ b, /** @type {string} */ of) => assert.ok(a === b || Math.abs(a - b) < 1e-6, `${of} ${what}: measured ${a}, named ${b}`);
            near(measure([to, 0], 'press', 'left'), named.left.total, 'press');
            near(measure([0, to], 'press', 'right'), named.right.change, 'change');
            near(measure([0, 0], 'release', 'right'), named.right.release, 'release');
          }
        }
      }
    }
  }
});

test('it begins at one threshold and ends below another', () => {
  const decider = new Decider({ actions, smoothing_ms: 0, hold_ms: 0, thresholds: { left: { on: 0.6, off: 0.3 } } });
  assert.deepEqual(told(decider, [[0, [0.55, 0]], [1, [0.6, 0]], [2, [0.31, 0]], [3, [0.5, 0]], [4, [0.29, 0]], [5, [0.59, 0]]]), ['1 press left', '4 release left']);
});

test('a change counts only when it has lasted', () => {
  const decider = new Decider({ actions, smoothing_ms: 0, hold_ms: 100 });
  assert.deepEqual(told(decider, [[0, [1, 0]], [50, [1, 0]], [80, [0, 0]], [120, [1, 0]], [219, [1, 0]]]), []);
  assert.deepEqual(told(decider, [[220, [1, 0]]]), ['220 press left']);
  assert.deepEqual(told(decider, [[300, [0, 0]], [380, [1, 0]], [400, [0, 0]], [499, [0, 0]], [500, [0, 0]]]), ['500 release left']);
});

test('from one action straight to another there is no moment without', () => {
  for (const fps of RATES) {
    const every = 1000 / fps;
    const decider = new Decider({ actions });
    decider.reset(0);
    assert.equal(told(decider, steady(every, 1000, every, [1, 0])).length, 1);
    const changes = told(decider, steady(1000 + every, 2000, every, [0, 1])).map((line) => line.replace(/^\S+ /, ''));
    assert.deepEqual(changes, ['release left', 'press right']);
    assert.equal(decider.active, 'right');
  }
});

test('what was on is let go in time though what comes next is not yet clear', () => {
  const decider = new Decider({ actions, smoothing_ms: 0, hold_ms: 100 });
  told(decider, [[0, [1, 0]], [100, [1, 0]]]);
  // Neither nothing nor the other action lasts 100 ms, but the first one is over.
  assert.deepEqual(told(decider, [[150, [0, 0]], [200, [0, 1]], [250, [0, 0]], [300, [0, 1]]]), ['250 release left']);
});

test('two equal strengths never flicker, whatever was on', () => {
  const random = seeded('equal');
  const decider = new Decider({ actions, smoothing_ms: 0, hold_ms: 0, thresholds: { left: { on: 0.4, off: 0.2 }, right: { on: 0.4, off: 0.2 } } });
  const events = told(decider, Array.from({ length: 3000 }, (_, i) => [i * 33, [0.5 + 0.09 * (random() - 0.5), 0.5 + 0.09 * (random() - 0.5)]]));
  assert.equal(events.length, 1);
  // The same while neither is on yet: the one that is about to be keeps its place.
  const waiting = new Decider({ actions, smoothing_ms: 0, hold_ms: 500, thresholds: { left: { on: 0.4, off: 0.2 }, right: { on: 0.4, off: 0.2 } } });
  assert.deepEqual(told(waiting, Array.from({ length: 17 }, (_, i) => [i * 33, i % 2 ? [0.5, 0.52] : [0.52, 0.5]])), ['528 press left']);
});

test('one action at a time: the strongest', () => {
  const decider = new Decider({ actions: ['left', 'right', 'up'], smoothing_ms: 0, hold_ms: 0, thresholds: { left: { on: 0.1, off: 0 }, right: { on: 0.1, off: 0 }, up: { on: 0.9, off: 0.8 } } });
  assert.deepEqual(told(decider, [[0, [0.2, 0.3, 0.5]], [1, [0.3, 0.35, 0.35]], [2, [0.6, 0.2, 0.2]], [3, [0.05, 0, 0.95]]]), ['0 press right', '2 release right', '2 press left', '3 release left', '3 press up']);
});

test('while held it repeats after a delay, then steadily, once after a gap', () => {
  const decider = new Decider({ actions, smoothing_ms: 0, hold_ms: 0, repeat_ms: 100, repeat_delay_ms: 300 });
  const at = told(decider, steady(0, 720, 20, [1, 0])).map((line) => line.split(' ').slice(0, 2).join(' '));
  assert.deepEqual(at, ['0 press', '300 repeat', '400 repeat', '500 repeat', '600 repeat', '700 repeat']);
  assert.deepEqual(told(decider, [[2000, [1, 0]], [2020, [1, 0]], [2099, [1, 0]], [2100, [1, 0]]]), ['2000 repeat left', '2100 repeat left']);
  assert.deepEqual(told(decider, [[2140, [0, 1]], [2439, [0, 1]], [2440, [0, 1]]]), ['2140 release left', '2140 press right', '2440 repeat right']);
  const never = new Decider({ actions, smoothing_ms: 0, hold_ms: 0, repeat_ms: 0 });
  assert.equal(told(never, steady(0, 20000, 100, [1, 0])).length, 1);
});

test('repeats keep their rhythm where pictures come at odd times', () => {
  const decider = new Decider({ actions, smoothing_ms: 0, hold_ms: 0, repeat_ms: 100, repeat_delay_ms: 100 });
  const repeats = told(decider, steady(0, 10_000, 1000 / 15, [1, 0])).length - 1;
  assert.ok(Math.abs(repeats - 100) <= 1, `${repeats}`);
});

test('a reset lets go, forgets, and says so', () => {
  const decider = new Decider({ actions, smoothing_ms: 50, hold_ms: 0 });
  decider.reset(0);
  decider.push([1, 0], 400);
  assert.equal(decider.active, 'left');
  assert.deepEqual(decider.reset(500).map(({ type, action, at }) => [type, action, at]), [['release', 'left', 500]]);
  assert.deepEqual([decider.active, ...decider.levels], [null, 0, 0]);
  assert.deepEqual(decider.reset(600), []);
  // Without a time the next picture only starts the clock.
  decider.reset();
  decider.push([1, 0], 9000);
  assert.equal(decider.levels[0], 0);
});

test('an event carries when and how strong', () => {
  const decider = new Decider({ actions, smoothing_ms: 0, hold_ms: 0 });
  const [{ at, strength }] = decider.push([0.75, 0.2], 12);
  assert.deepEqual([at, strength], [12, 0.75]);
});

test('nothing new is made for each picture', () => {
  const decider = new Decider({ actions, smoothing_ms: 0, hold_ms: 0 });
  const list = decider.push([1, 0], 0);
  const [event] = list;
  const { levels } = decider;
  assert.equal(decider.push([0, 1], 1), list);
  assert.ok(list.includes(event));
  assert.equal(decider.levels, levels);
});

test('a clock that runs backwards, and strengths that are no numbers, do no harm', () => {
  const decider = new Decider({ actions, smoothing_ms: 100, hold_ms: 0 });
  decider.reset(1000);
  decider.push([1, NaN], 900);
  assert.deepEqual([...decider.levels], [0, 0]);
  decider.push([1, NaN], 1100);
  assert.ok(Math.abs(decider.levels[0] - 0.632) < 0.001 && decider.levels[1] === 0);
});

test('what does not fit is refused, and settings are brought into range', () => {
  assert.throws(() => new Decider({ actions: ['left', 'left'] }), /left, left are not all different/);
  assert.throws(() => new Decider({ actions }).push([1], 0), /1 strengths for 2 actions/);
  assert.deepEqual(completed({ smoothing_ms: -5, hold_ms: 9e9, repeat_ms: NaN }), { smoothing_ms: 0, hold_ms: 2000, repeat_ms: DEFAULTS.repeat_ms, repeat_delay_ms: DEFAULTS.repeat_delay_ms, thresholds: {} });
  assert.deepEqual(completed(null).smoothing_ms, DEFAULTS.smoothing_ms);
  assert.deepEqual(thresholdOf({ thresholds: { left: { on: 0.2, off: 0.9 } } }, 'left'), { on: 0.2, off: 0.2 });
  assert.deepEqual(thresholdOf({ thresholds: { left: { on: 0.4 } } }, 'left'), { on: 0.4, off: 0.2 });
  assert.deepEqual(thresholdOf(null, 'left'), { on: DEFAULTS.on, off: DEFAULTS.off });
});

test('at random it never says what cannot be: presses and releases alternate, one action at a time', () => {
  const random = seeded('random play');
  for (let round = 0; round < 40; round++) {
    const decider = new Decider({ actions: ['a', 'b', 'c'], smoothing_ms: 200 * random(), hold_ms: 120 * random(), repeat_ms: round % 2 ? 50 : 0, repeat_delay_ms: 80, thresholds: { a: { on: random(), off: random() }, b: { on: 0, off: 0 } } });
    /** @type {string | null} */
    let on = null;
    let at = 0;
    for (let i = 0; i < 400; i++) {
      at += 80 * random();
      if (random() < 0.01) for (const { action } of decider.reset(at)) on = on === action ? null : assert.fail();
      for (const { type, action } of decider.push([random(), random(), random()], at)) {
        if (type === 'press') assert.equal(on, null);
        else assert.equal(on, action);
        on = type === 'release' ? null : action;
      }
      assert.equal(decider.active, on);
    }
  }
});

test('the defaults feel immediate and do not flicker, where the raw answers do', () => {
  for (const [fps, most] of [[30, 120], [15, 150]]) {
    const sums = { chosen: { unrest: 0, missed: 0 }, raw: { unrest: 0, missed: 0 } };
    const delays = [];
    let minutes = 0;
    for (let seed = 0; seed < 4; seed++) {
      const played = sequence({ noise: NOISES.ordinary, fps, seconds: 120, seed: `defaults ${seed}` });
      const raw = { smoothing_ms: 0, hold_ms: 0, thresholds: { left: { on: 0.5, off: 0.5 }, right: { on: 0.5, off: 0.5 } } };
      for (const [name, control] of Object.entries({ chosen: {}, raw })) {
        const result = play(played, control);
        const sum = sums[/** @type {'chosen' | 'raw'} */ (name)];
        sum.unrest += result.wrong + result.flickers;
        sum.missed += result.missed;
        if (name === 'chosen') delays.push(...result.delays);
      }
      minutes += played.at[played.at.length - 1] / 60000;
    }
    const median = quantile(Float64Array.from(delays).sort(), 0.5);
    assert.ok(delays.length > 100 && median < most, `${fps}: ${median}`);
    assert.ok(sums.chosen.unrest / minutes < 1, `${fps}: ${sums.chosen.unrest / minutes}`);
    assert.ok(sums.raw.unrest > 20 * Math.max(1, sums.chosen.unrest), `${sums.raw.unrest} ${sums.chosen.unrest}`);
    assert.ok(sums.chosen.missed <= sums.raw.missed / 10, `${sums.chosen.missed} ${sums.raw.missed}`);
  }
});

test('on what real eyes said of a hand they leave a seventh of the unrest at most, for two pictures’ time', () => {
  for (const every of [1, 2]) {
    const raw = { smoothing_ms: 0, hold_ms: 0, thresholds: { left: { on: 0.5, off: 0.5 }, right: { on: 0.5, off: 0.5 } } };
    const [chosen, bare] = [{}, raw].map((control) => {
      const all = recorded(every).map((one) => play(one, control));
      const delays = Float64Array.from(all.flatMap((one) => one.delays)).sort();
      return { unrest: all.reduce((sum, { wrong, flickers }) => sum + wrong + flickers, 0), median: quantile(delays, 0.5), n: delays.length };
    });
    assert.ok(bare.unrest > 50 && chosen.unrest <= bare.unrest / 7, JSON.stringify({ chosen, bare }));
    assert.ok(chosen.n > 60 && chosen.median - bare.median < 75, JSON.stringify({ chosen, bare }));
  }
});
