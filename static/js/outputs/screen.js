// What is on the screen, and for how long at least: a class that comes and goes in a blink must not
// make the picture flash.

/**
 * @typedef {object} Scene
 * @property {number} id a new one for each change
 * @property {string} classId @property {string} label @property {string} color
 * @property {import('./kinds.js').Item[]} items none: only the colour
 */

/** Milliseconds that a scene stays at least: longer than the change from one to the next. */
export const LEAST_MS = 700;

export class Screen {
  /**
   * @param {object} parts
   * @param {(scene: Scene|null) => void} parts.show
   * @param {number} [parts.least] ms
   * @param {() => number} [parts.now] ms
   * @param {(run: () => void, ms: number) => any} [parts.later]
   * @param {(timer: any) => void} [parts.never]
   */
  constructor({ show, least = LEAST_MS, now = () => performance.now(), later = (run, ms) => setTimeout(run, ms), never = (timer) => clearTimeout(timer) }) {
    this.show = show;
    this.least = least;
    this.now = now;
    this.later = later;
    this.never = never;
    /** @type {Scene|null} */
    this.scene = null;
    this.since = -Infinity;
    this.count = 0;
    /** @type {any} */
    this.timer = null;
    /** What comes when the one that is shown has been there long enough. @type {Omit<Scene, 'id'>|null} */
    this.wanted = null;
  }

  /**
   * Show something, or nothing (null), as soon as what is there has been seen long enough.
   * @param {Omit<Scene, 'id'>|null} scene
   */
  put(scene) {
    this.wanted = scene;
    const wait = this.scene ? this.since + this.least - this.now() : 0;
    if (wait <= 0) this.turn();
    else this.timer ??= this.later(() => this.turn(), wait);
  }

  turn() {
    if (this.timer !== null) this.never(this.timer);
    this.timer = null;
    const { wanted, scene } = this;
    if (scene && wanted && same(scene, wanted)) return;
    if (!scene && !wanted) return;
    this.scene = wanted && { ...wanted, id: ++this.count };
    this.since = this.now();
    this.show(this.scene);
  }

  /** Show nothing, at once. */
  clear() {
    this.wanted = null;
    this.turn();
  }
}

/** @param {Scene} a @param {Omit<Scene, 'id'>} b */
function same(a, b) {
  return a.classId === b.classId && a.color === b.color && a.label === b.label && a.items.length === b.items.length
    && a.items.every((item, i) => item.kind === b.items[i].kind && item.text === b.items[i].text);
}
