// A player that the computer plays. It sees the game itself, but no better than it is told to: it
// reacts late, and errs.

import { Controller } from './controller.js';
import { below } from '../core/random.js';

/** How long it goes on with an error (ms). */
const ERROR_LASTS = 300;
const TICK = 1000 / 60;

export class BotController extends Controller {
  /**
   * @param {object} options
   * @param {() => string | null} options.think what a good player would hold now; asked every tick
   * @param {number} [options.delay_ms] from what happens to what it does about it
   * @param {() => number} [options.random] needed where it errs
   * @param {number} [options.error] share of its decisions that are wrong, 0..1
   * @param {readonly string[]} [options.actions] what it does by error
   * @param {number} [options.tick_ms] length of a tick
   * @param {() => number} [options.now] ms
   * @throws {TypeError} where it is to err without a source of chance
   */
  constructor({ think, delay_ms = 200, random, error = 0, actions = [], tick_ms = TICK, now }) {
    super('bot', 'Computer', now);
    this.think = think;
    if (error > 0 && !random) throw new TypeError('A bot that errs needs `random`: pass seeded(...) of core/random.js.');
    this.random = random ?? (() => 1);
    this.error = error;
    this.actions = [...actions];
    this.tickMs = tick_ms;
    this.delay = Math.max(0, Math.round(delay_ms / tick_ms));
    this.errorTicks = Math.max(1, Math.round(ERROR_LASTS / tick_ms));
    /** What it thought in the latest ticks, the one to act on next. @type {(string | null)[]} */
    this.thoughts = [];
    /** @type {string | null} */
    this.thought = null;
    /** What it does wrong instead, and for how many ticks more. @type {string | null} */
    this.slip = null;
    this.slipping = 0;
    this.running = false;
  }

  start() {
    this.thoughts = [];
    this.thought = null;
    this.slipping = 0;
    this.running = true;
    this.age = this.delay * this.tickMs;
    super.start();
  }

  stop() {
    this.running = false;
    super.stop();
  }

  tick() {
    if (!this.running) return;
    this.thoughts.push(this.think());
    if (this.thoughts.length <= this.delay) return;
    const thought = this.thoughts.shift() ?? null;
    if (thought !== this.thought) {
      this.thought = thought;
      this.slipping = 0;
      if (this.random() < this.error) {
        const others = [null, ...this.actions].filter((action) => action !== thought);
        this.slip = others[below(this.random, others.length)] ?? null;
        this.slipping = this.errorTicks;
      }
    }
    const action = this.slipping > 0 ? this.slip : thought;
    this.slipping--;
    if (this.held.has(action ?? '') && this.held.size === 1) return;
    for (const old of [...this.held]) this.decide('release', old);
    if (action !== null) this.decide('press', action);
  }
}
