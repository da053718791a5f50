import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Light } from './element.js';
import { icon } from './icons.js';
import { outputIcon } from './output_icons.js';
import { tint } from './colours.js';
import { FORMS } from './output_forms.js';
import { KINDS, MOST_OUTPUTS } from '../outputs/kinds.js';
import './menu.js';
import './picture.js';

/** @typedef {import('../outputs/kinds.js').Output} Output */

/**
 * One class and what it sets off. Properties: item, outputs, cover (a sample's id or ''), cache, open (index of the
 * output that is edited, -1 for none), on (the class is seen now), assets, hook, told, uploading, parts, version (grows
 * with changes that its parts tell). Events, each with the class's id: add-output (kind), change-output (at, output, hear),
 * remove-output (at), open-output (at), try-output (at), try-class, and what forms emit.
 */
export class OutputCard extends Light {
  static properties = {
    item: { attribute: false }, outputs: { attribute: false }, cover: {}, cache: { attribute: false }, open: { type: Number }, on: { type: Boolean },
    assets: { attribute: false }, hook: { attribute: false }, told: { attribute: false }, uploading: { attribute: false }, parts: { attribute: false },
    version: { type: Number },
  };

  constructor() {
    super();
    this.item = { id: '', label: '', color: '#777777' };
    /** @type {Output[]} */
    this.outputs = [];
    this.cover = '';
    /** @type {any} */
    this.cache = null;
    this.open = -1;
    this.on = false;
    /** @type {Map<string, any>} */
    this.assets = new Map();
    /** @type {any} */
    this.hook = null;
    /** @type {{text: string, isBad: boolean}|null} */
    this.told = null;
    /** @type {number|null} */
    this.uploading = null;
    /** @type {import('../outputs/kinds.js').Parts} */
    this.parts = {};
    this.version = 0;
  }

  /** @param {string} name @param {object} [detail] */
  send(name, detail) {
    this.emit(name, { id: this.item.id, ...detail });
  }

  render() {
    const { item, outputs, cover } = this;
    return html`<article class="output-card ${this.on ? 'on' : ''}" .style=${tint(item)} aria-label=${item.label} data-testid="output-card" data-label=${item.label} data-id=${item.id} data-on=${this.on}>
      <header>
        <span class="output-cover">${cover ? html`<st-picture .cache=${this.cache} .sample=${cover}></st-picture>` : ''}</span>
        <h3 class="display" title=${item.label} dir="auto">${item.label}</h3>
        ${outputs.length ? html`<button type="button" class="button small" aria-label=${`Try ${item.label}`} data-testid="try-class" @click=${() => this.send('try-class')}>${icon('play')}Try</button>` : ''}
      </header>
      ${outputs.length ? html`<ul role="list" class="output-list">${repeat(outputs, (_, at) => at, (output, at) => this.row(output, at))}</ul>`
        : html`<p class="small muted output-none">Nothing happens yet.</p>`}
      ${outputs.length < MOST_OUTPUTS ? html`<st-menu class="add-output" label=${`Add an output to ${item.label}`} icon="plus" text="Add" kind="small" testid="add-output" .items=${this.choices()}></st-menu>` : ''}
    </article>`;
  }

  /** @returns {import('./menu.js').MenuItem[]} */
  choices() {
    return Object.entries(KINDS).map(([name, kind]) => {
      const why = kind.missing?.(this.parts) ?? null;
      return { label: kind.title, hint: why ?? kind.line, disabled: why !== null, testid: `add-${name}`, run: () => this.send('add-output', { kind: name }) };
    });
  }

  /** @param {Output} output @param {number} at */
  row(output, at) {
    const kind = KINDS[output.kind];
    const isOpen = this.open === at;
    const what = output.kind === 'hook' ? (this.hook?.url ? `${this.hook.url}${this.hook.is_enabled ? '' : ' (off)'}` : 'No address yet') : kind.describe(output, { assets: this.assets });
    const form = `form-${this.item.id}-${at}`;
    return html`<li class="output ${isOpen ? 'open' : ''}" data-testid="output" data-kind=${output.kind}>
      <div class="output-line">
        <button type="button" class="output-what" aria-expanded=${isOpen} aria-controls=${form} data-testid="edit-output" @click=${() => this.send('open-output', { at: isOpen ? -1 : at })}>
          <span class="output-sign">${output.kind === 'emoji' ? html`<b aria-hidden="true">${output.text}</b>` : outputIcon(kind.icon)}</span>
          <span class="output-words"><strong>${kind.title}</strong><span>${output.kind === 'emoji' ? 'fills the screen' : what}</span></span>
        </button>
        <button type="button" class="button icon small ghost" aria-label=${`Try ${kind.title}`} title="Try" data-testid="try-output" @click=${() => this.send('try-output', { at })}>${icon('play')}</button>
        <button type="button" class="button icon small ghost" aria-label=${`Remove ${kind.title}`} title="Remove" data-testid="remove-output" @click=${() => this.send('remove-output', { at })}>${icon('trash')}</button>
      </div>
      ${isOpen ? html`<div class="output-form" id=${form}>${FORMS[output.kind](output, this.formOf(output, at))}</div>` : ''}
    </li>`;
  }

  /** @param {Output} output @param {number} at @returns {import('./output_forms.js').Form} */
  formOf(output, at) {
    const { item, assets, hook, told, uploading, parts } = this;
    const change = (/** @type {object} */ patch, /** @type {boolean} */ hear) => this.send('change-output', { at, output: { ...output, ...patch }, hear });
    return {
      classId: item.id, label: item.label, assets, hook, told, uploading, parts,
      set: (patch) => change(patch, false),
      hear: (patch = {}) => change(patch, true),
      emit: (name, value) => this.send(name, { at, value }),
    };
  }
}
customElements.define('st-output-card', OutputCard);
