import { html } from 'lit';
import { icon } from './icons.js';
import { outputIcon } from './output_icons.js';
import { count } from './element.js';
import { EMOJI } from '../outputs/emoji.js';
import { MOST_TEXT } from '../outputs/kinds.js';
import { PHRASES, noteName, phrase, phraseOf } from '../outputs/music.js';
import { BAUDS, LONGEST_LINE, SERIAL_BROWSERS } from '../outputs/serial.js';
import { MIDI_BROWSERS } from '../outputs/midi.js';
import { RATE } from '../outputs/speech.js';
import { TITLES } from '../outputs/synth.js';
import './output_keys.js';

/**
 * @typedef {import('../outputs/kinds.js').Output} Output
 * @typedef {object} Form what a form needs besides the output
 * @property {string} classId @property {string} label
 * @property {(patch: object) => void} set changes the output
 * @property {(patch?: object) => void} hear changes it and lets it be heard
 * @property {(name: string, detail?: any) => void} emit
 * @property {Map<string, import('../outputs/server.js').Asset>} assets of the project
 * @property {import('../outputs/server.js').Hook|null} hook of the class
 * @property {{text: string, isBad: boolean}|null} told what a web hook's address answered
 * @property {number|null} uploading 0..1
 * @property {import('../outputs/kinds.js').Parts} parts
 */

const value = (/** @type {Event} */ event) => /** @type {HTMLInputElement|HTMLSelectElement|HTMLTextAreaElement} */ (event.target).value;
/** @type {boolean|null} */
let isColoured = null;

/** True if this computer draws emoji: those are the only letters with a colour of their own. */
function drawsEmoji() {
  if (isColoured !== null) return isColoured;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 24;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) return true;
  pen.font = '20px sans-serif';
  pen.fillText('🍎', 0, 20);
  const { data } = pen.getImageData(0, 0, 24, 24);
  isColoured = data.some((value, i) => i % 4 < 3 && value > 60);
  return isColoured;
}

const kilobytes = (/** @type {number} */ bytes) => (bytes < 1e5 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

/** @param {string} label @param {any} control */
const field = (label, control) => html`<label class="out-field"><span>${label}</span>${control}</label>`;

/** @type {Record<string, (output: Output, form: Form) => any>} */
export const FORMS = {
  sound(output, { hear }) {
    const { instrument, notes } = output;
    const known = phraseOf(notes) ?? { phrase: '', root: notes[0].note };
    const write = (/** @type {{instrument?: string, phrase?: string, root?: number}} */ change) => {
      const next = { instrument, phrase: known.phrase || 'one', root: known.root, ...change };
      // Drums have strokes where others have notes.
      if (change.instrument && (change.instrument === 'drum') !== (instrument === 'drum')) next.root = change.instrument === 'drum' ? 38 : 60;
      const plan = next.instrument === 'drum' && !['one', 'drumroll'].includes(next.phrase) ? 'one' : next.phrase;
      hear({ instrument: next.instrument, notes: phrase(plan, next.instrument, next.root) });
    };
    const phrases = Object.entries(PHRASES).filter(([name]) => instrument !== 'drum' || ['one', 'drumroll'].includes(name));
    return html`<div class="out-row">
        ${field('Instrument', html`<select class="select small" data-testid="instrument" @change=${(/** @type {Event} */ e) => write({ instrument: value(e) })}>
          ${Object.entries(TITLES).map(([name, title]) => html`<option value=${name} ?selected=${name === instrument}>${title}</option>`)}</select>`)}
        ${field('It plays', html`<select class="select small" data-testid="phrase" @change=${(/** @type {Event} */ e) => write({ phrase: value(e) })}>
          ${known.phrase ? '' : html`<option value="" selected>${count(notes.length, 'note')}</option>`}
          ${phrases.map(([name, { title }]) => html`<option value=${name} ?selected=${name === known.phrase}>${title}</option>`)}</select>`)}
      </div>
      <st-keys .note=${known.root} ?drums=${instrument === 'drum'} label=${`Lowest note, ${noteName(known.root)}`} @note=${(/** @type {CustomEvent} */ e) => write({ root: e.detail })}></st-keys>`;
  },

  speech({ text, voice = '', rate = RATE.usual, finish = false }, { set, hear, parts }) {
    const voices = parts.speech?.voices() ?? [];
    const option = (/** @type {import('../outputs/speech.js').VoiceInfo} */ v) => html`<option value=${v.id} ?selected=${v.id === voice}>${v.title} (${v.lang})</option>`;
    const [local, online] = [voices.filter((v) => v.isLocal), voices.filter((v) => !v.isLocal)];
    const isOnline = online.some((v) => v.id === voice);
    return html`${field('It says', html`<input class="out-input" type="text" maxlength=${MOST_TEXT} .value=${text} data-testid="speech-text" @change=${(/** @type {Event} */ e) => hear({ text: value(e) })}>`)}
      <div class="out-row">
        ${field('Voice', html`<select class="select small" data-testid="voice" @change=${(/** @type {Event} */ e) => hear({ voice: value(e) })}>
          <option value="" ?selected=${!voices.some((v) => v.id === voice)}>${local.length ? `Usual: ${local[0].title}` : 'None of this computer'}</option>
          ${local.length ? html`<optgroup label="On this computer">${local.map(option)}</optgroup>` : ''}
          ${online.length ? html`<optgroup label="Online: the text leaves this computer">${online.map(option)}</optgroup>` : ''}</select>`)}
        <label class="slider"><span>Speed</span><output>${rate.toFixed(1)} ×</output><input type="range" min=${RATE.min} max=${RATE.max} step="0.1" .value=${String(rate)} @change=${(/** @type {Event} */ e) => hear({ rate: Number(value(e)) })}></label>
      </div>
      ${isOnline ? html`<p class="small warn" role="note">${icon('warning')}<span>This voice is not on this computer: its maker is sent what it says.</span></p>` : ''}
      ${local.length ? '' : html`<p class="small muted" role="note">${voices.length ? 'This browser has no voice on this computer. The others send the text to their maker, so none is chosen by itself.' : 'This browser has told of no voices yet. Systems have them in their settings for speech.'}</p>`}
      <label class="check"><input type="checkbox" .checked=${finish} @change=${(/** @type {Event} */ e) => set({ finish: /** @type {HTMLInputElement} */ (e.target).checked })}>Let it finish when the next class comes</label>`;
  },

  emoji({ text }, { set }) {
    return html`${drawsEmoji() ? '' : html`<p class="small muted" role="note">This computer seems to have no emoji. Its system can add a font of them, such as Noto Color Emoji.</p>`}
      <div class="emoji-grid" role="group" aria-label="Emoji">${EMOJI.map((emoji) => html`<button type="button" aria-pressed=${emoji === text} @click=${() => set({ text: emoji })}>${emoji}</button>`)}</div>
      ${field('Or another', html`<input class="out-input short" type="text" maxlength="40" .value=${text} data-testid="emoji-text" @change=${(/** @type {Event} */ e) => value(e).trim() && set({ text: value(e).trim() })}>`)}`;
  },

  text: ({ text }, { set }) => field('Words', html`<textarea class="out-input" rows="2" maxlength=${MOST_TEXT} .value=${text} data-testid="text-text" @change=${(/** @type {Event} */ e) => set({ text: value(e) })}></textarea>`),

  picture: ({ asset }, form) => files(asset, form, 'picture'),

  file: ({ asset, loop = false, finish = false }, form) => html`${files(asset, form, 'file')}
    <label class="check"><input type="checkbox" .checked=${loop} @change=${(/** @type {Event} */ e) => form.set({ loop: /** @type {HTMLInputElement} */ (e.target).checked })}>Again and again while it is seen</label>
    <label class="check"><input type="checkbox" .checked=${finish && !loop} ?disabled=${loop} @change=${(/** @type {Event} */ e) => form.set({ finish: /** @type {HTMLInputElement} */ (e.target).checked })}>Let it finish when the class is gone</label>`,

  hook(_output, { hook, told, label, emit }) {
    const on = !!hook?.is_enabled;
    return html`${field('Address', html`<input class="out-input" type="url" placeholder="http://192.168.1.20/lamp" spellcheck="false" autocomplete="off" .value=${hook?.url ?? ''} data-testid="hook-url" @change=${(/** @type {Event} */ e) => emit('hook-address', value(e).trim())}>`)}
      <p class="small muted">When ${label} is seen, the server sends a POST with its name, how sure it is, and the time. No picture.</p>
      <div class="out-buttons">
        <button type="button" class="button small ${on ? '' : 'primary'}" role="switch" aria-checked=${on} ?disabled=${!hook?.url} data-testid="hook-switch" @click=${() => emit('hook-switch', !on)}>${on ? html`${icon('check')}On: switch it off` : 'Switch it on'}</button>
        ${on ? html`<button type="button" class="button small" data-testid="hook-fire" @click=${() => emit('hook-fire')}>${icon('play')}Call it now</button>` : ''}
      </div>
      ${told ? html`<p class="small ${told.isBad ? 'bad' : 'good'}" role="status" data-testid="hook-told">${told.text}</p>` : ''}`;
  },

  midi({ channel, note, velocity, port = '' }, { set, hear, parts, emit }) {
    const { midi } = parts;
    if (!midi?.isHere) return html`<p class="small muted">This browser has no MIDI. ${MIDI_BROWSERS}.</p>`;
    return html`${midi.isConnected
        ? field('Port', midi.ports.length ? html`<select class="select small" data-testid="midi-port" @change=${(/** @type {Event} */ e) => hear({ port: value(e) })}>
            <option value="" ?selected=${!midi.ports.some(({ id }) => id === port)}>The first one</option>
            ${midi.ports.map(({ id, title }) => html`<option value=${id} ?selected=${id === port}>${title}</option>`)}</select>` : html`<span class="muted small">No instrument or program is connected.</span>`)
        : html`<div class="out-buttons"><button type="button" class="button small" data-testid="midi-connect" @click=${() => emit('connect', 'midi')}>${outputIcon('keys')}Connect MIDI</button><span class="small muted">The browser will ask you.</span></div>`}
      <st-keys .note=${note} label=${`Note, ${noteName(note)}`} @note=${(/** @type {CustomEvent} */ e) => hear({ note: e.detail })}></st-keys>
      <div class="out-row">
        ${field('Channel', html`<select class="select small" @change=${(/** @type {Event} */ e) => set({ channel: Number(value(e)) })}>${Array.from({ length: 16 }, (_, i) => html`<option value=${i + 1} ?selected=${i + 1 === channel}>${i + 1}</option>`)}</select>`)}
        <label class="slider"><span>How hard</span><output>${velocity}</output><input type="range" min="1" max="127" .value=${String(velocity)} @change=${(/** @type {Event} */ e) => hear({ velocity: Number(value(e)) })}></label>
      </div>`;
  },

  serial({ text, baud = BAUDS[0] }, { set, parts, emit }) {
    const { serial } = parts;
    if (!serial?.isHere) return html`<p class="small muted">This browser has no serial ports. ${SERIAL_BROWSERS}.</p>`;
    return html`<div class="out-row">
        ${field('Line', html`<input class="out-input mono" type="text" maxlength=${LONGEST_LINE} spellcheck="false" .value=${text} @change=${(/** @type {Event} */ e) => set({ text: value(e) })}>`)}
        ${field('Speed', html`<select class="select small" @change=${(/** @type {Event} */ e) => set({ baud: Number(value(e)) })}>${BAUDS.map((b) => html`<option value=${b} ?selected=${b === baud}>${b} baud</option>`)}</select>`)}
      </div>
      <div class="out-buttons"><button type="button" class="button small" data-testid="serial-connect" @click=${() => emit('connect', 'serial')}>${outputIcon('plug')}${serial.isConnected ? 'Choose another board' : 'Connect a board'}</button>
        <span class="small muted">${serial.isConnected ? `Connected at ${serial.baud} baud.` : 'Your browser shows a list to choose from.'}</span></div>`;
  },
};

/**
 * Choose among the project's files, or add one.
 * @param {string} chosen id @param {Form} form @param {'picture'|'file'} kind
 */
function files(chosen, { assets, set, hear, emit, uploading }, kind) {
  const isPicture = kind === 'picture';
  const fitting = [...assets.values()].filter(({ mime }) => mime.startsWith('image/') === isPicture);
  const missing = chosen && !assets.has(chosen);
  return html`
    ${missing ? html`<p class="small bad" role="note">The file it used is gone. Choose another.</p>` : ''}
    ${fitting.length ? html`<div class="asset-list ${isPicture ? 'pictures' : ''}" role="group" aria-label=${isPicture ? 'Pictures of this project' : 'Sounds of this project'}>${fitting.map((a) => html`<div class="asset">
      <button type="button" class="asset-choose" aria-pressed=${a.id === chosen} title=${`${a.name}, ${kilobytes(a.bytes)}`} data-testid="asset" data-name=${a.name} @click=${() => (isPicture ? set : hear)({ asset: a.id })}>
        ${isPicture ? html`<img src=${a.url} alt=${a.name} loading="lazy" decoding="async">` : html`${outputIcon('wave')}<span>${a.name}</span><small class="muted">${kilobytes(a.bytes)}</small>`}</button>
      <button type="button" class="button icon small ghost" aria-label=${`Delete ${a.name} from the project`} title=${`Delete ${a.name}`} @click=${() => emit('delete-asset', a)}>${icon('trash')}</button></div>`)}</div>` : ''}
    <div class="out-buttons"><button type="button" class="button small ${fitting.length ? '' : 'primary'}" data-testid="add-asset" ?disabled=${uploading !== null} @click=${() => emit('add-asset', kind)}>${icon('up')}${fitting.length ? 'Add another' : isPicture ? 'Choose a picture or GIF' : 'Choose a sound'}</button>
      ${uploading !== null ? html`<progress max="1" .value=${uploading} aria-label="Sending the file"></progress>` : html`<span class="small muted">${isPicture ? 'PNG, JPEG, GIF or WebP' : 'WAV, MP3, OGG or M4A'}, up to 10 MB</span>`}</div>`;
}
