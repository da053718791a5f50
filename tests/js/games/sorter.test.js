import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../static/js/core/random.js';
import { GAME, bot, create, multiple, qualityOf, step, upcoming } from '../../../static/js/games/sorter/rules.js';
import { MUSIC, SOUNDS } from '../../../static/js/games/sorter/sounds.js';
import { BELT, binPlace, pace } from '../../../static/js/games/sorter/workshop.js';
import { INSTRUMENTS } from '../../../static/js/outputs/instruments.js';

/** @typedef {import('../../../static/js/games/sorter/rules.js').State} State */

const NOTHING = () => ({ held: new Set(/** @type {string[]} */ ([])), pressed: /** @type {string[]} */ ([]) });
const CLASSES = ['Banana', 'Cup', 'Key', 'Glove', 'Shell'].map((label, i) => ({ label, color: `#30${i}0a0`, classId: `c${i}`, action: `bin${i + 1}` }));

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
    step(state, [{ held: new Set(shown ? [shown] : []), pressed: shown && shown !== last ? [shown] : [] }], random);
    last = shown;
    watch(state);
  }
  return state;
}

/** Play until a thing has passed the gate; show() says what is shown while so much way is left. @param {State} state @param {(left: number) => string | null} showing */
function untilGate(state, random, showing) {
  const { done } = state;
  while (state.done === done) play(state, random, 1, (s) => showing(BELT.gate - (upcoming(s)?.x ?? BELT.start)));
  return state;
}

test('every scheme has as many bins as its name says, and the keys of a scheme are different', () => {
  GAME.schemes.forEach((scheme, i) => {
    assert.equal(scheme.actions.length, i + 2);
    const state = create({ random: seeded(1), scheme: scheme.id });
    assert.deepEqual(state.bins.map((bin) => bin.action), scheme.actions.map((action) => action.id));
    const keys = scheme.actions.flatMap((action) => action.keys);
    assert.equal(new Set(keys).size, keys.length);
  });
  assert.deepEqual(GAME.schemes[0].actions.map((action) => action.icon), ['←', '→']);
});

test('a project brings its classes as bins, and eight at most', () => {
  const state = create({ random: seeded(1), options: { bins: CLASSES } });
  assert.deepEqual(state.bins.map(({ label, classId, shape }) => [label, classId, shape]), [
    ['Banana', 'c0', 'circle'], ['Cup', 'c1', 'triangle'], ['Key', 'c2', 'square'], ['Glove', 'c3', 'star'], ['Shell', 'c4', 'drop'],
  ]);
  assert.equal(create({ random: seeded(1), options: { bins: [...CLASSES, ...CLASSES] } }).bins.length, 8);
  assert.equal(create({ random: seeded(1), options: { bins: CLASSES.slice(0, 1) } }).bins.length, 2, 'one class is no choice');
});

test('bots sort 1,000 ticks without a mistake', () => {
  const table = [];
  for (const [scheme, delay] of /** @type {[string, number][]} */ ([['two', 0], ['two', 18], ['eight', 18]])) {
    for (let seed = 1; seed <= 5; seed++) {
      const random = seeded(seed);
      const { scores, level, right, wrong, missed, over } = play(create({ random, scheme }), random, 1000, bot, { delay });
      table.push([scheme, delay, seed, scores[0], level, right, wrong, missed, over]);
    }
  }
  assert.deepEqual(table, [
    ['two', 0, 1, 100, 1, 7, 0, 0, false],
    ['two', 0, 2, 100, 1, 7, 0, 0, false],
    ['two', 0, 3, 100, 1, 7, 0, 0, false],
    ['two', 0, 4, 100, 1, 7, 0, 0, false],
    ['two', 0, 5, 100, 1, 7, 0, 0, false],
    ['two', 18, 1, 100, 1, 7, 0, 0, false],
    ['two', 18, 2, 100, 1, 7, 0, 0, false],
    ['two', 18, 3, 100, 1, 7, 0, 0, false],
    ['two', 18, 4, 100, 1, 7, 0, 0, false],
    ['two', 18, 5, 100, 1, 7, 0, 0, false],
    ['eight', 18, 1, 60, 1, 5, 0, 0, false],
    ['eight', 18, 2, 60, 1, 5, 0, 0, false],
    ['eight', 18, 3, 60, 1, 5, 0, 0, false],
    ['eight', 18, 4, 60, 1, 5, 0, 0, false],
    ['eight', 18, 5, 60, 1, 5, 0, 0, false],
  ]);
});

test('a bot that acts 300 ms late still sorts everything of ten levels: rushes, oddments and parcels', () => {
  const random = seeded('late');
  const kinds = new Set();
  const state = play(create({ random, options: { bins: CLASSES } }), random, 17000, bot, {
    delay: 18,
    watch: (s) => s.events.forEach((event) => kinds.add(event.type)),
  });
  assert.ok(state.level > 9, String(state.level));
  assert.deepEqual([state.wrong, state.missed], [0, 0]);
  for (const kind of ['right', 'gold', 'let-go', 'unwrap', 'rush', 'streak', 'level', 'land', 'choose']) assert.ok(kinds.has(kind), kind);
});

test('only one thing at a time is near the gate, at every level and in rushes', () => {
  for (const level of [1, 4, 8, 12, 20]) {
    const random = seeded(level);
    play(create({ random, level }), random, 3000, bot, {
      watch: ({ things }) => assert.ok(things.filter((thing) => thing.phase === 'belt' && thing.zoneAt >= 0).length <= 1),
    });
  }
});

test('what is shown at the gate counts, not what was shown before', () => {
  const random = seeded(5);
  const state = create({ random });
  const { bin } = state.things[0];
  untilGate(state, random, (left) => state.bins[left > 30 ? 1 - bin : bin].action);
  assert.deepEqual([state.right, state.wrong, state.missed], [1, 0, 0]);
});

test('a moment without a picture at the gate does no harm, and a tap near the gate is enough', () => {
  for (const showing of [(/** @type {number} */ left) => left > 20, (/** @type {number} */ left) => left > 80 && left < 90]) {
    const random = seeded(5);
    const state = create({ random });
    const { action } = state.bins[state.things[0].bin];
    untilGate(state, random, (left) => (showing(left) ? action : null));
    assert.deepEqual([state.right, state.wrong, state.missed], [1, 0, 0]);
  }
});

test('a tap far before the gate, or nothing at all, lets a thing ride on: a miss, and no wrong', () => {
  for (const showing of [(/** @type {number} */ left) => left > 200 && left < 250, () => false]) {
    const random = seeded(5);
    const state = create({ random });
    untilGate(state, random, (left) => (showing(left) ? state.bins[0].action : null));
    assert.deepEqual([state.right, state.wrong, state.missed], [0, 0, 1]);
    assert.equal(state.quality, 100 + qualityOf(1).miss);
  }
});

test('the wrong bin throws a thing out, costs quality and the streak, but never points', () => {
  const random = seeded(7);
  const state = create({ random });
  for (let i = 0; i < 5; i++) untilGate(state, random, () => bot(state));
  assert.deepEqual([state.streak, multiple(state.streak), state.scores[0]], [5, 2, 60]);
  untilGate(state, random, () => state.bins[1 - (upcoming(state)?.bin ?? 0)].action);
  assert.deepEqual([state.streak, state.wrong, state.scores[0], state.quality, state.lives], [0, 1, 60, 100 + qualityOf(1).wrong, 4]);
});

test('an oddment is let go by showing nothing, and is wrong in any bin', () => {
  const random = seeded(3);
  const state = create({ random, level: 3 });
  state.things[0].bin = -1;
  state.things[0].kind = 'oddment';
  const other = structuredClone(state);
  assert.equal(bot(state), null);
  untilGate(state, random, () => null);
  assert.deepEqual([state.right, state.missed, state.scores[0]], [1, 0, 5]);
  untilGate(other, random, () => 'bin1');
  assert.deepEqual([other.right, other.wrong], [0, 1]);
});

test('who shows nothing loses in the end, and then nothing moves', () => {
  const random = seeded(1);
  const state = play(create({ random }), random, 2000, () => null);
  assert.ok(state.over && state.lives === 0 && state.scores[0] === 0);
  const still = structuredClone({ ...state, events: [] });
  step(state, [NOTHING()], random);
  assert.deepEqual(state, still);
});

test('things come faster level by level, and later where there are more bins', () => {
  for (let level = 1; level < 20; level++) {
    const [now, next] = [pace(level, 2), pace(level + 1, 2)];
    assert.ok(next.speed >= now.speed && next.gap <= now.gap && now.rushGap <= now.gap);
    assert.ok(now.rushGap >= 2 * 18, 'room for 300 ms of delay, and as much again');
    assert.ok(qualityOf(level + 1).miss <= qualityOf(level).miss && qualityOf(level + 1).wrong <= qualityOf(level).wrong);
  }
  assert.ok(pace(1, 8).gap > pace(1, 2).gap);
});

test('bins lie side by side on the field, for any number', () => {
  for (let count = 2; count <= 8; count++) {
    const places = Array.from({ length: count }, (_, i) => binPlace(i, count));
    assert.ok(places[0] >= 48 && places[count - 1] <= 752, String(count));
    for (let i = 1; i < count; i++) assert.ok(places[i] - places[i - 1] >= 90);
  }
});

test('whatever is shown for 5,000 ticks, numbers stay in range, scores never fall, and a copy plays on the same', () => {
  for (let seed = 1; seed <= 4; seed++) {
    const random = seeded(seed);
    const dice = seeded(`dice ${seed}`);
    const state = create({ random, level: seed * 3, options: { bins: CLASSES.slice(0, 1 + seed) } });
    const copyRandom = seeded(seed);
    const copies = [create({ random: copyRandom, level: seed * 3, options: { bins: CLASSES.slice(0, 1 + seed) } })];
    let before = 0;
    let input = NOTHING();
    for (let i = 0; i < 5000; i++) {
      if (dice() < 0.05) {
        const actions = ['bin1', 'bin2', 'bin5', 'bin8', 'left'].filter(() => dice() < 0.3);
        input = { held: new Set(actions), pressed: dice() < 0.5 ? actions : [] };
      }
      step(state, [input], random);
      if (i % 500 === 0) copies[0] = structuredClone(copies[0]);
      step(copies[0], [input], copyRandom);
      if (state.over) state.quality = copies[0].quality = 100;
      if (state.over) state.over = copies[0].over = false;
      assert.ok(state.scores[0] >= before && state.quality >= 0 && state.quality <= 100 && state.lives >= 0 && state.lives <= 5);
      before = state.scores[0];
      assert.ok(Number.isFinite(state.chute) && state.chute > 40 && state.chute < 760 && Number.isFinite(state.belt));
      for (const thing of state.things) assert.ok(thing.x >= BELT.start && thing.x <= BELT.end && thing.bin < state.bins.length);
      assert.ok(state.things.length < 14 && state.effects.length < 40);
    }
    assert.deepEqual(copies[0], state);
    assert.ok(state.level > seed * 3, 'levels grow whatever is shown');
  }
});

test('everything that happens has a sound, and every sound belongs to something that happens', () => {
  const random = seeded(11);
  const heard = new Set();
  const listen = (/** @type {State} */ state) => state.events.forEach((event) => heard.add(event.type));
  play(create({ random, level: 4 }), random, 9000, bot, { watch: listen });
  play(create({ random }), random, 3000, () => 'bin1', { watch: listen });
  const random2 = seeded(12);
  play(create({ random: random2 }), random2, 3000, (s) => (s.tick < 1000 ? bot(s) : null), { watch: listen });
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
