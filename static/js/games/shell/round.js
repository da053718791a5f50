// What happens to a game: it is counted in, played, paused, resumed, over.
import { Loop } from './loop.js';

/** Length of one number of the countdown (ms). */
export const BEAT = 700;

/** @typedef {'idle'|'count'|'play'|'paused'|'over'} Phase */

/**
 * Events: 'phase' {phase, why} after each change; 'count' {left} for each number of a countdown.
 */
export class Round extends EventTarget {
  /**
   * @param {object} parts
   * @param {(round: Round, alpha: number, now: number) => void} parts.draw
   * @param {ConstructorParameters<typeof Loop>[0]['request']} [parts.request]
   * @param {ConstructorParameters<typeof Loop>[0]['cancel']} [parts.cancel]
   * @param {() => void} [parts.ticked] called after each tick, while the state's events are those of this tick
   */
  constructor({ draw, request, cancel, ticked = () => {} }) {
    super();
    /** @type {Phase} */
    this.phase = 'idle';
    /** Why it is paused. */
    this.why = '';
    this.ticked = ticked;
    /** @type {import('./match.js').Match|null} */
    this.match = null;
    this.left = 0;
    this.countedAt = -1;
    this.loop = new Loop({
      step: () => this.step(),
      draw: (alpha, now) => {
        this.count(now);
        draw(this, alpha, now);
      },
      request, cancel,
    });
    this.loop.paused = true;
  }

  /** Begin a match with a countdown. @param {import('./match.js').Match} match @param {{beats?: number}} [options] */
  begin(match, { beats = 3 } = {}) {
    this.match = match;
    this.loop.start();
    this.countIn(beats);
  }

  /** @param {string} why in words, for the person */
  pause(why = '') {
    if (this.phase !== 'play' && this.phase !== 'count') return;
    this.go('paused', why);
  }

  /** @param {number} [beats] */
  resume(beats = 2) {
    if (this.phase === 'paused') this.countIn(beats);
  }

  /** End a match before it is over. */
  leave() {
    this.match = null;
    this.go('idle');
  }

  /** @param {number} beats */
  countIn(beats) {
    this.left = beats;
    this.countedAt = -1;
    if (beats > 0) this.go('count');
    else this.go('play');
  }

  /** @param {number} now ms of the display's clock */
  count(now) {
    if (this.phase !== 'count') return;
    if (this.countedAt < 0) {
      this.countedAt = now;
      this.emit('count', { left: this.left });
    }
    while (now - this.countedAt >= BEAT) {
      this.countedAt += BEAT;
      this.left -= 1;
      if (this.left <= 0) {
        this.go('play');
        return;
      }
      this.emit('count', { left: this.left });
    }
  }

  step() {
    const { match } = this;
    if (!match || this.phase !== 'play') return;
    match.tick();
    this.ticked();
    if (match.state.over) this.go('over');
  }

  /** @param {Phase} phase @param {string} [why] */
  go(phase, why = '') {
    this.phase = phase;
    this.why = why;
    this.loop.paused = phase !== 'play';
    if (phase === 'play') this.loop.rest();
    this.emit('phase', { phase, why });
  }

  /** @param {string} type @param {any} detail */
  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
