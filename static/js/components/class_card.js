import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Light, count } from './element.js';
import { icon } from './icons.js';
import { tint } from './colours.js';
import { pickFiles } from './pick.js';
import './colour_picker.js';
import './hold.js';
import './menu.js';
import './name_field.js';
import './picture.js';

/** How many of the newest pictures a card shows; the viewer shows all. */
const SHOWN = 10;
const HOLD_TEXT = { camera: 'Hold to record', video: 'Hold to record', file: 'Add this picture', drawing: 'Add this drawing' };

/**
 * One class: its name, colour and pictures, and the button that teaches it.
 * Properties: item, index, samples (in order of creation), cache, kind (of the source), recording, ready.
 * Events: hold-start, hold-stop, rename-class, recolor-class, delete-class, class-files (files or a
 * DataTransfer), view-class (with the picture to start at).
 */
export class ClassCard extends Light {
  static properties = {
    item: { attribute: false }, index: { type: Number }, samples: { attribute: false }, cache: { attribute: false },
    kind: {}, recording: { type: Boolean }, ready: { type: Boolean }, over: { state: true },
  };

  constructor() {
    super();
    this.item = { id: '', label: '', color: '#777777' };
    this.index = 0;
    /** @type {readonly {id: string}[]} */
    this.samples = [];
    /** @type {import('./picture.js').PictureCache|null} */
    this.cache = null;
    /** @type {'camera'|'file'|'video'|'drawing'} */
    this.kind = 'camera';
    this.recording = false;
    this.ready = false;
    this.over = false;
    this.depth = 0;
  }

  render() {
    const { item, samples, index } = this;
    const n = samples.length;
    const newest = samples.slice(-SHOWN).reverse();
    return html`<article class="class-card ${this.recording ? 'recording' : ''} ${this.over ? 'over' : ''}" .style=${tint(item)} data-testid="class-card" data-label=${item.label} data-id=${item.id}
        aria-label=${`${item.label}, ${count(n, 'picture')}`}
        @dragenter=${this.onDragEnter} @dragover=${this.onDragOver} @dragleave=${this.onDragLeave} @drop=${this.onDrop}>
      <header>
        <st-colour .item=${item} @recolor=${(/** @type {CustomEvent} */ e) => this.emit('recolor-class', { id: item.id, color: e.detail })}></st-colour>
        <st-name .value=${item.label} label=${`Name of class ${index + 1}`} testid="class-name" @rename=${this.onRename}></st-name>
        <span class="count nums" data-testid="sample-count" data-count=${n} title=${count(n, 'picture')}>${n}<span class="visually-hidden"> pictures</span></span>
        <st-menu kind="ghost" label=${`More about ${item.label}`} .items=${this.menu()}></st-menu>
      </header>
      <st-hold .item=${item} ?recording=${this.recording} ?disabled=${!this.ready} text=${HOLD_TEXT[this.kind]} hint=${index < 9 ? String(index + 1) : ''}></st-hold>
      ${n ? html`<div class="strip-row">
        <div class="strip">${repeat(newest, ({ id }) => id, ({ id }) => html`<button type="button" tabindex="-1" aria-hidden="true" @click=${() => this.emit('view-class', { id: item.id, at: id })}><st-picture .cache=${this.cache} .sample=${id}></st-picture></button>`)}</div>
        <button type="button" class="button small" data-testid="view-all" aria-label=${`All ${count(n, 'picture')} of ${item.label}`} @click=${() => this.emit('view-class', { id: item.id })}>All ${n}</button>
      </div>` : html`<p class="strip-empty small muted">${icon('picture')}<span>No pictures yet. Drop some here, or <button type="button" class="link" @click=${() => this.browse('files')}>choose files</button>.</span></p>`}
    </article>`;
  }

  /** @returns {import('./menu.js').MenuItem[]} */
  menu() {
    return [
      { label: 'Add pictures or videos', icon: 'picture', testid: 'add-files', run: () => this.browse('files') },
      { label: 'Add a folder', icon: 'folder', run: () => this.browse('folder') },
      { label: 'Delete this class', icon: 'trash', testid: 'delete-class', run: () => this.emit('delete-class', this.item.id) },
    ];
  }

  /** @param {'files'|'folder'} what */
  async browse(what) {
    const files = await pickFiles({ folder: what === 'folder', accept: what === 'files' ? 'image/*,video/*' : '' });
    if (files.length) this.emit('class-files', { id: this.item.id, files });
  }

  /** @param {CustomEvent<string>} event */
  onRename(event) {
    event.stopPropagation();
    this.emit('rename-class', { id: this.item.id, label: event.detail });
  }

  /** @param {DragEvent} event */
  onDragEnter(event) {
    event.preventDefault();
    this.depth += 1;
    this.over = true;
  }

  /** @param {DragEvent} event */
  onDragOver(event) {
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
  }

  onDragLeave() {
    this.depth -= 1;
    if (this.depth <= 0) this.endDrag();
  }

  endDrag() {
    this.depth = 0;
    this.over = false;
  }

  /** @param {DragEvent} event */
  onDrop(event) {
    event.preventDefault();
    event.stopPropagation();
    this.endDrag();
    if (event.dataTransfer) this.emit('class-files', { id: this.item.id, files: event.dataTransfer });
  }
}
customElements.define('st-class', ClassCard);
