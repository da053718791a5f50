/**
 * @typedef {import('./sources.js').Source} Source
 * @typedef {import('./recorder.js').Recorder} Recorder
 */

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const rest = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** How long to wait before asking a source again that has stood still for a while (ms). */
const IDLE = 40;

/**
 * The one loop that takes pictures from the source: each is either looked at or, while a button is
 * held and a sample is due, recorded. It waits while the page is hidden.
 */
export class LiveLoop {
  /**
   * @param {object} parts
   * @param {any} parts.engine
   * @param {Recorder} parts.recorder
   * @param {() => Source|null} parts.source
   * @param {() => {mirror: boolean, top: boolean, embedding: boolean, compare: boolean}} parts.wishes asked for every frame
   * @param {(look: any, fps: number, now: number, takenAt: number) => void} parts.onLook `takenAt`: when the camera had
   *   the picture (ms, as performance.now() tells)
   * @param {(error: Error) => void} parts.onError called once for a row of like errors
   */
  constructor({ engine, recorder, source, wishes, onLook, onError }) {
    this.engine = engine;
    this.recorder = recorder;
    this.source = source;
    this.wishes = wishes;
    this.onLook = onLook;
    this.onError = onError;
    this.running = false;
    this.fps = 0;
    this.last = 0;
    this.complained = '';
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.run();
  }

  stop() {
    this.running = false;
  }

  async run() {
    let empty = 0;
    while (this.running) {
      if (document.hidden) await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
      try {
        const saw = await this.step();
        empty = saw ? 0 : empty + 1;
        if (saw) this.complained = '';
      } catch (error) {
        const { message } = /** @type {Error} */ (error);
        if (message !== this.complained) this.onError(/** @type {Error} */ (error));
        this.complained = message;
        empty = 60;
      }
      if (empty > 30) await rest(IDLE);
      else if (empty) await nextFrame();
    }
  }

  /** Deal with one picture; false if there was none. */
  async step() {
    const { engine, recorder } = this;
    const source = this.source();
    if (!source || !engine.backbone) return false;
    const due = recorder.due(performance.now());
    if (due && source.still) source.touch();
    const bitmap = await source.frame();
    if (!bitmap) return false;
    const takenAt = source.takenAt ?? performance.now();
    const { mirror, ...wanted } = this.wishes();
    const turned = mirror && source.kind === 'camera';
    if (due) {
      const result = await recorder.take(bitmap, source, turned);
      // What was just learned may change the answer about a picture that stands still.
      if (source.still) source.touch();
      if (result) this.tell({ result, top: null, embedding: null, ms: null }, takenAt);
      return true;
    }
    const look = await engine.look(bitmap, { mirror: turned, classify: true, ...wanted });
    if (look) this.tell(look, takenAt);
    return true;
  }

  /** @param {any} look @param {number} takenAt ms */
  tell(look, takenAt) {
    const now = performance.now();
    const gap = now - this.last;
    this.last = now;
    // A mean over about a second; a long pause starts it afresh.
    if (gap > 1500) this.fps = 0;
    else this.fps = this.fps ? this.fps + (1000 / gap - this.fps) * Math.min(1, gap / 700) : 1000 / gap;
    this.onLook(look, this.fps, now, takenAt);
  }
}
