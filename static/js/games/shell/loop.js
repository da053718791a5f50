// The clock of a game: rules go on in steps of a sixtieth of a second, whatever the display does.

/** Length of one step (ms). */
export const STEP = 1000 / 60;
/** Most steps between two pictures: after a long hitch the game goes on slowly instead of jumping. */
export const MOST_STEPS = 5;
/** Differences this small are the display's jitter, not a missed picture. */
const JITTER = 1.5;

export class Loop {
  /**
   * @param {object} parts
   * @param {() => void} parts.step one step of the rules
   * @param {(alpha: number, now: number) => void} parts.draw alpha: 0..1, how far into the next step
   * @param {(callback: (now: number) => void) => number} [parts.request] requestAnimationFrame
   * @param {(handle: number) => void} [parts.cancel] cancelAnimationFrame
   */
  constructor({ step, draw, request = (callback) => requestAnimationFrame(callback), cancel = (handle) => cancelAnimationFrame(handle) }) {
    this.step = step;
    this.draw = draw;
    this.request = request;
    this.cancel = cancel;
    /** While true pictures are drawn but the rules stand still. */
    this.paused = false;
    this.handle = 0;
    this.running = false;
    this.last = -1;
    this.left = 0;
    /** Pictures drawn a second, a running mean; 0 until known. */
    this.fps = 0;
    /** Pictures drawn, and steps done, since the start; pictures that came late. */
    this.frames = 0;
    this.steps = 0;
    this.dropped = 0;
    this.frame = this.frame.bind(this);
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.last = -1;
    this.left = 0;
    this.handle = this.request(this.frame);
  }

  stop() {
    this.running = false;
    this.cancel(this.handle);
  }

  /** Forget the time that has passed, as after a pause. */
  rest() {
    this.last = -1;
    this.left = 0;
  }

  /** @param {number} now ms, of the display's clock */
  frame(now) {
    if (!this.running) return;
    // Asked for first: an error in the rules or the drawing is reported once a picture, not for ever silent.
    this.handle = this.request(this.frame);
    const gone = this.last < 0 ? 0 : Math.max(0, now - this.last);
    this.last = now;
    this.frames += 1;
    if (gone > 0) this.measure(gone);
    if (!this.paused) this.advance(gone);
    this.draw(this.paused ? 1 : Math.min(1, this.left / STEP), now);
  }

  /** @param {number} gone ms */
  measure(gone) {
    if (gone > 1000) this.fps = 0;
    else this.fps = this.fps ? this.fps + (1000 / gone - this.fps) * Math.min(1, gone / 700) : 1000 / gone;
    if (gone > 2 * STEP - JITTER) this.dropped += Math.round(gone / STEP) - 1;
  }

  /** @param {number} gone ms */
  advance(gone) {
    // A display of 60 Hz is never exactly that: keep its beat instead of doing 0 and then 2 steps.
    this.left += Math.abs(gone - STEP) < JITTER ? STEP : gone;
    let steps = Math.floor(this.left / STEP + 1e-9);
    if (steps > MOST_STEPS) {
      this.left = MOST_STEPS * STEP;
      steps = MOST_STEPS;
    }
    this.left = Math.max(0, this.left - steps * STEP);
    for (; steps > 0 && !this.paused; steps--) {
      this.steps += 1;
      this.step();
    }
  }
}
