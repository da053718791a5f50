// A recording as a controller: it does in each tick what was done in that tick. A recording of two
// players is played by two of these.

import { Controller } from './controller.js';

export class ReplayController extends Controller {
  /**
   * @param {object} options
   * @param {import('./recording.js').Recording} options.recording checked, see recording.js
   * @param {number} [options.player] whose part; the one it is connected as where missing
   * @param {() => number} [options.now] ms
   */
  constructor({ recording, player, now }) {
    super('replay', 'Recording', now);
    this.recording = recording;
    this.part = player;
    this.at = 0;
    this.running = false;
  }

  start() {
    this.at = 0;
    this.running = true;
    super.start();
  }

  stop() {
    this.running = false;
    super.stop();
  }

  /** @param {number} tick from 0 */
  tick(tick) {
    if (!this.running) return;
    const { events, ticks } = this.recording;
    const part = this.part ?? this.player;
    for (; this.at < events.length && events[this.at][0] <= tick; this.at++) {
      const [, player, type, action] = events[this.at];
      if (player !== part) continue;
      // What is pressed while it is held was a repeat, or a second key.
      this.decide(type === 'press' && this.held.has(action) ? 'repeat' : type, action);
    }
    if (tick >= ticks) {
      this.releaseAll();
      this.become('waiting', 'The recording has ended.');
    }
  }
}
