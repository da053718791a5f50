import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../../static/js/control/recording.js';
import { ReplayController } from '../../../static/js/control/replay.js';
import { heard, states } from './players.js';

/** @type {import('../../../static/js/control/recording.js').Recording} */
const good = { format: 'showtell-recording', version: 1, game: 'maze', seed: 7, players: 2, scheme: 'four', options: {}, events: [[0, 0, 'press', 'left'], [3, 1, 'press', 'up'], [3, 0, 'release', 'left'], [5, 0, 'press', 'go']], ticks: 6 };

test('a good recording is read', () => {
  assert.deepEqual(parse(JSON.stringify(good)), good);
  assert.deepEqual(parse(JSON.stringify({ ...good, seed: 'words', level: 3 })).level, 3);
});

/** @type {[string, any, RegExp][]} */
const WRONG = [
  ['no JSON', '{', /should be JSON/],
  ['no object', '[]', /should be an object/],
  ['another format', { ...good, format: 'x' }, /"format" should be "showtell-recording", but it is "x"/],
  ['a newer version', { ...good, version: 2 }, /"version" should be 1; a newer/],
  ['no game', { ...good, game: undefined }, /"game" should be the name.*but it is undefined/],
  ['a seed of nothing', { ...good, seed: null }, /"seed"/],
  ['no players', { ...good, players: 0 }, /"players" should be a number from 1 to 8/],
  ['a broken level', { ...good, level: 0.5 }, /"level"/],
  ['options as a list', { ...good, options: [] }, /"options" should be an object/],
  ['endless ticks', { ...good, ticks: 1e12 }, /"ticks"/],
  ['events that are none', { ...good, events: {} }, /"events" should be a list/],
  ['ticks out of order', { ...good, events: [good.events[1], good.events[0]] }, /"events\[1\]" should begin with a tick from 3 to 6/],
  ['a tick after the end', { ...good, events: [[7, 0, 'press', 'left']] }, /from 0 to 6/],
  ['a player too many', { ...good, events: [[0, 2, 'press', 'left']] }, /"events\[0\]" should name a player from 0 to 1/],
  ['an unknown event', { ...good, events: [[0, 0, 'jump', 'left']] }, /press or release/],
  ['no action', { ...good, events: [[0, 0, 'press']] }, /should name an action/],
];

for (const [name, value, message] of WRONG) {
  test(`a recording with ${name} is refused in words`, () => {
    assert.throws(() => parse(typeof value === 'string' ? value : JSON.stringify(value)), (/** @type {Error} */ error) => error instanceof RangeError && message.test(error.message));
  });
}

test('a replay does in each tick what its player did, and ends with the recording', () => {
  const replay = new ReplayController({ recording: good, player: 0 });
  const lines = heard(replay);
  const seen = states(replay);
  replay.tick(0);
  assert.deepEqual(lines, []); // not started
  replay.start();
  for (let tick = 0; tick < 6; tick++) {
    replay.tick(tick);
    if (tick === 2) assert.deepEqual(lines, ['press left']);
  }
  assert.deepEqual(lines, ['press left', 'release left', 'press go']);
  replay.tick(6);
  assert.deepEqual(lines.at(-1), 'release go');
  assert.deepEqual(seen, ['ready', 'waiting']);
  assert.equal(replay.text, 'The recording has ended.');
  replay.start();
  replay.tick(0);
  assert.equal(lines.at(-1), 'press left'); // from its beginning again
});

test('a press of what is held is a repeat', () => {
  const replay = new ReplayController({ recording: { ...good, events: [[0, 0, 'press', 'left'], [1, 0, 'press', 'left'], [2, 0, 'release', 'left']] }, player: 0 });
  const lines = heard(replay);
  replay.start();
  replay.tick(2);
  assert.deepEqual(lines, ['press left', 'repeat left', 'release left']);
});

test('ticks that nobody asked for are made up', () => {
  const replay = new ReplayController({ recording: good, player: 0 });
  const lines = heard(replay);
  replay.start();
  replay.tick(4);
  assert.deepEqual(lines, ['press left', 'release left']);
});
