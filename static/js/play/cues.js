import { Synth } from '../outputs/synth.js';

/** What is heard when something begins or ends, for those who look elsewhere. @type {Record<string, import('../outputs/synth.js').Note[]>} */
const CUES = {
  tick: [{ instrument: 'blip', note: 69, at: 0, duration: 0.08, gain: 0.35 }],
  start: [{ instrument: 'marimba', note: 81, at: 0, duration: 0.25, gain: 0.6 }],
  stop: [{ instrument: 'marimba', note: 74, at: 0, duration: 0.25, gain: 0.5 }],
  done: [72, 76, 79, 84].map((note, i) => ({ instrument: 'marimba', note, at: i * 0.09, duration: 0.3, gain: 0.5 })),
};

const KEY = 'showtell.play.cues';

/** Short sounds that guide; whether they are wanted is remembered in this browser. */
export class Cues {
  /** @type {Synth|null} */
  #synth = null;
  #muted = false;

  constructor() {
    try {
      this.#muted = localStorage.getItem(KEY) === 'off';
    } catch {
      // Then they are wanted.
    }
  }

  get muted() {
    return this.#muted;
  }

  set muted(muted) {
    this.#muted = muted;
    try {
      localStorage.setItem(KEY, muted ? 'off' : 'on');
    } catch {
      // It holds for this visit.
    }
  }

  /** Make ready, in the gesture of a person: browsers allow no sound before one. */
  wake() {
    if (this.#muted) return;
    this.#synth ??= new Synth();
    void this.#synth.resume().catch(() => {});
  }

  /** @param {string} cue */
  play(cue) {
    if (!this.#muted && CUES[cue]) this.#synth?.play(CUES[cue]);
  }
}
