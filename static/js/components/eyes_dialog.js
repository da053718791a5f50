import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { accuracies, consequence, fetchLabel, fetchText, megabytes, milliseconds } from '../core/eyes.js';
import { css } from './colours.js';
import { outside } from './dialogs.js';
import { Light, inWords, percent } from './element.js';
import { icon } from './icons.js';

/**
 * @typedef {import('../core/eyes.js').Item} Item
 * @typedef {{text: string, fraction: number, eyes: string|null}} Changing eyes that are getting ready
 * @typedef {object} Choice
 * @property {Item[]} items
 * @property {Item|null} fetching
 * @property {Map<string, number|null>} speeds milliseconds a picture on the server, by name
 * @property {Map<string, Error>} refusals of a press of a button, by name
 * @property {Error|null} problem why the list is short
 */

/**
 * A dialog with all eyes: those that are here, to look through, and those that can be fetched.
 * Properties: choice; changing; examples (of the project); pageMs (tells the milliseconds of a picture
 * in this page, null before the first). Events: watch-eyes (true when it opens, false when it
 * closes); choose-backbone, fetch-eyes, cancel-fetch with a name; cancel-embedding.
 */
export class EyesDialog extends Light {
  static properties = {
    choice: { attribute: false }, changing: { attribute: false }, examples: { type: Number }, pageMs: { attribute: false, hasChanged: () => false }, open: { state: true },
  };

  constructor() {
    super();
    /** @type {Choice} */
    this.choice = { items: [], fetching: null, speeds: new Map(), refusals: new Map(), problem: null };
    /** @type {Changing|null} */
    this.changing = null;
    this.examples = 0;
    /** @type {() => number|null} */
    this.pageMs = () => null;
    this.open = false;
    /** Name of the eyes whose button has the focus. */
    this.focused = '';
  }

  render() {
    const { items, problem } = this.choice;
    return html`<dialog class="eyes" aria-labelledby="eyes-dialog-title" data-testid="eyes-dialog" @click=${this.onClick} @close=${this.onClose}>
      ${this.open ? html`
        <header><h2 id="eyes-dialog-title">Choose the eyes</h2>
          <button type="button" class="button icon ghost" aria-label="Close" data-testid="close-eyes" @click=${this.close}>${icon('close')}</button></header>
        <p class="eyes-intro small muted">They turn each picture into numbers. Better eyes need fewer examples; smaller ones are quicker. <span data-testid="consequence">${consequence(this.examples)}</span></p>
        ${problem ? html`<p class="eyes-problem small" role="alert">${icon('warning')}<span>Only what is here is shown. ${inWords(problem)}</span></p>` : ''}
        <ul role="list" class="eyes-list">${repeat(items, ({ name }) => name, (item) => this.item(item))}</ul>
        <footer class="small muted">The bars show how many new pictures are told right after 20 examples of each class.</footer>
        <p class="visually-hidden" role="status">${this.news()}</p>` : ''}
    </dialog>`;
  }

  /** @param {Item} item */
  item(item) {
    const { name, title, description, state } = item;
    const refusal = this.choice.refusals.get(name);
    return html`<li class="eyes-item ${state}" data-testid="eyes-item" data-name=${name} data-state=${state}>
      <div class="eyes-head"><h3 tabindex="-1">${title}</h3>${state === 'in-use' ? html`<span class="badge">${icon('check')}In use</span>` : ''}</div>
      <p class="eyes-about">${description}</p>
      <dl class="eyes-data small">${this.facts(item).map(([term, text]) => html`<div><dt class="muted">${term}</dt><dd class="nums">${text}</dd></div>`)}</dl>
      <dl class="eyes-shares small">${accuracies(item).map(({ label, share }) => html`<div><dt>${label}</dt>
        <dd class="nums">${share === null ? html`<span class="muted">not measured</span>` : html`<span class="eyes-bar" aria-hidden="true" .style=${css({ '--share': percent(share) })}></span>${percent(share)}`}</dd></div>`)}</dl>
      ${this.action(item)}
      ${refusal ? this.trouble({ title: /** @type {any} */ (refusal).title ?? 'That did not work', detail: refusal.message }) : ''}
    </li>`;
  }

  /** @param {Item} item @returns {[string, any][]} */
  facts(item) {
    const speed = this.choice.speeds.get(item.name);
    const ms = item.state === 'in-use' ? this.pageMs() : null;
    const inPage = ms === null ? '' : html`, <span class="nowrap">${milliseconds(ms)} in this page</span>`;
    const waiting = speed === undefined ? '…' : 'not measured';
    return [
      ['Size', item.bytes ? megabytes(item.bytes) : 'not known'],
      ['An example is', `${item.numbers.toLocaleString('en-GB')} numbers`],
      ['A picture takes', item.backbone ? html`${typeof speed === 'number' ? milliseconds(speed) : waiting}${inPage}` : html`<span class="muted">known once they are here</span>`],
      ['Licence', item.licence || 'not known'],
    ];
  }

  /** What can be done with them now. @param {Item} item */
  action(item) {
    const { name, title } = item;
    const running = (/** @type {string} */ text, /** @type {number} */ fraction, /** @type {string} */ cancel, /** @type {string} */ detail, /** @type {string} */ testid) => html`
      <div class="eyes-action running"><span class="small nums" data-testid="eyes-progress">${text}</span><progress max="1" .value=${fraction} aria-label=${`${title}: ${text}`}></progress>
        <button type="button" class="button small" data-testid=${testid} aria-label=${`Cancel: ${title}`} @click=${() => this.emit(cancel, detail)}>Cancel</button></div>`;
    const fetch = (/** @type {string} */ label) => html`<button type="button" class="button small" data-testid="fetch-eyes" aria-label=${`${label}: ${title}`} ?disabled=${this.fetchingOther(name)} title=${this.fetchingOther(name) ? 'One at a time: wait until the other is here.' : ''} @click=${() => this.emit('fetch-eyes', name)}>${icon('down')}${label}</button>`;
    const actions = /** @type {Record<Item['state'], () => any>} */ ({
      'in-use': () => html`<div class="eyes-action"><button type="button" class="button small" data-testid="use-eyes" disabled>Use these eyes</button></div>`,
      'getting-ready': () => running(this.changing?.text ?? '', this.changing?.fraction ?? 0, 'cancel-embedding', name, 'cancel-eyes'),
      here: () => html`<div class="eyes-action"><button type="button" class="button small primary" data-testid="use-eyes" aria-label=${`Use these eyes: ${title}`} @click=${() => this.use(name)}>Use these eyes</button></div>`,
      fetching: () => (item.fetch ? running(fetchText(item.fetch), item.fetch.fraction, 'cancel-fetch', name, 'cancel-fetch') : ''),
      failed: () => html`${item.fetch?.problem ? this.trouble(item.fetch.problem) : ''}<div class="eyes-action">${fetch('Try again')}</div>`,
      absent: () => html`<div class="eyes-action">${fetch(fetchLabel(item))}</div>`,
    });
    return actions[item.state]();
  }

  /** @param {{title: string, detail?: string, hint?: string}} problem */
  trouble({ title, detail, hint }) {
    return html`<div class="eyes-trouble small" role="alert" data-testid="eyes-trouble"><p><strong>${title}</strong></p>${detail ? html`<p>${detail}</p>` : ''}${hint ? html`<p>${hint}</p>` : ''}</div>`;
  }

  /** @param {string} name */
  fetchingOther(name) {
    const { fetching } = this.choice;
    return fetching !== null && fetching.name !== name;
  }

  /** Said to people who listen: a change of phase, not every percent. */
  news() {
    const { fetching } = this.choice;
    return fetching?.fetch ? `${fetching.title}: ${fetchText({ ...fetching.fetch, received_bytes: 0 })}` : '';
  }

  /** Show the list; the focus goes to the eyes in use, and back to where it was when it closes. */
  async show() {
    this.open = true;
    await this.updateComplete;
    const dialog = /** @type {HTMLDialogElement} */ (this.need('dialog'));
    if (!dialog.open) dialog.showModal();
    this.emit('watch-eyes', true);
  }

  close() {
    /** @type {HTMLDialogElement} */ (this.need('dialog')).close();
  }

  /** @param {string} name */
  use(name) {
    this.close();
    this.emit('choose-backbone', name);
  }

  onClose() {
    this.open = false;
    this.emit('watch-eyes', false);
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const dialog = /** @type {HTMLDialogElement} */ (this.need('dialog'));
    if (event.target === dialog && outside(dialog, event)) dialog.close();
  }

  // A button that was pressed may be gone in the next picture: the keyboard stays with its eyes.
  willUpdate() {
    const item = document.activeElement?.closest('.eyes-item');
    this.focused = item && this.contains(item) ? /** @type {HTMLElement} */ (item).dataset.name ?? '' : '';
  }

  updated() {
    if (!this.focused || !this.open || document.activeElement?.closest('.eyes-item')) return;
    const item = [.../** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll('.eyes-item'))].find(({ dataset }) => dataset.name === this.focused);
    const target = item?.querySelector('button:not([disabled])') ?? item?.querySelector('h3');
    /** @type {HTMLElement|null|undefined} */ (target)?.focus();
  }
}
customElements.define('st-eyes', EyesDialog);
