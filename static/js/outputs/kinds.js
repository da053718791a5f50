// What a class can set off: one entry a kind. `enter` begins and may answer what ends it; `item` is
// for what is seen. An output may come from a file of somebody else: `fits` is asked first.
import { BAUDS, LONGEST_LINE, SERIAL_BROWSERS } from './serial.js';
import { INSTRUMENTS, STROKE_NAMES, TITLES } from './synth.js';
import { MIDI_BROWSERS } from './midi.js';
import { PHRASES, noteName, phrase, phraseOf } from './music.js';
import { RATE } from './speech.js';
import { emojiFor } from './emoji.js';

/**
 * @typedef {{kind: string, [field: string]: any}} Output
 * @typedef {object} About what was decided
 * @property {string} classId @property {string} label @property {string} color
 * @property {number|null} confidence 0..1; null where it is only tried
 * @property {() => boolean} isOn whether the class is still decided
 *
 * @typedef {object} Parts what outputs are made with; what is missing does nothing
 * @property {import('./synth.js').Synth} [synth]
 * @property {import('./sounds.js').Sounds} [sounds]
 * @property {import('./speech.js').Speech} [speech]
 * @property {import('./midi.js').Midi} [midi]
 * @property {import('./serial.js').Serial} [serial]
 * @property {Pick<import('./server.js').OutputServer, 'fire'|'fileUrl'>} [server]
 * @property {import('./screen.js').Screen} [screen]
 *
 * @typedef {object} Item what the screen shows
 * @property {'emoji'|'text'|'picture'} kind
 * @property {string} text of a picture: its address
 *
 * @typedef {object} Kind
 * @property {string} title
 * @property {string} icon
 * @property {string} line what it does, for choosing
 * @property {boolean} [needsServer] works only in a project that is saved
 * @property {(about: {label: string, index: number}) => Output} make a new one that already does something
 * @property {(output: Output, about: {assets?: Map<string, {name: string}>}) => string} describe
 * @property {(output: Output) => boolean} fits whether all its fields can be used
 * @property {(parts: Parts) => string|null} [missing] why this browser cannot do it
 * @property {(output: Output, parts: Parts) => Item|null} [item]
 * @property {(output: Output, parts: Parts, about: About, complain: (error: Error) => void) => (() => void)|void} [enter]
 */

const isText = (/** @type {unknown} */ x, /** @type {number} */ most) => typeof x === 'string' && x.length <= most;
const isIn = (/** @type {unknown} */ x, /** @type {number} */ least, /** @type {number} */ most) => typeof x === 'number' && x >= least && x <= most;
const isId = (/** @type {unknown} */ x) => typeof x === 'string' && /^[0-9a-f-]{36}$/.test(x);
const isMaybe = (/** @type {unknown} */ x, /** @type {(x: unknown) => boolean} */ fits) => x === undefined || fits(x);
const isFlag = (/** @type {unknown} */ x) => typeof x === 'boolean';

/** Most notes of one sound, and characters of one text. */
export const MOST_NOTES = 64;
export const MOST_TEXT = 300;

/** @param {any} note */
const isNote = (note) => note !== null && typeof note === 'object' && typeof note.instrument === 'string' && Object.hasOwn(INSTRUMENTS, note.instrument)
  && isIn(note.note, 0, 127) && isIn(note.at, 0, 30) && isIn(note.duration, 0, 30) && isIn(note.gain, 0, 1);

/** Instruments in turn, for classes in turn. */
const BAND = ['marimba', 'pluck', 'bell', 'flute', 'brass', 'organ', 'blip', 'bass'];

/** @type {Record<string, Kind>} */
export const KINDS = {
  sound: {
    title: 'Sound',
    icon: 'note',
    line: 'An instrument plays a note or a short phrase',
    make: ({ index }) => ({ kind: 'sound', instrument: BAND[index % BAND.length], notes: phrase('up', BAND[index % BAND.length], 60) }),
    describe: ({ instrument, notes }) => {
      const known = phraseOf(notes);
      const stroke = known && instrument === 'drum' ? STROKE_NAMES[known.root] : null;
      if (stroke) return `${TITLES.drum}: ${stroke.toLowerCase()}${known?.phrase === 'drumroll' ? ' roll' : ''}`;
      return `${TITLES[instrument]}: ${known ? `${PHRASES[known.phrase].title.toLowerCase()}, ${noteName(known.root)}` : `${notes.length} notes`}`;
    },
    fits: ({ instrument, notes }) => Object.hasOwn(INSTRUMENTS, String(instrument)) && Array.isArray(notes) && notes.length > 0 && notes.length <= MOST_NOTES && notes.every(isNote),
    enter: ({ notes }, { synth }) => {
      synth?.play(notes);
    },
  },
  speech: {
    title: 'Speech',
    icon: 'speech',
    line: 'A voice says something',
    make: ({ label }) => ({ kind: 'speech', text: label, voice: '', rate: RATE.usual }),
    describe: ({ text }) => `“${text}”`,
    fits: ({ text, voice, rate, finish }) => isText(text, MOST_TEXT) && isMaybe(voice, (v) => isText(v, 500)) && isMaybe(rate, (r) => isIn(r, RATE.min, RATE.max)) && isMaybe(finish, isFlag),
    missing: ({ speech }) => (speech?.isHere ? null : 'This browser has no voices.'),
    enter: ({ text, voice, rate, finish }, { speech }, { isOn }, complain) => {
      if (speech && !speech.muted && text.trim() && !speech.say(text, { voice, rate, interrupt: !finish, isWanted: isOn })) {
        complain(new Error('This browser has no voice of its own on this computer. Choose one of the others in the outputs, or install one.'));
      }
    },
  },
  emoji: {
    title: 'Emoji',
    icon: 'smile',
    line: 'A big emoji on the screen',
    make: ({ label }) => ({ kind: 'emoji', text: emojiFor(label) }),
    describe: ({ text }) => text,
    fits: ({ text }) => isText(text, 100),
    item: ({ text }) => (text.trim() ? { kind: 'emoji', text } : null),
  },
  picture: {
    title: 'Picture',
    icon: 'picture',
    line: 'A picture or GIF of yours on the screen',
    needsServer: true,
    make: () => ({ kind: 'picture', asset: '' }),
    describe: ({ asset }, { assets }) => assets?.get(asset)?.name ?? (asset ? 'The file is gone: choose another' : 'No picture yet'),
    fits: ({ asset }) => asset === '' || isId(asset),
    item: ({ asset }, { server }) => (asset && server ? { kind: 'picture', text: server.fileUrl(asset) } : null),
  },
  text: {
    title: 'Text',
    icon: 'text',
    line: 'Words on the screen',
    make: ({ label }) => ({ kind: 'text', text: label }),
    describe: ({ text }) => `“${text}”`,
    fits: ({ text }) => isText(text, MOST_TEXT),
    item: ({ text }) => (text.trim() ? { kind: 'text', text } : null),
  },
  file: {
    title: 'Sound file',
    icon: 'wave',
    line: 'A recording or a piece of music of yours',
    needsServer: true,
    make: () => ({ kind: 'file', asset: '' }),
    describe: ({ asset, loop }, { assets }) => (assets?.has(asset) ? `${assets.get(asset)?.name}${loop ? ', again and again' : ''}` : asset ? 'The file is gone: choose another' : 'No sound yet'),
    fits: ({ asset, loop, finish }) => (asset === '' || isId(asset)) && isMaybe(loop, isFlag) && isMaybe(finish, isFlag),
    enter: ({ asset, loop, finish }, { sounds, server }, _about, complain) => {
      if (!asset || !server || !sounds) return undefined;
      const stop = sounds.play(server.fileUrl(asset), { loop, onError: () => complain(new Error('A sound file could not be played. Is it still there?')) });
      // What goes round and round must end some time.
      return finish && !loop ? undefined : stop;
    },
  },
  hook: {
    title: 'Web hook',
    icon: 'hook',
    line: 'The server calls an address: a lamp, a program',
    needsServer: true,
    make: () => ({ kind: 'hook' }),
    describe: () => 'Calls an address',
    fits: () => true,
    enter: (_output, { server }, { classId, label, confidence }, complain) => {
      server?.fire(classId, { label, confidence, at: new Date().toISOString() }).catch(complain);
    },
  },
  midi: {
    title: 'MIDI',
    icon: 'keys',
    line: 'A note to a synthesiser or a music program',
    make: ({ index }) => ({ kind: 'midi', channel: 1, note: 60 + [0, 2, 4, 7, 9][index % 5], velocity: 100, port: '' }),
    describe: ({ channel, note }) => `${noteName(note)} on channel ${channel}`,
    fits: ({ channel, note, velocity, port }) => isIn(channel, 1, 16) && isIn(note, 0, 127) && isIn(velocity, 1, 127) && isMaybe(port, (p) => isText(p, 300)),
    missing: ({ midi }) => (midi?.isHere ? null : `This browser has no MIDI. ${MIDI_BROWSERS}.`),
    enter: (output, { midi }) => {
      const note = /** @type {any} */ (output);
      if (!midi?.on(note)) return undefined;
      return () => midi.off(note);
    },
  },
  serial: {
    title: 'Serial port',
    icon: 'plug',
    line: 'A line of text to a board on a USB cable',
    make: ({ label }) => ({ kind: 'serial', text: label, baud: BAUDS[0] }),
    describe: ({ text, baud }) => `“${text}” at ${baud ?? BAUDS[0]} baud`,
    fits: ({ text, baud }) => isText(text, LONGEST_LINE) && isMaybe(baud, (b) => BAUDS.includes(/** @type {any} */ (b))),
    missing: ({ serial }) => (serial?.isHere ? null : `This browser has no serial ports. ${SERIAL_BROWSERS}.`),
    enter: ({ text }, { serial }) => {
      serial?.write(text);
    },
  },
};

/** Most outputs of one class. */
export const MOST_OUTPUTS = 12;

/**
 * Take what can be used of the outputs of a class, whoever wrote them.
 * @param {unknown} outputs
 * @returns {Output[]}
 */
export function usable(outputs) {
  if (!Array.isArray(outputs)) return [];
  return outputs.filter((output) => output !== null && typeof output === 'object' && Object.hasOwn(KINDS, String(output.kind)) && KINDS[output.kind].fits(output)).slice(0, MOST_OUTPUTS);
}
