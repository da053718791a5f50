import { Patch, hertz, whiten } from './patch.js';

/** @typedef {import('./patch.js').Instrument} Instrument */

/**
 * How long each instrument sounds on after its note, at most, in seconds. What is struck or plucked
 * rings at least this long, however short the note is.
 * @type {Record<string, number>}
 */
export const RELEASE = {
  marimba: 1.2, bell: 3, pluck: 1.8, flute: 0.18, organ: 0.12, bass: 0.15, drum: 0.7, shaker: 0.16, blip: 0.1, brass: 0.16,
};

/** @type {Record<string, string>} */
export const TITLES = {
  marimba: 'Marimba', bell: 'Bell', pluck: 'Plucked string', flute: 'Flute', organ: 'Organ', bass: 'Bass', drum: 'Drums', shaker: 'Shaker', blip: 'Blip', brass: 'Brass',
};

/** High bars and strings ring shorter than low ones. @param {string} name @param {number} note */
const ring = (name, note) => RELEASE[name] * Math.min(1, 2 ** ((60 - note) / 24));

/**
 * A wooden bar: its first three partials (1 : 4 : 10, as marimba makers tune them), the higher the
 * shorter, and the knock of the mallet.
 * @type {Instrument}
 */
function marimba(context, note, at, duration, gain, out) {
  const rings = Math.max(duration, ring('marimba', note));
  const patch = new Patch(context, at, at + rings);
  const f = hertz(note);
  patch.tone('sine', f, patch.struck(0.6 * gain, 0.003, rings, out));
  patch.tone('sine', f * 3.98, patch.struck(0.13 * gain, 0.002, rings * 0.35, out));
  patch.tone('sine', f * 9.9, patch.struck(0.05 * gain, 0.001, 0.09, out));
  patch.noise(patch.filter('bandpass', Math.min(f * 3, 5000), 0.8, patch.struck(0.12 * gain, 0.001, 0.04, out)));
  return patch;
}

/**
 * A bell by frequency modulation with an inharmonic ratio, its brightness dying before its tone
 * (Chowning 1973, The Synthesis of Complex Audio Spectra by Means of Frequency Modulation).
 * @type {Instrument}
 */
function bell(context, note, at, duration, gain, out) {
  const rings = Math.max(duration, ring('bell', note));
  const patch = new Patch(context, at, at + rings);
  const f = hertz(note);
  const carrier = patch.tone('sine', f, patch.struck(0.34 * gain, 0.004, rings, out));
  patch.tone('sine', f * 3.5, patch.struck(f * 2.2, 0.001, rings * 0.55, carrier.frequency));
  patch.tone('sine', f * 2.003, patch.struck(0.12 * gain, 0.004, rings * 0.7, out));
  patch.tone('sine', f * 0.5, patch.struck(0.07 * gain, 0.01, rings * 0.9, out));
  return patch;
}

/** Strings that were plucked before, by context and note; some hundred kilobytes each, so only some. @type {WeakMap<BaseAudioContext, Map<number, AudioBuffer>>} */
const strings = new WeakMap();
const STRINGS = 32;

/**
 * A plucked string: a burst of noise goes round a delay that loses its highs
 * (Karplus and Strong 1983, Digital Synthesis of Plucked-String and Drum Timbres).
 * @param {BaseAudioContext} context
 * @param {number} note
 */
function string(context, note) {
  const known = strings.get(context) ?? new Map();
  strings.set(context, known);
  let buffer = known.get(note);
  if (!buffer) {
    const rate = context.sampleRate;
    const period = Math.max(2, Math.round(rate / hertz(note) - 0.5));
    buffer = context.createBuffer(1, Math.ceil(rate * RELEASE.pluck), rate);
    const samples = buffer.getChannelData(0);
    whiten(samples.subarray(0, period), 77 + period);
    // A finger is softer than noise: smooth the burst twice, then take its mean away.
    for (let pass = 0; pass < 2; pass++) for (let i = period - 1; i > 0; i--) samples[i] = (samples[i] + samples[i - 1]) / 2;
    let mean = 0;
    for (let i = 0; i < period; i++) mean += samples[i] / period;
    let peak = 1e-6;
    for (let i = 0; i < period; i++) peak = Math.max(peak, Math.abs(samples[i] -= mean));
    for (let i = 0; i < period; i++) samples[i] /= peak;
    // The same seconds of ringing for every pitch: the low strings lose less at each turn.
    const keep = 0.5 * 0.001 ** (period / rate / (RELEASE.pluck * 1.6));
    for (let i = period + 1; i < samples.length; i++) samples[i] = keep * (samples[i - period] + samples[i - period - 1]);
    if (known.size >= STRINGS) known.delete(known.keys().next().value);
    known.set(note, buffer);
  }
  return buffer;
}

/** @type {Instrument} */
function pluck(context, note, at, duration, gain, out) {
  const rings = Math.max(duration, RELEASE.pluck);
  const patch = new Patch(context, at, at + rings);
  const node = context.createBufferSource();
  node.buffer = string(context, note);
  const period = Math.max(2, Math.round(context.sampleRate / hertz(note) - 0.5));
  // The delay is a whole number of samples and half of one: play it so that it is in tune.
  node.playbackRate.value = hertz(note) * (period + 0.5) / context.sampleRate;
  patch.source(node, patch.filter('lowpass', 5200, 0.4, patch.struck(1.7 * gain, 0.002, Math.min(rings, RELEASE.pluck), out)));
  return patch;
}

/** @type {Instrument} */
function flute(context, note, at, duration, gain, out) {
  const patch = new Patch(context, at, at + duration + RELEASE.flute);
  const f = hertz(note);
  const body = patch.held(0.3 * gain, { attack: 0.07, decay: 0.15, sustain: 0.8, duration }, out);
  const one = patch.tone('sine', f, body);
  const two = patch.tone('triangle', f * 2, patch.level(0.16, body));
  patch.noise(patch.filter('bandpass', Math.min(f * 2, 9000), 6, patch.level(0.22, body)));
  // Players begin to shake once the tone stands.
  const shake = patch.level(0, one.detune);
  shake.connect(two.detune);
  shake.gain.setValueAtTime(0, at + 0.25);
  shake.gain.linearRampToValueAtTime(14, at + 0.7);
  patch.tone('sine', 5.1, shake);
  return patch;
}

/** @type {WeakMap<BaseAudioContext, PeriodicWave>} */
const drawbars = new WeakMap();

/** Strengths of the partials 1 to 8 of an organ's drawbars. @param {BaseAudioContext} context */
function pipes(context) {
  let wave = drawbars.get(context);
  if (!wave) {
    const imaginary = new Float32Array([0, 1, 0.7, 0.45, 0.4, 0, 0.2, 0, 0.25]);
    wave = context.createPeriodicWave(new Float32Array(imaginary.length), imaginary);
    drawbars.set(context, wave);
  }
  return wave;
}

/** @type {Instrument} */
function organ(context, note, at, duration, gain, out) {
  const patch = new Patch(context, at, at + duration + RELEASE.organ);
  const body = patch.held(0.27 * gain, { attack: 0.02, decay: 0.05, sustain: 0.9, duration }, out);
  const f = hertz(note);
  patch.tone(pipes(context), f, body);
  patch.tone('sine', f / 2, patch.level(0.55, body));
  const beat = patch.tone(pipes(context), f, patch.level(0.35, body));
  beat.detune.value = 6;
  return patch;
}

/** @type {Instrument} */
function bass(context, note, at, duration, gain, out) {
  const patch = new Patch(context, at, at + duration + RELEASE.bass);
  const f = hertz(note);
  const body = patch.held(0.36 * gain, { attack: 0.006, decay: 0.35, sustain: 0.6, duration }, out);
  const low = patch.filter('lowpass', 600, 3, body);
  patch.glide(low.frequency, Math.min(2400, f * 14), Math.max(180, f * 2.5), 0.22);
  patch.tone('sawtooth', f, patch.level(0.55, low));
  patch.tone('square', f, patch.level(0.25, low)).detune.value = 7;
  patch.tone('sine', f, patch.level(0.55, body));
  return patch;
}

/** @type {Instrument} */
function blip(context, note, at, duration, gain, out) {
  const patch = new Patch(context, at, at + duration + RELEASE.blip);
  const f = hertz(note);
  const body = patch.held(0.3 * gain, { attack: 0.002, decay: 0.08, sustain: 0.55, duration }, out);
  const tone = patch.tone('square', f, patch.filter('lowpass', Math.min(f * 8, 9000), 0.7, body));
  patch.glide(tone.frequency, f * 0.72, f, 0.035);
  patch.tone('triangle', f * 2, patch.level(0.2, body));
  return patch;
}

/** @type {Instrument} */
function brass(context, note, at, duration, gain, out) {
  const patch = new Patch(context, at, at + duration + RELEASE.brass);
  const f = hertz(note);
  const body = patch.held(0.52 * gain, { attack: 0.05, decay: 0.18, sustain: 0.8, duration }, out);
  const low = patch.filter('lowpass', f * 2, 1.2, body);
  // The louder the breath, the brighter: the filter opens with the attack and eases back.
  low.frequency.setValueAtTime(Math.max(f, 120), at);
  low.frequency.linearRampToValueAtTime(Math.min(f * 9, 9000), at + 0.09);
  low.frequency.setTargetAtTime(Math.min(f * 5, 7000), at + 0.09, 0.15);
  for (const detune of [-7, 6]) patch.tone('sawtooth', f, patch.level(0.5, low)).detune.value = detune;
  return patch;
}

/** A skin whose pitch falls after the stroke. @param {Patch} patch @param {number} from Hz @param {number} to Hz @param {number} ms @param {number} rings s @param {number} gain @param {AudioNode} out */
function skin(patch, from, to, ms, rings, gain, out) {
  patch.glide(patch.tone('sine', from, patch.struck(gain, 0.002, rings, out)).frequency, from, to, ms / 1000);
}

/** Noise through a filter. @param {Patch} patch @param {BiquadFilterType} type @param {number} frequency @param {number} q @param {number} rings s @param {number} gain @param {AudioNode} out */
function hiss(patch, type, frequency, q, rings, gain, out) {
  patch.noise(patch.filter(type, frequency, q, patch.struck(gain, 0.001, rings, out)));
}

/** @typedef {(patch: Patch, gain: number, out: AudioNode, note: number) => void} Stroke */
/** @type {Stroke} */
const kick = (patch, gain, out) => {
  skin(patch, 165, 46, 90, 0.38, 1.1 * gain, out);
  hiss(patch, 'lowpass', 2500, 0.5, 0.03, 0.25 * gain, out);
};
/** @type {Stroke} */
const snare = (patch, gain, out) => {
  skin(patch, 260, 175, 40, 0.16, 0.6 * gain, out);
  hiss(patch, 'highpass', 1500, 0.6, 0.2, 0.7 * gain, out);
};
/** @type {Stroke} */
const clap = (patch, gain, out) => hiss(patch, 'bandpass', 1300, 1.4, 0.2, 1.1 * gain, out);
/** @type {Stroke} */
const rim = (patch, gain, out) => skin(patch, 1700, 1650, 10, 0.06, 0.4 * gain, out);
/** @type {(rings: number) => Stroke} */
const hat = (rings) => (patch, gain, out) => hiss(patch, 'highpass', 7500, 0.8, rings, 0.55 * gain, out);
/** @type {Stroke} */
const tom = (patch, gain, out, note) => {
  const f = hertz(note);
  skin(patch, f * 1.6, f, 90, 0.42, 0.9 * gain, out);
  hiss(patch, 'lowpass', 1800, 0.5, 0.04, 0.2 * gain, out);
};
/** @type {Stroke} */
const crash = (patch, gain, out) => hiss(patch, 'highpass', 4500, 0.4, RELEASE.drum, 0.4 * gain, out);

/** What General MIDI has at these notes; every other note is a tom tuned to it. @type {Record<number, Stroke>} */
const STROKES = { 35: kick, 36: kick, 37: rim, 38: snare, 39: clap, 40: snare, 42: hat(0.06), 44: hat(0.09), 46: hat(0.35), 49: crash };

/** Names of the strokes for choosing, in the order of a small keyboard. */
export const STROKE_NAMES = /** @type {Record<number, string>} */ ({ 36: 'Kick', 37: 'Rim', 38: 'Snare', 39: 'Clap', 42: 'Hat', 46: 'Open hat', 45: 'Low tom', 48: 'Mid tom', 52: 'High tom', 49: 'Crash' });

/** @type {Instrument} */
function drum(context, note, at, duration, gain, out) {
  const patch = new Patch(context, at, at + RELEASE.drum);
  (STROKES[Math.round(note)] ?? tom)(patch, gain, out, note);
  return patch;
}

/** Two grains of noise, there and back; higher notes are smaller shakers. @type {Instrument} */
function shaker(context, note, at, duration, gain, out) {
  const patch = new Patch(context, at, at + Math.max(duration, RELEASE.shaker));
  const f = Math.min(hertz(note) * 12, 11000);
  const grains = patch.filter('bandpass', Math.max(f, 2500), 1.6, out);
  const back = patch.level(0, grains);
  const { gain: level } = back;
  level.setValueAtTime(0, at);
  level.linearRampToValueAtTime(0.55 * gain, at + 0.03);
  level.linearRampToValueAtTime(0.06 * gain, at + 0.07);
  level.linearRampToValueAtTime(0.8 * gain, at + 0.085);
  level.linearRampToValueAtTime(0, at + RELEASE.shaker - 0.005);
  patch.noise(back);
  return patch;
}

/**
 * Each makes the nodes of one note, starts them and returns them. Arguments: context; MIDI note
 * 0..127; start in seconds of the context's clock; duration in seconds; gain 0..1; where to.
 * @type {Record<string, Instrument>}
 */
export const INSTRUMENTS = { marimba, bell, pluck, flute, organ, bass, drum, shaker, blip, brass };
