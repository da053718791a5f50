// What every game must have, so that the shell can play it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { seeded } from '../../../static/js/core/random.js';
import { NAMES, about, load } from '../../../static/js/games/table.js';
import { keysOf } from '../../../static/js/games/shell/seats.js';
import { INSTRUMENTS } from '../../../static/js/outputs/instruments.js';

const ACTIONS = /^(left|right|up|down|go|bin[1-8])$/;

test('the server knows the same games', () => {
  const pages = readFileSync(new URL('../../../server/web/pages.py', import.meta.url), 'utf8');
  const listed = /^GAMES = \((.*)\)$/m.exec(pages)?.[1].match(/\w+/g);
  assert.deepEqual(listed, NAMES);
});

test('a game that there is not is refused by its name', async () => {
  await assert.rejects(load('chess'), /no game "chess"; there are pong, snake/);
  await assert.rejects(about('constructor'), RangeError);
});

test('every game has a title of its own', async () => {
  const titles = await Promise.all(NAMES.map(async (name) => (await about(name)).title));
  assert.equal(new Set(titles).size, NAMES.length);
});

for (const name of NAMES) {
  test(`${name} has what the shell needs`, async () => {
    const { GAME, create, step, bot, draw, preview, SOUNDS, MUSIC } = await load(name);
    assert.equal(GAME.name, name);
    assert.ok(GAME.title && GAME.line && GAME.levels);
    assert.ok(GAME.how.length >= 2 && GAME.how.every((line) => line.length > 10));
    assert.ok(GAME.field.width / GAME.field.height > 1 && GAME.field.width / GAME.field.height < 2);
    assert.equal(GAME.schemes[0].actions.length, 2, 'two moves are enough');
    assert.equal(new Set(GAME.schemes.map(({ id }) => id)).size, GAME.schemes.length);
    for (const each of [draw, preview, step, create, bot]) assert.equal(typeof each, 'function');
    for (const scheme of GAME.schemes) {
      assert.equal(new Set(scheme.actions.map(({ id }) => id)).size, scheme.actions.length);
      for (const { id, title, does, icon } of scheme.actions) assert.ok(ACTIONS.test(id) && title && does && icon, `${scheme.id} ${id}`);
      for (const players of GAME.players) {
        for (let player = 0; player < players; player++) {
          const reached = new Set(Object.values(keysOf(scheme.actions, player, players)));
          assert.deepEqual([...reached].sort(), scheme.actions.map(({ id }) => id).sort(), 'every move has a key');
        }
      }
    }
    for (const note of [...Object.values(SOUNDS).flat(), ...(MUSIC?.bars.flat() ?? [])]) {
      assert.ok(note.instrument in INSTRUMENTS, `${note.instrument} is no instrument`);
      assert.ok(note.gain > 0 && note.gain <= 1 && note.duration > 0 && note.at >= 0 && note.note > 0 && note.note < 128);
    }
    if (MUSIC) assert.ok(MUSIC.tempo > 40 && MUSIC.tempo < 220 && MUSIC.bars.flat().every(({ at }) => at < 4), 'a bar has four beats');
  });

  test(`${name} begins as plain data, and each happening of a bot's game has a sound`, async () => {
    const { GAME, create, step, bot, SOUNDS } = await load(name);
    for (const players of GAME.players) {
      for (const scheme of GAME.schemes) {
        const random = seeded(`${name} ${scheme.id}`);
        const state = create({ random, players, scheme: scheme.id });
        assert.deepEqual(structuredClone(state), state);
        assert.deepEqual([state.tick, state.over, state.winner, state.level, state.scores.length], [0, false, null, 1, players]);
        const inputs = Array.from({ length: players }, () => ({ held: new Set(/** @type {string[]} */ ([])), pressed: /** @type {string[]} */ ([]) }));
        for (let i = 0; i < 600 && !state.over; i++) {
          inputs.forEach((one, player) => {
            const action = bot(state, player);
            one.pressed.length = 0;
            if (action && !one.held.has(action)) one.pressed.push(action);
            one.held.clear();
            if (action) one.held.add(action);
            assert.ok(action === null || scheme.actions.some(({ id }) => id === action), `the bot does ${action}`);
          });
          step(state, inputs, random);
          for (const { type } of state.events) assert.ok(type in SOUNDS, `"${type}" has no sound`);
        }
        assert.ok(state.tick > 100);
      }
    }
  });
}
