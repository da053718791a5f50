import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BotController } from '../../../static/js/control/bot.js';
import { Input } from '../../../static/js/control/input.js';
import { seeded } from '../../../static/js/core/random.js';
import { heard } from './players.js';

test('a bot does what it thinks, late by its reaction', () => {
  const thoughts = ['left', 'left', null, 'right', 'right', 'right', 'right', 'right'];
  let tick = 0;
  const bot = new BotController({ think: () => thoughts[tick], delay_ms: 50 });
  const input = new Input();
  input.connect(bot);
  bot.start();
  const held = thoughts.map(() => {
    const list = [...input.take().held].join();
    tick++;
    return list;
  });
  assert.deepEqual(held, ['', '', '', 'left', 'left', '', 'right', 'right']);
  assert.equal(bot.age, 50);
});

test('without a delay it acts in the same tick, and presses only once for one thought', () => {
  const bot = new BotController({ think: () => 'up', delay_ms: 0 });
  const lines = heard(bot);
  bot.start();
  for (let i = 0; i < 5; i++) bot.tick();
  assert.deepEqual(lines, ['press up']);
  bot.stop();
  bot.tick();
  assert.deepEqual(lines, ['press up', 'release up']);
});

test('it errs as often as it is told, for a moment, and the same by seed', () => {
  const play = (/** @type {number} */ seed, /** @type {number} */ error) => {
    let tick = 0;
    const bot = new BotController({ think: () => (Math.floor(tick / 60) % 2 ? 'left' : 'right'), delay_ms: 0, error, random: seeded(seed), actions: ['left', 'right'] });
    bot.start();
    const errors = [];
    let wrong = 0;
    for (; tick < 60 * 1000; tick++) {
      bot.tick();
      const off = [...bot.held].join() !== (Math.floor(tick / 60) % 2 ? 'left' : 'right');
      if (off && tick % 60 === 0) errors.push(tick);
      if (off) wrong++;
    }
    return { errors, wrong };
  };
  const { errors, wrong } = play(1, 0.2);
  assert.ok(Math.abs(errors.length - 200) < 40, `${errors.length}`);
  assert.equal(wrong, errors.length * 18); // 300 ms each
  assert.deepEqual(play(1, 0.2), { errors, wrong });
  assert.notDeepEqual(play(2, 0.2).errors, errors);
  assert.equal(play(1, 0).wrong, 0);
});

test('to err it needs chance', () => {
  assert.throws(() => new BotController({ think: () => null, error: 0.1 }), /random/);
});
