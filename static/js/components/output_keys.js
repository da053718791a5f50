import { html } from 'lit';
import { Light } from './element.js';
import { icon } from './icons.js';
import { noteName } from '../outputs/music.js';
import { STROKE_NAMES } from '../outputs/synth.js';

const BLACK = new Set([1, 3, 6, 8, 10]);
const LOWEST = 24;
const HIGHEST = 96;

/**
 * A small keyboard, an octave from C to C; arrow keys walk it. Of drums, their strokes.
 * Properties: note (MIDI number that is chosen), drums, label. Event: note, with the number.
 */
export class Keys extends Light {
  static properties = { note: { type: Number }, drums: { type: Boolean }, label: {}, octave: { state: true } };

  constructor() {
    super();
    this.note = 60;
    this.drums = false;
    this.label = 'Note';
    /** Its lowest note. @type {number|null} */
    this.octave = null;
  }

  /** @param {Map<string, any>} changed */
  willUpdate(changed) {
    if (!changed.has('note') || this.drums) return;
    const { octave, note } = this;
    if (octave === null || note < octave || note > octave + 12) this.octave = Math.min(HIGHEST - 12, Math.max(LOWEST, note - (note % 12)));
  }

  render() {
    return this.drums ? this.strokes() : this.piano();
  }

  strokes() {
    return html`<div class="strokes" role="group" aria-label="Stroke">${Object.entries(STROKE_NAMES).map(([note, name]) => html`
      <button type="button" class="button small" aria-pressed=${Number(note) === this.note} data-note=${note} @click=${() => this.choose(Number(note))}>${name}</button>`)}</div>`;
  }

  piano() {
    const octave = this.octave ?? 60;
    const notes = Array.from({ length: 13 }, (_, i) => octave + i);
    const chosen = notes.includes(this.note) ? this.note : octave;
    return html`<div class="keys-row">
      <button type="button" class="button icon small" aria-label="An octave lower" ?disabled=${octave <= LOWEST} @click=${() => this.shift(-12)}>${icon('left')}</button>
      <div class="piano" role="group" aria-label=${this.label} @keydown=${this.onKey}>
        ${notes.map((note, i) => html`<button type="button" class="piano-key ${BLACK.has(i % 12) ? 'black' : 'white'} k${i}" tabindex=${note === chosen ? 0 : -1} aria-label=${noteName(note)} aria-pressed=${note === this.note} data-note=${note} @click=${() => this.choose(note)}>${i % 12 === 0 ? html`<span aria-hidden="true">${noteName(note)}</span>` : ''}</button>`)}
      </div>
      <button type="button" class="button icon small" aria-label="An octave higher" ?disabled=${octave + 12 >= HIGHEST} @click=${() => this.shift(12)}>${icon('right')}</button>
    </div>`;
  }

  /** @param {number} semitones */
  shift(semitones) {
    this.octave = (this.octave ?? 60) + semitones;
    this.choose(Math.min(HIGHEST, Math.max(LOWEST, this.note + semitones)));
  }

  /** @param {number} note */
  choose(note) {
    this.note = note;
    this.emit('note', note);
  }

  /** @param {KeyboardEvent} event */
  async onKey(event) {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.choose(Math.min(HIGHEST, Math.max(LOWEST, this.note + step)));
    await this.updateComplete;
    /** @type {HTMLElement|null} */ (this.querySelector('.piano-key[tabindex="0"]'))?.focus();
  }
}
customElements.define('st-keys', Keys);
