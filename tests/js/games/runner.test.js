import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../static/js/core/random.js';
import { JUMP, KINDS, arc, layOut, speedOf } from '../../../static/js/games/runner/course.js';
import { COYOTE, GAME, HEARTS, LEARN, SAFE, bot, create, jumpTimes, meeting, step } from '../../../static/js/games/runner/rules.js';
import { MUSIC, SOUNDS } from '../../../static/js/games/runner/sounds.js';
import { INSTRUMENTS } from '../../../static/js/outputs/instruments.js';

/** @typedef {import('../../../static/js/games/runner/rules.js').State} State */

/** @param {string[]} held @param {string[]} [pressed] */
const input = (held, pressed = []) => [{ held: new Set(held), pressed }];

/**
 * Play with someone who shows an action, some ticks after having thought of it.
 * @param {State} state @param {() => number} random @param {number} ticks @param {(state: State) => string | null} think
 * @param {{delay?: number, watch?: (state: State) => void}} [how]
 */
function play(state, random, ticks, think, { delay = 0, watch = () => {} } = {}) {
  const thoughts = Array(delay).fill(null);
  let last = null;
  for (let i = 0; i < ticks; i++) {
    thoughts.push(think(state));
    const shown = thoughts.shift() ?? null;
    step(state, input(shown ? [shown] : [], shown && shown !== last ? [shown] : []), random);
    last = shown;
    watch(state);
  }
  return state;
}

/** A game with nothing in the way but what the test puts there. @param {Partial<State>} [put] @returns {State} */
function alone(put = {}) {
  return { ...create({ random: seeded(1) }), obstacles: [], leaves: [], nextX: 1e9, passed: LEARN, ...put };
}

/** @param {string} kind @param {number} x */
const obstacle = (kind, x, w = KINDS[kind].w) => ({ id: 900 + x, kind, type: KINDS[kind].type, x, w, h: KINDS[kind].h, passed: false, hit: false, told: false });

test('the schemes have two, three and four actions, all with the same names', () => {
  assert.deepEqual(GAME.schemes.map((scheme) => scheme.actions.map((action) => action.id)), [
    ['up', 'down'], ['up', 'down', 'right'], ['up', 'down', 'right', 'left'],
  ]);
});

test('bots run 1,000 ticks unhurt', () => {
  const table = [];
  for (const [scheme, delay] of /** @type {[string, number][]} */ ([['two', 0], ['two', 18], ['three', 12]])) {
    for (let seed = 1; seed <= 5; seed++) {
      const random = seeded(seed);
      const { scores, level, passed, hits, over } = play(create({ random, scheme }), random, 1000, bot, { delay });
      table.push([scheme, delay, seed, scores[0], level, passed, hits, over]);
    }
  }
  assert.deepEqual(table, [
    ['two', 0, 1, 270, 1, 5, 0, false],
    ['two', 0, 2, 266, 1, 5, 0, false],
    ['two', 0, 3, 266, 1, 5, 0, false],
    ['two', 0, 4, 270, 1, 5, 0, false],
    ['two', 0, 5, 288, 1, 5, 0, false],
    ['two', 18, 1, 274, 1, 5, 0, false],
    ['two', 18, 2, 270, 1, 5, 0, false],
    ['two', 18, 3, 270, 1, 5, 0, false],
    ['two', 18, 4, 270, 1, 5, 0, false],
    ['two', 18, 5, 292, 1, 5, 0, false],
    ['three', 12, 1, 324, 1, 5, 0, false],
    ['three', 12, 2, 343, 1, 6, 0, false],
    ['three', 12, 3, 318, 1, 5, 0, false],
    ['three', 12, 4, 333, 1, 6, 0, false],
    ['three', 12, 5, 359, 1, 6, 0, false],
  ]);
});

test('a beginner who acts 200 ms late and errs in one decision of ten lasts a minute', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const chance = seeded(`beginner ${seed}`);
    let thought = /** @type {string | null} */ (null);
    let slip = /** @type {string | null} */ (null);
    let slipping = 0;
    const think = (/** @type {State} */ state) => {
      const wanted = bot(state);
      const errs = chance() < (wanted === thought ? 0.1 / 60 : 0.1);
      if (wanted !== thought) slipping = 0;
      thought = wanted;
      if (errs && slipping <= 0) {
        const wrong = [null, 'up', 'down'].filter((action) => action !== wanted);
        slip = wrong[Math.floor(chance() * wrong.length)];
        slipping = 18;
      }
      return slipping-- > 0 ? slip : wanted;
    };
    const random = seeded(seed);
    const state = play(create({ random }), random, 3600, think, { delay: 12 });
    assert.equal(state.over, false, `seed ${seed}`);
    assert.ok(state.level >= 2);
  }
});

test('the first knocks cost no heart, and they are so many that nobody runs for ever', () => {
  const random = seeded(1);
  const state = create({ random });
  while (state.hits < LEARN) step(state, input([]), random);
  assert.equal(state.lives, HEARTS);
  while (!state.over) step(state, input([]), random);
  assert.ok(state.hits <= LEARN + HEARTS + 1, `${state.hits} knocks`);
});

test('three obstacles passed in a row give a heart back', () => {
  const obstacles = [400, 900, 1400].map((x) => obstacle('branch', x));
  const state = alone({ obstacles, lives: 1 });
  while (state.distance < 1700) {
    assert.equal(state.lives, state.chain < 3 ? 1 : 2);
    step(state, input(['down']), seeded(1));
  }
  assert.equal(state.lives, 2);
});

test('every obstacle of the first levels can be passed 300 ms late', () => {
  for (let seed = 1; seed <= 5; seed++) {
    const random = seeded(`late ${seed}`);
    const kinds = new Set();
    const { hits, level } = play(create({ random }), random, 8000, bot, { delay: 18, watch: (s) => s.obstacles.forEach((o) => kinds.add(o.kind)) });
    assert.equal(hits, 0);
    assert.ok(level >= 4);
    assert.deepEqual([...kinds].sort(), Object.keys(KINDS).sort());
  }
});

test('every obstacle of every level can be passed, at once and 300 ms late', () => {
  for (const level of [1, 3, 5, 7, 9, 12, 16, 20]) {
    for (const delay of [0, 9, 18]) {
      const random = seeded(`${level} ${delay}`);
      const { hits, passed } = play(create({ random, level, scheme: 'four' }), random, 4000, bot, { delay });
      assert.equal(hits, 0, `level ${level}, ${delay} ticks`);
      assert.ok(passed > 20);
    }
  }
});

test('at level 1 a jump may be asked for during more than 300 ms, whatever is in the way', () => {
  const random = seeded(2);
  for (const level of [1, 2, 3, 6, 12]) {
    const course = { ...alone({ level, speed: speedOf(level) }), nextX: 800 };
    for (let from = 0; from < 60000; from += 500) {
      layOut(course, from, random);
      for (const o of course.obstacles.filter(({ type }) => type !== 'high')) {
        const { from: first, to } = meeting(course, o);
        const { rise, fall } = jumpTimes(o);
        assert.ok(fall - to - (rise - first) >= 18, `${o.kind} at level ${level}`);
      }
    }
  }
});

test('a jump is as high and as long as the formula says', () => {
  const state = alone();
  let highest = 0;
  let ticks = 0;
  step(state, input(['up'], ['up']), seeded(1));
  while (!state.ground) {
    step(state, input([]), seeded(1));
    highest = Math.max(highest, state.y);
    ticks += 1;
    if (!state.ground) assert.ok(Math.abs(state.y - arc(ticks + 1)) < 1e-6);
  }
  assert.ok(Math.abs(highest - JUMP.height) < 1);
  assert.equal(ticks + 1, JUMP.ticks);
});

test('a jump asked for just before landing is made on landing, and an arm that stays up jumps once', () => {
  const state = alone();
  const jumps = [];
  for (let tick = 0; tick < 140; tick++) {
    const again = tick >= JUMP.ticks - 10 && tick < JUMP.ticks - 5;
    const up = tick < 5 || again;
    step(state, input(up ? ['up'] : [], tick === 0 || tick === JUMP.ticks - 10 ? ['up'] : []), seeded(1));
    if (state.events.some(({ type }) => type === 'jump')) jumps.push(tick);
  }
  assert.equal(jumps.length, 2);
  assert.ok(jumps[1] - JUMP.ticks <= 1, `${jumps}`);
  const held = alone();
  let count = 0;
  for (let tick = 0; tick < 300; tick++) {
    step(held, input(['up'], tick % 20 === 0 ? ['up'] : []), seeded(1));
    count += held.events.filter(({ type }) => type === 'jump').length;
  }
  assert.equal(count, 1, 'repeats of an arm that stays up');
});

test('over the edge of a pit a jump still counts for a moment, and then the wind lifts one out for a heart', () => {
  for (const [late, hits] of [[COYOTE - 1, 0], [COYOTE + 4, 1]]) {
    const state = alone({ obstacles: [obstacle('pit', 100)] });
    let over = 0;
    while (state.distance < 260) {
      if (state.distance > 105) over += 1;
      step(state, over === late ? input(['up'], ['up']) : input([]), seeded(1));
    }
    assert.equal(state.hits, hits, `${late} ticks late`);
    assert.equal(state.lives, HEARTS - hits);
  }
});

test('a duck passes below what hangs, and lasts a moment longer than it is shown', () => {
  const under = (/** @type {(tick: number) => boolean} */ shown) => {
    const state = alone({ obstacles: [obstacle('branch', 150)] });
    for (let tick = 0; state.distance < 320; tick++) step(state, input(shown(tick) ? ['down'] : [], shown(tick) && !shown(tick - 1) ? ['down'] : []), seeded(1));
    return state.hits;
  };
  assert.equal(under(() => false), 1);
  assert.equal(under((tick) => tick > 20), 0);
  const state = alone();
  step(state, input(['down'], ['down']), seeded(1));
  let ducked = 1;
  while (state.ducking) {
    step(state, input([]), seeded(1));
    ducked += 1;
  }
  assert.ok(ducked > 25 && ducked < 32, String(ducked));
});

test('up ends a duck at once, and down brings a jump to the ground sooner', () => {
  const state = alone();
  for (let i = 0; i < 10; i++) step(state, input(['down'], i ? [] : ['down']), seeded(1));
  step(state, input(['up'], ['up']), seeded(1));
  assert.ok(!state.ground && !state.ducking);
  let ticks = 0;
  while (!state.ground) {
    step(state, input(['down'], ticks ? [] : ['down']), seeded(1));
    ticks += 1;
  }
  assert.ok(ticks < JUMP.ticks * 0.7, String(ticks));
});

test('a hit costs a heart once, slows down, and three end the run', () => {
  const state = alone({ obstacles: [obstacle('stump', 150), obstacle('stump', 240), obstacle('stump', 2000), obstacle('stump', 4000)] });
  const at = [];
  for (let i = 0; i < 3000 && !state.over; i++) {
    step(state, input([]), seeded(1));
    if (state.events.some(({ type }) => type === 'hit')) at.push(Math.round(state.distance));
    if (state.safe === SAFE) assert.ok(state.pace < 0.5);
  }
  assert.equal(at.length, 3);
  assert.ok(at[1] > 1900, 'the second one came within the safe moment');
  assert.deepEqual([state.over, state.lives], [true, 0]);
  const still = structuredClone({ ...state, events: [] });
  step(state, input(['up'], ['up']), seeded(1));
  assert.deepEqual(state, still);
});

test('hurrying is faster and counts double, dawdling counts nothing, and both need their scheme', () => {
  const after = (/** @type {string} */ scheme, /** @type {string} */ action) => {
    const state = alone({ scheme });
    for (let i = 0; i < 600; i++) step(state, input([action]), seeded(1));
    return { way: state.distance, score: state.scores[0] };
  };
  const plain = after('two', 'right');
  assert.deepEqual(after('three', 'left'), plain);
  const fast = after('three', 'right');
  assert.ok(fast.way > plain.way * 1.35 && fast.score > plain.score * 2.6);
  const slow = after('four', 'left');
  assert.ok(slow.way < plain.way * 0.8 && slow.score < 3);
});

test('leaves on the way are gathered, and every level gives a heart back', () => {
  const state = alone({ level: 3, levelEnd: 200, lives: 1, leaves: [{ id: 1, x: 60, y: 22, gold: false }, { id: 2, x: 90, y: 40, gold: true }, { id: 3, x: 120, y: 170, gold: false }] });
  for (let i = 0; i < 60; i++) step(state, input([]), seeded(1));
  assert.equal(state.gathered, 2);
  assert.deepEqual([state.level, state.lives], [4, 2]);
});

test('whatever is shown for 5,000 ticks, numbers stay in range, scores never fall, and a copy runs on the same', () => {
  for (let seed = 1; seed <= 4; seed++) {
    const random = seeded(seed);
    const dice = seeded(`dice ${seed}`);
    const copyRandom = seeded(seed);
    const state = create({ random, scheme: 'four', level: 1 + 3 * seed });
    let copy = create({ random: copyRandom, scheme: 'four', level: 1 + 3 * seed });
    let before = 0;
    let now = input([]);
    for (let i = 0; i < 5000; i++) {
      if (dice() < 0.1) {
        const actions = ['up', 'down', 'left', 'right', 'go'].filter(() => dice() < 0.35);
        now = input(actions, dice() < 0.6 ? actions : []);
      }
      step(state, now, random);
      if (i % 500 === 0) copy = structuredClone(copy);
      step(copy, now, copyRandom);
      for (const one of [state, copy]) if (one.over) Object.assign(one, { over: false, lives: HEARTS });
      assert.ok(state.scores[0] >= before && Number.isInteger(state.scores[0]));
      before = state.scores[0];
      assert.ok(state.y >= 0 && state.y < JUMP.height + 10 && Number.isFinite(state.vy) && Number.isFinite(state.distance));
      assert.ok(state.pace > 0.4 && state.pace <= 1.4 && state.lives >= 0 && state.lives <= HEARTS);
      assert.ok(state.obstacles.length < 12 && state.leaves.length < 60 && state.effects.length < 60);
      for (let k = 1; k < state.obstacles.length; k++) assert.ok(state.obstacles[k].x > state.obstacles[k - 1].x + state.obstacles[k - 1].w);
    }
    assert.deepEqual(copy, state);
  }
});

test('everything that happens has a sound, and every sound belongs to something that happens', () => {
  const heard = new Set();
  for (const [seed, think] of /** @type {[number, (state: State) => string | null][]} */ ([[1, bot], [2, () => null], [3, (s) => (s.distance < 9000 ? bot(s) : null)]])) {
    const random = seeded(seed);
    const state = create({ random, scheme: 'three' });
    if (seed === 3) state.lives = 2;
    play(state, random, 9000, think, { watch: (s) => s.events.forEach((event) => heard.add(event.type)) });
  }
  assert.deepEqual([...heard].sort(), Object.keys(SOUNDS).sort());
});

test('sounds and music are notes that the instruments can play', () => {
  const notes = [...Object.values(SOUNDS), ...MUSIC.bars].flat();
  for (const { instrument, note, at, duration, gain } of notes) {
    assert.ok(Object.hasOwn(INSTRUMENTS, instrument), instrument);
    assert.ok(Number.isInteger(note) && note >= 36 && note <= 96 && at >= 0 && duration > 0 && gain > 0 && gain <= 1);
  }
  for (const bar of MUSIC.bars) assert.ok(bar.every(({ at }) => at < 4), 'a bar has four beats');
});
