/** @typedef {(context: BaseAudioContext, note: number, at: number, duration: number, gain: number, out: AudioNode) => Patch} Instrument */

/** A second of the same white noise for all instruments of a context. @type {WeakMap<BaseAudioContext, AudioBuffer>} */
const noises = new WeakMap();

/**
 * Fill a buffer with white noise from a fixed seed: the same sound each time, in tests too.
 * @param {BaseAudioContext} context
 */
function noiseOf(context) {
  let buffer = noises.get(context);
  if (!buffer) {
    buffer = context.createBuffer(1, context.sampleRate, context.sampleRate);
    whiten(buffer.getChannelData(0), 0x5eed);
    noises.set(context, buffer);
  }
  return buffer;
}

/**
 * Write white noise in -1..1 by a linear congruential generator (Numerical Recipes' constants).
 * @param {Float32Array} samples
 * @param {number} seed
 */
export function whiten(samples, seed) {
  let state = seed >>> 0;
  for (let i = 0; i < samples.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    samples[i] = state / 2147483648 - 1;
  }
}

/**
 * Frequency of a MIDI note in Hz, equal temperament, A4 (69) = 440 Hz.
 * @param {number} note 0..127, fractions are allowed
 */
export const hertz = (note) => 440 * 2 ** ((note - 69) / 12);

/**
 * The nodes of one sounding note: makes them, starts and ends their sources together, and takes
 * all apart when the sound is over, so that nothing is left behind after days of playing.
 */
export class Patch {
  /**
   * @param {BaseAudioContext} context
   * @param {number} at s of the context's clock
   * @param {number} end s; every source ends then
   */
  constructor(context, at, end) {
    this.context = context;
    this.at = at;
    this.end = end;
    /** @type {AudioNode[]} */
    this.nodes = [];
    /** @type {AudioScheduledSourceNode[]} */
    this.sources = [];
  }

  /** @template {AudioNode} T @param {T} node @param {AudioNode|AudioParam} [to] @returns {T} */
  add(node, to) {
    this.nodes.push(node);
    if (to instanceof AudioNode) node.connect(to);
    else if (to) node.connect(to);
    return node;
  }

  /** @template {AudioScheduledSourceNode} T @param {T} source @param {AudioNode|AudioParam} to @returns {T} */
  source(source, to) {
    this.sources.push(source);
    source.start(this.at);
    source.stop(this.end);
    return this.add(source, to);
  }

  /**
   * @param {OscillatorType|PeriodicWave} wave
   * @param {number} frequency Hz
   * @param {AudioNode|AudioParam} to
   */
  tone(wave, frequency, to) {
    const node = this.context.createOscillator();
    if (wave instanceof PeriodicWave) node.setPeriodicWave(wave);
    else node.type = wave;
    // Nothing above what the ear hears: a partial there would only fold back.
    node.frequency.value = Math.min(frequency, this.context.sampleRate * 0.45);
    return this.source(node, to);
  }

  /** White noise. @param {AudioNode} to */
  noise(to) {
    const node = this.context.createBufferSource();
    node.buffer = noiseOf(this.context);
    node.loop = true;
    return this.source(node, to);
  }

  /** A gain that starts at a level. @param {number} level @param {AudioNode|AudioParam} to */
  level(level, to) {
    const node = this.context.createGain();
    node.gain.value = level;
    return this.add(node, to);
  }

  /**
   * @param {BiquadFilterType} type
   * @param {number} frequency Hz
   * @param {number} q
   * @param {AudioNode} to
   */
  filter(type, frequency, q, to) {
    const node = this.context.createBiquadFilter();
    node.type = type;
    node.frequency.value = Math.min(frequency, this.context.sampleRate * 0.45);
    node.Q.value = q;
    return this.add(node, to);
  }

  /**
   * A gain that is struck and dies away: to -60 dB exponentially, then to nothing.
   * @param {number} peak
   * @param {number} attack s
   * @param {number} ring s from the start to silence
   * @param {AudioNode|AudioParam} to
   */
  struck(peak, attack, ring, to) {
    const node = this.level(0, to);
    const end = Math.min(this.end, this.at + ring);
    ramp(node.gain, peak, this.at, Math.min(this.at + attack, end - 0.02), end);
    return node;
  }

  /**
   * A gain that is held while the note lasts: attack, decay, sustain, release.
   * @param {number} peak
   * @param {{attack: number, decay: number, sustain: number, duration: number}} shape s, sustain as a share of the peak
   * @param {AudioNode|AudioParam} to
   */
  held(peak, { attack, decay, sustain, duration }, to) {
    const node = this.level(0, to);
    const gate = this.at + duration;
    const top = this.at + Math.min(attack, duration * 0.5);
    const floor = Math.min(top + decay, gate);
    const low = Math.max(peak * sustain, 1e-4);
    const { gain } = node;
    gain.setValueAtTime(0, this.at);
    gain.linearRampToValueAtTime(peak, top);
    gain.exponentialRampToValueAtTime(low, floor);
    gain.setValueAtTime(low, gate);
    fall(gain, low, this.end);
    return node;
  }

  /** Let a parameter glide exponentially from one value to another. @param {AudioParam} param @param {number} from @param {number} to @param {number} seconds */
  glide(param, from, to, seconds) {
    param.setValueAtTime(from, this.at);
    param.exponentialRampToValueAtTime(to, this.at + seconds);
  }

  /** End it earlier. @param {number} at s of the context's clock */
  stop(at) {
    for (const source of this.sources) source.stop(at);
    this.end = Math.min(this.end, at);
  }

  /** Take all nodes apart. */
  clear() {
    for (const node of this.nodes) node.disconnect();
    this.nodes.length = 0;
  }
}

/** @param {AudioParam} gain @param {number} peak @param {number} at @param {number} top @param {number} end */
function ramp(gain, peak, at, top, end) {
  gain.setValueAtTime(0, at);
  gain.linearRampToValueAtTime(peak, top);
  fall(gain, peak, end);
}

/** An exponential ramp never reaches zero: its last 10 ms are straight. @param {AudioParam} gain @param {number} from @param {number} end */
function fall(gain, from, end) {
  gain.exponentialRampToValueAtTime(Math.max(from * 0.001, 1e-6), end - 0.01);
  gain.linearRampToValueAtTime(0, end);
}
