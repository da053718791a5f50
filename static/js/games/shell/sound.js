// What happens in a game becomes notes; a quiet loop of music where the person wants one.
import { keepVolume, recallVolume } from '../../outputs/volume.js';

/** Where the choice is kept in this browser. */
const KEY = 'showtell.sound';
/** Music is scheduled this many seconds ahead. */
const AHEAD = 0.35;
const MUSIC_GAIN = 0.28;

/** @typedef {import('../table.js').Note} Note */
/** @typedef {{muted: boolean, music: boolean}} Choice */

/** @param {Pick<Storage, 'getItem'>|null} storage @returns {Choice} */
function remembered(storage) {
  try {
    const found = JSON.parse(storage?.getItem(KEY) ?? '{}');
    return { muted: found?.muted === true, music: found?.music === true };
  } catch {
    return { muted: false, music: false };
  }
}

/**
 * A bar in seconds.
 * @param {Note[]} bar times in beats @param {number} beat seconds
 * @returns {Note[]}
 */
export const inSeconds = (bar, beat) => bar.map((note) => ({ ...note, at: note.at * beat, duration: note.duration * beat }));

export class Sound {
  /**
   * @param {object} parts
   * @param {{play: (notes: Note[], options?: {when?: number, at?: number, gain?: number}) => number, stop: () => void, muted: boolean, volume: number, resume: () => Promise<any>, time: number, ready: boolean}} parts.synth
   * @param {Record<string, Note[]>} parts.sounds by type of event
   * @param {import('../table.js').Music|null} parts.music
   * @param {Pick<Storage, 'getItem'|'setItem'>|null} [parts.storage] localStorage
   */
  constructor({ synth, sounds, music, storage = null }) {
    this.synth = synth;
    this.sounds = sounds;
    this.storage = storage;
    const choice = remembered(storage);
    this.wantsMusic = choice.music;
    synth.muted = choice.muted;
    synth.volume = recallVolume(storage);
    this.beat = music ? 60 / music.tempo : 0;
    this.bars = music ? music.bars.map((bar) => inSeconds(bar, this.beat)) : [];
    this.bar = 0;
    this.nextBar = 0;
    /** Types of event that have sounded in this tick: two at once would only be loud. @type {Set<string>} */
    this.heard = new Set();
  }

  get muted() {
    return this.synth.muted;
  }

  set muted(value) {
    this.synth.muted = value;
    this.remember();
  }

  /** 0..1 */
  get volume() {
    return this.synth.volume;
  }

  /** To make it louder is to want to hear it. */
  set volume(value) {
    this.synth.volume = value;
    keepVolume(this.synth.volume, this.storage);
    if (value > 0 && this.muted) this.muted = false;
  }

  get music() {
    return this.wantsMusic;
  }

  set music(value) {
    this.wantsMusic = value;
    if (!value) this.quiet();
    this.remember();
  }

  remember() {
    try {
      this.storage?.setItem(KEY, JSON.stringify({ muted: this.muted, music: this.wantsMusic }));
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
  }

  /** Let sound begin: call it from a click or a key. */
  wake() {
    return this.synth.resume().catch(() => false);
  }

  /** @param {{type: string, pitch?: number}[]} events of one tick */
  events(events) {
    if (this.synth.muted || events.length === 0) return;
    this.heard.clear();
    for (const { type, pitch } of events) {
      const notes = this.sounds[type];
      if (!notes || this.heard.has(type)) continue;
      this.heard.add(type);
      this.synth.play(pitch ? notes.map((note) => ({ ...note, note: note.note + pitch })) : notes);
    }
  }

  /** Keep the music going; call it for each picture while the game is played. */
  keepUp() {
    const { synth, bars } = this;
    if (!this.wantsMusic || !bars.length || synth.muted || !synth.ready) return;
    if (this.nextBar < synth.time) this.nextBar = synth.time + 0.05;
    if (this.nextBar > synth.time + AHEAD) return;
    synth.play(bars[this.bar], { at: this.nextBar, gain: MUSIC_GAIN });
    this.bar = (this.bar + 1) % bars.length;
    this.nextBar += 4 * this.beat;
  }

  /** Silence, at once; the music begins anew after it. */
  quiet() {
    this.synth.stop();
    this.nextBar = 0;
    this.bar = 0;
  }
}
