// What keeps a machine going when nobody looks after it.

/** Milliseconds without a move, tap or key until pointer and controls go. */
export const SLEEP_MS = 3000;

/** Milliseconds until a camera is tried again; each try doubles it, up to the last. */
const FIRST_TRY = 2000;
const LAST_TRY = 30_000;
/** A camera that says it runs and gives no picture for so long (ms) has frozen: it is started anew. */
const FROZEN_MS = 10_000;

/**
 * Brings a camera back that has gone: pulled out, taken by another program, or not there at the start.
 */
export class CameraKeeper {
  /**
   * @param {object} parts
   * @param {() => {state: string, error: {kind: string, title: string}|null}} parts.camera
   * @param {() => Promise<void>} parts.start
   * @param {() => void} parts.onLost called once for each loss
   * @param {() => void} parts.onBack
   * @param {(run: () => void, ms: number) => any} [parts.later]
   * @param {(timer: any) => void} [parts.never]
   */
  constructor({ camera, start, onLost, onBack, later = (run, ms) => setTimeout(run, ms), never = (timer) => clearTimeout(timer) }) {
    this.camera = camera;
    this.start = start;
    this.onLost = onLost;
    this.onBack = onBack;
    this.later = later;
    this.never = never;
    this.isLost = false;
    this.wait = FIRST_TRY;
    /** @type {any} */
    this.timer = null;
    this.closed = false;
    /** When there was a picture last (ms). */
    this.seenAt = Infinity;
  }

  /** There was a picture. @param {number} now ms */
  saw(now) {
    this.seenAt = now;
  }

  /** Look whether pictures still come; call it now and then while they should. @param {number} now ms */
  look(now) {
    if (this.closed || this.isLost || this.camera().state !== 'running' || !(now - this.seenAt > FROZEN_MS)) return;
    this.seenAt = now;
    this.isLost = true;
    this.onLost();
    this.start().catch(() => this.check());
  }

  /** Look at the camera's state; call it at every change. */
  check() {
    if (this.closed) return;
    const { state } = this.camera();
    if (state === 'failed') {
      if (!this.isLost) {
        this.isLost = true;
        this.onLost();
      }
      this.timer ??= this.later(() => this.again(), this.wait);
    } else if (state === 'running' && this.isLost) {
      this.isLost = false;
      this.seenAt = Infinity;
      this.wait = FIRST_TRY;
      if (this.timer !== null) this.never(this.timer);
      this.timer = null;
      this.onBack();
    }
  }

  /** Try now: a camera was plugged in, or its time has come. */
  again() {
    if (this.timer !== null) this.never(this.timer);
    this.timer = null;
    if (this.closed || this.camera().state !== 'failed') return;
    this.wait = Math.min(LAST_TRY, this.wait * 2);
    this.start().catch(() => this.check());
  }

  close() {
    this.closed = true;
    if (this.timer !== null) this.never(this.timer);
  }
}

/** Keeps the screen from going dark, also after the page was hidden for a while. */
export class Wakeful {
  constructor() {
    /** @type {WakeLockSentinel|null} */
    this.lock = null;
    this.wanted = false;
    this.onShown = () => {
      if (this.wanted && !document.hidden) void this.take();
    };
    document.addEventListener('visibilitychange', this.onShown);
  }

  start() {
    this.wanted = true;
    return this.take();
  }

  async take() {
    if (!('wakeLock' in navigator) || (this.lock && !this.lock.released)) return;
    try {
      this.lock = await navigator.wakeLock.request('screen');
    } catch {
      // The battery is low, or the system does not want to: then it may go dark.
    }
  }

  async stop() {
    this.wanted = false;
    await this.lock?.release().catch(() => {});
    this.lock = null;
  }
}

/**
 * Tell when nobody has moved, tapped or pressed a key for a while, and when somebody does.
 * @param {(awake: boolean) => void} onChange
 * @param {{target?: EventTarget, ms?: number, later?: (run: () => void, ms: number) => any, never?: (timer: any) => void}} [parts]
 * @returns {() => void} stops
 */
export function watchPeople(onChange, { target = window, ms = SLEEP_MS, later = (run, wait) => setTimeout(run, wait), never = (timer) => clearTimeout(timer) } = {}) {
  /** @type {any} */
  let timer = null;
  let awake = true;
  const rest = () => {
    awake = false;
    onChange(false);
  };
  const stir = () => {
    never(timer);
    timer = later(rest, ms);
    if (awake) return;
    awake = true;
    onChange(true);
  };
  const kinds = ['pointermove', 'pointerdown', 'keydown', 'focusin'];
  for (const kind of kinds) target.addEventListener(kind, stir, { passive: true });
  timer = later(rest, ms);
  return () => {
    never(timer);
    for (const kind of kinds) target.removeEventListener(kind, stir);
  };
}
