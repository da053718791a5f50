import { INSTRUMENTS, RELEASE } from './instruments.js';

export { INSTRUMENTS, RELEASE, STROKE_NAMES, TITLES } from './instruments.js';

/**
 * @typedef {object} Note
 * @property {string} instrument name in INSTRUMENTS
 * @property {number} note MIDI number, 60 is middle C
 * @property {number} at s from the start of the phrase
 * @property {number} duration s
 * @property {number} gain 0..1
 */
/** @typedef {{patch: import('./patch.js').Patch, fade: GainNode}} Voice */

/** As many notes sound or wait at once, at most; the one that ends first makes room. */
const VOICES = 48;
/** A note longer than this, or later, is a mistake of the caller. */
const LONGEST = 60;

/** Straight up to 0.7, then bending towards 0.98: what the compressor lets through is never cut off. */
function softly() {
  const curve = new Float32Array(2049);
  for (let i = 0; i < curve.length; i++) {
    const x = ((i - 1024) / 1024) * 4;
    const size = Math.abs(x);
    curve[i] = Math.sign(x) * (size < 0.7 ? size : 0.7 + 0.28 * Math.tanh((size - 0.7) / 0.28));
  }
  return curve;
}

/**
 * Plays notes on synthesised instruments. Silent, and without an audio context, until `resume` is
 * called from a person's gesture; what is played before that is dropped, not kept for later.
 */
export class Synth {
  /** @type {BaseAudioContext|null} */
  #context = null;
  /** @type {GainNode|null} */
  #mix = null;
  /** @type {GainNode|null} */
  #master = null;
  /** @type {Set<Voice>} */
  #voices = new Set();
  #volume = 0.8;
  #muted = false;
  #closed = false;

  /** @param {{context?: BaseAudioContext}} [options] a context of one's own, also an OfflineAudioContext */
  constructor({ context } = {}) {
    if (context) this.#open(context);
  }

  /** @param {BaseAudioContext} context */
  #open(context) {
    const limit = context.createWaveShaper();
    limit.curve = softly();
    // The shaper's curve covers -1..1: go in at a quarter, for the curve reaches to 4.
    const quarter = context.createGain();
    quarter.gain.value = 0.25;
    const press = context.createDynamicsCompressor();
    press.threshold.value = -16;
    press.knee.value = 14;
    press.ratio.value = 4;
    press.attack.value = 0.004;
    press.release.value = 0.18;
    const master = context.createGain();
    const mix = context.createGain();
    mix.gain.value = 0.8;
    mix.connect(press).connect(quarter).connect(limit).connect(master).connect(context.destination);
    this.#context = context;
    this.#mix = mix;
    this.#master = master;
    this.#level(true);
  }

  /** Let sound begin; call it from a click, a key or a tap. @returns {Promise<boolean>} true if it may sound now */
  async resume() {
    if (this.#closed || typeof AudioContext === 'undefined') return this.ready;
    if (!this.#context) this.#open(new AudioContext({ latencyHint: 'interactive' }));
    if (this.#context instanceof AudioContext && this.#context.state !== 'running') await this.#context.resume();
    return this.ready;
  }

  /** True if a note that is played now can be heard. */
  get ready() {
    if (!this.#context || this.#closed) return false;
    return this.#context.state === 'running' || typeof OfflineAudioContext !== 'undefined' && this.#context instanceof OfflineAudioContext;
  }

  /** The context, once there is one. */
  get context() {
    return this.#context;
  }

  /** Where other sounds can be connected to go through the same volume and compressor. */
  get input() {
    return this.#mix;
  }

  /** The clock of `at`, in seconds. */
  get time() {
    return this.#context?.currentTime ?? 0;
  }

  /** Notes that sound or wait. */
  get voices() {
    return this.#voices.size;
  }

  /** Audio nodes of these notes. */
  get nodes() {
    let n = 0;
    for (const { patch } of this.#voices) n += patch.nodes.length + 1;
    return n;
  }

  /** 0..1 */
  get volume() {
    return this.#volume;
  }

  set volume(value) {
    this.#volume = Math.min(1, Math.max(0, value));
    this.#level();
  }

  get muted() {
    return this.#muted;
  }

  set muted(value) {
    this.#muted = value;
    this.#level();
  }

  #level(atOnce = false) {
    const gain = this.#master?.gain;
    if (!gain) return;
    // Hearing goes by powers: the square makes the middle of a slider sound like the middle.
    const level = this.#muted ? 0 : this.#volume ** 2;
    if (atOnce) gain.value = level;
    else gain.setTargetAtTime(level, this.time, 0.015);
  }

  /**
   * Play notes.
   * @param {Note[]} notes
   * @param {{when?: number, at?: number, gain?: number}} [options] `when`: seconds from now; `at`: instead, a time of `time`'s clock; `gain`: factor for all, 0..1
   * @returns {number} seconds of `time`'s clock when the last of them is over; 0 if nothing can be heard now
   */
  play(notes, { when = 0, at, gain = 1 } = {}) {
    const [context, mix] = [this.#context, this.#mix];
    if (!context || !mix || !this.ready) return 0;
    const start = at ?? context.currentTime + when;
    let end = 0;
    for (const note of notes) end = Math.max(end, this.#sound(context, mix, note, start, gain));
    return end;
  }

  /** @param {BaseAudioContext} context @param {AudioNode} mix @param {Note} wanted @param {number} start @param {number} factor */
  #sound(context, mix, { instrument, note, at = 0, duration = 0.3, gain = 0.8 }, start, factor) {
    const make = INSTRUMENTS[instrument];
    if (!make) throw new RangeError(`There is no instrument "${instrument}"; there are ${Object.keys(INSTRUMENTS).join(', ')}.`);
    const level = Math.min(1, gain) * factor;
    // Not in the past: the start of a sound would be cut off, which clicks.
    const begins = Math.max(start + at, context.currentTime);
    if (!(level > 0.0005) || !(begins - context.currentTime <= LONGEST)) return 0;
    while (this.#voices.size >= VOICES) this.#steal();
    const fade = context.createGain();
    fade.connect(mix);
    const patch = make(context, Math.min(127, Math.max(0, note)), begins, Math.min(LONGEST, Math.max(0.02, duration)), level, fade);
    const voice = { patch, fade };
    this.#voices.add(voice);
    let left = patch.sources.length;
    for (const source of patch.sources) {
      source.onended = () => {
        if (--left === 0) this.#drop(voice);
      };
    }
    return patch.end;
  }

  /** @param {Voice} voice */
  #drop(voice) {
    voice.patch.clear();
    voice.fade.disconnect();
    this.#voices.delete(voice);
  }

  /** Fade out the voice that would end first. */
  #steal() {
    /** @type {Voice|null} */
    let first = null;
    for (const voice of this.#voices) if (!first || voice.patch.end < first.patch.end) first = voice;
    if (first) this.#silence(first);
  }

  /** @param {Voice} voice */
  #silence(voice) {
    // Counted no more; it takes itself apart when its sources have ended.
    this.#voices.delete(voice);
    const now = this.time;
    if (voice.patch.at > now) {
      voice.patch.stop(now);
      this.#drop(voice);
      return;
    }
    voice.fade.gain.setTargetAtTime(0, now, 0.008);
    voice.patch.stop(now + 0.06);
  }

  /** Fade out everything that sounds and forget what waits. */
  stop() {
    for (const voice of [...this.#voices]) this.#silence(voice);
  }

  /** Give the audio device back. */
  close() {
    if (this.#closed) return;
    this.stop();
    this.#closed = true;
    if (typeof AudioContext !== 'undefined' && this.#context instanceof AudioContext) this.#context.close().catch(() => {});
  }
}

/**
 * How long a phrase lasts in seconds, with what rings on.
 * @param {Note[]} notes
 */
export const lengthOf = (notes) => notes.reduce((end, { instrument, at, duration }) => Math.max(end, at + duration + (RELEASE[instrument] ?? 0)), 0);
