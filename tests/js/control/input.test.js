import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Controller } from '../../../static/js/control/controller.js';
import { Input } from '../../../static/js/control/input.js';
import { parse } from '../../../static/js/control/recording.js';
import { ReplayController } from '../../../static/js/control/replay.js';
import { below, seeded } from '../../../static/js/core/random.js';

class Hand extends Controller {
  constructor() {
    super('hand', 'Hand', () => 100);
  }
}
const about = { game: 'snake', seed: 5, players: 1, scheme: 'two', options: {} };
const copy = (/** @type {{held: Set<string>, pressed: string[]}} */ { held, pressed }) => ({ held: [...held].sort(), pressed: [...pressed] });

/** @param {number} [players] */
function playing(players = 1) {
  const input = new Input(players);
  const hands = Array.from({ length: players }, (_, player) => {
    const hand = new Hand();
    input.connect(hand, player);
    return hand;
  });
  return { input, hands, hand: hands[0] };
}

test('a press is pressed for one tick and held until its release', () => {
  const { input, hand } = playing();
  hand.decide('press', 'left');
  assert.deepEqual(copy(input.take()), { held: ['left'], pressed: ['left'] });
  assert.deepEqual(copy(input.take()), { held: ['left'], pressed: [] });
  hand.decide('repeat', 'left');
  assert.deepEqual(copy(input.take()), { held: ['left'], pressed: ['left'] });
  hand.decide('release', 'left');
  assert.deepEqual(copy(input.take()), { held: [], pressed: [] });
});

test('a press shorter than a tick is held for one', () => {
  const { input, hand } = playing();
  hand.decide('press', 'go');
  hand.decide('release', 'go');
  assert.deepEqual(copy(input.take()), { held: ['go'], pressed: ['go'] });
  assert.deepEqual(copy(input.take()), { held: [], pressed: [] });
  hand.decide('press', 'go');
  hand.decide('release', 'go');
  hand.decide('press', 'go');
  assert.deepEqual(copy(input.take()), { held: ['go'], pressed: ['go', 'go'] });
  assert.deepEqual(copy(input.take()).held, ['go']);
});

test('what is given is the same object at every tick', () => {
  const { input } = playing();
  const first = input.take();
  assert.equal(input.take(), first);
});

test('players are moved by their own controllers, a player by several', () => {
  const { input, hands } = playing(2);
  const second = new Hand();
  input.connect(second, 0);
  assert.deepEqual([second.player, hands[1].player], [0, 1]);
  hands[0].decide('press', 'left');
  second.decide('press', 'left');
  hands[1].decide('press', 'up');
  assert.deepEqual([copy(input.take(0)).held, copy(input.take(1)).held], [['left'], ['up']]);
  hands[0].decide('release', 'left');
  assert.deepEqual(copy(input.take(0)).held, ['left']);
  second.decide('release', 'left');
  assert.deepEqual(copy(input.take(0)).held, []);
  assert.deepEqual(input.controllers(0), [hands[0], second]);
});

test('who is disconnected lets go and is heard no more; who is connected brings what it holds', () => {
  const { input, hand } = playing();
  hand.decide('press', 'left');
  input.take();
  input.disconnect(hand);
  assert.deepEqual(copy(input.take()), { held: [], pressed: [] });
  hand.decide('press', 'right');
  assert.deepEqual(copy(input.take()), { held: [], pressed: [] });
  input.connect(hand);
  assert.deepEqual(copy(input.take()), { held: ['left', 'right'], pressed: ['left', 'right'] });
  input.connect(hand); // again changes nothing
  assert.deepEqual(copy(input.take()).held, ['left', 'right']);
});

test('a controller moves one player of one game: the next game takes it from the last', () => {
  const { input, hand } = playing(2);
  const next = new Input();
  hand.decide('press', 'left');
  input.take();
  next.connect(hand);
  assert.deepEqual(copy(next.take()).held, ['left']);
  hand.decide('press', 'right');
  assert.deepEqual([input.take(0).held.size, input.controllers(0), input.players[0].queue.length], [0, [], 0]);
  next.disconnect(hand);
  assert.equal(hand.input, null);
});

test('controllers are asked once for every tick, with its number', () => {
  const { input, hand } = playing();
  /** @type {number[]} */
  const ticks = [];
  hand.tick = (tick) => {
    ticks.push(tick);
    if (tick === 1) hand.decide('press', 'go');
  };
  assert.deepEqual([copy(input.take()).pressed, copy(input.take()).pressed, copy(input.take()).pressed], [[], ['go'], []]);
  assert.deepEqual(ticks, [0, 1, 2]);
});

test('what was pressed in a pause is forgotten, what is still held then is pressed', () => {
  const { input, hand } = playing();
  hand.decide('press', 'left');
  input.take();
  hand.decide('release', 'left');
  for (const action of ['go', 'up']) hand.decide('press', action);
  hand.decide('release', 'go');
  input.drop();
  assert.deepEqual(copy(input.take()), { held: ['up'], pressed: ['up'] });
  // A short press in the last tick before the pause does not stay.
  hand.decide('press', 'go');
  hand.decide('release', 'go');
  input.take();
  input.drop();
  assert.deepEqual(copy(input.take()), { held: ['up'], pressed: [] });
});

test('the age is that of the controller that acted last', () => {
  const { input, hand } = playing();
  assert.equal(input.age(), null);
  const other = new Hand();
  input.connect(other);
  hand.age = 120;
  assert.equal(input.age(), 120);
  other.age = 3;
  other.decide('press', 'go');
  assert.equal(input.age(), 3);
  input.disconnect(other);
  assert.equal(input.age(), 120);
});

test('a player that is not there is named', () => {
  assert.throws(() => new Input(2).take(2), /no player 2; there are 2/);
  assert.throws(() => new Input(1).connect(new Hand(), 1), /no player 1/);
});

test('a recording says what was done in which tick', () => {
  const { input, hand } = playing();
  input.take();
  input.record(about);
  input.take();
  hand.decide('press', 'left');
  input.take();
  hand.decide('repeat', 'left');
  hand.decide('release', 'left');
  input.take();
  assert.deepEqual(input.recording(), {
    format: 'showtell-recording', version: 1, ...about, ticks: 3,
    events: [[1, 0, 'press', 'left'], [2, 0, 'press', 'left'], [2, 0, 'release', 'left']],
  });
});

test('without record there is no recording', () => {
  assert.throws(() => new Input().recording(), /call record\(\)/);
});

test('what is held when the recording begins is pressed in its first tick', () => {
  const { input, hand } = playing();
  hand.decide('press', 'left');
  input.take();
  input.record(about);
  assert.deepEqual(copy(input.take()), { held: ['left'], pressed: ['left'] });
  assert.deepEqual(input.recording().events, [[0, 0, 'press', 'left']]);
});

test('whatever two players do, with pauses and several controllers each, a replay gives the same ticks', () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = seeded(`replay ${seed}`);
    const { input, hands } = playing(2);
    const all = [...hands, new Hand(), new Hand()];
    input.connect(all[2], 0);
    input.connect(all[3], 1);
    for (const hand of all) if (random() < 0.5) hand.decide('press', 'up');
    if (random() < 0.5) input.take(0);
    input.record({ ...about, players: 2 });
    const ticks = [];
    for (let tick = 0; tick < 400; tick++) {
      for (let i = below(random, 4); i > 0; i--) {
        const hand = all[below(random, all.length)];
        const action = ['left', 'right', 'up'][below(random, 3)];
        hand.decide(hand.held.has(action) ? (random() < 0.2 ? 'repeat' : 'release') : 'press', action);
      }
      if (random() < 0.02) input.drop();
      if (random() < 0.02) input.disconnect(all[2]);
      if (random() < 0.02) input.connect(all[2], 0);
      ticks.push([copy(input.take(0)), copy(input.take(1))]);
    }
    const recording = parse(JSON.stringify(input.recording()));
    assert.equal(recording.ticks, 400);
    const again = new Input(2);
    for (const player of [0, 1]) {
      const replay = new ReplayController({ recording });
      again.connect(replay, player);
      replay.start();
    }
    again.record({ ...about, players: 2 });
    ticks.forEach((expected, tick) => assert.deepEqual([copy(again.take(0)), copy(again.take(1))], expected, `seed ${seed}, tick ${tick}`));
    assert.deepEqual(again.recording(), recording);
  }
});
