import { html } from 'lit';
import { Light, count } from './element.js';
import { icon } from './icons.js';
import { pickFiles } from './pick.js';
import './answer.js';
import './adjust.js';
import './training_compare.js';

/**
 * The right side, Tell. Properties: classes, cache, settings, taught (classes that have examples),
 * total (examples), delay (of the smoothing, ms), dropped (answers to files, or null), at,
 * training (which one answers: see pages/training_view.js).
 * Events: set-settings, tell-files, dismiss-files, view-sample.
 *
 * @typedef {{name: string, url: string, problem: string, shares: Float32Array|null, result: any}} FileAnswer
 */
export class TellPanel extends Light {
  static properties = {
    classes: { attribute: false }, cache: { attribute: false }, settings: { attribute: false }, taught: { type: Number },
    total: { type: Number }, delay: { type: Number }, dropped: { attribute: false }, training: { attribute: false }, at: { state: true }, over: { state: true },
  };

  constructor() {
    super();
    /** @type {{id: string, label: string, color: string}[]} */
    this.classes = [];
    /** @type {any} */
    this.cache = null;
    this.settings = { k: 10, tolerance: /** @type {number|null} */ (1.5), smoothing_ms: 200 };
    this.taught = 0;
    this.total = 0;
    this.delay = 0;
    /** @type {FileAnswer[]|null} */
    this.dropped = null;
    /** @type {import('../pages/training_view.js').TrainingView|null} */
    this.training = null;
    this.at = 0;
    this.over = false;
    this.depth = 0;
  }

  get live() {
    return /** @type {import('./answer.js').Answer|null} */ (this.querySelector('st-answer.live'));
  }

  /**
   * Show two answers side by side; null when the comparison ends.
   * @param {import('../pages/training_view.js').Comparison|null} comparison
   */
  compare(comparison) {
    if (comparison) /** @type {import('./training_compare.js').Compare|null} */ (this.querySelector('st-compare'))?.show(comparison);
  }

  render() {
    const ready = this.taught >= 2 || !!this.training?.inUse;
    const comparing = !!this.training?.comparing;
    const idle = ready ? html`<p class="display">Show it something.</p>` : this.taught === 1
      ? html`<p class="display">Good. Now show it something else.</p><p>From the second class on it tells them apart.</p>`
      : html`<p class="display">Show it things.</p><p>Hold a class’s button while the camera sees one. Two classes are enough to begin.</p>`;
    return html`<div class="tell-inner ${this.over ? 'over' : ''}" @dragenter=${this.onDragEnter} @dragover=${(/** @type {Event} */ e) => e.preventDefault()} @dragleave=${this.onDragLeave} @drop=${this.onDrop} data-testid="recognise">
      <header class="panel-head"><h2 id="tell-title">Tell</h2>
        <button type="button" class="button small ghost" data-testid="tell-file" ?disabled=${!ready} @click=${this.browse}>${icon('picture')}Ask about a file</button></header>
      <st-answerers .training=${this.training}></st-answerers>
      ${this.dropped ? this.files(this.dropped) : ''}
      <st-answer class="live" ?hidden=${!!this.dropped || comparing} .classes=${this.classes} .cache=${this.cache} .idle=${idle} ?speak=${ready}></st-answer>
      ${comparing ? html`<st-compare ?hidden=${!!this.dropped} .classes=${this.classes}></st-compare>` : ''}
      <st-adjust .settings=${this.settings} .total=${this.total} .delay=${this.delay}></st-adjust>
    </div>`;
  }

  /** @param {FileAnswer[]} dropped */
  files(dropped) {
    const at = Math.min(this.at, dropped.length - 1);
    const file = dropped[at];
    return html`<section class="asked" aria-label="Answer about a file" data-testid="file-answer">
      <div class="asked-head">
        <img src=${file.url} alt=${`The picture ${file.name}`}>
        <div><strong>${file.name}</strong>${dropped.length > 1 ? html`<span class="small muted">${at + 1} of ${count(dropped.length, 'file')}</span>` : ''}
          <p class="asked-buttons">
            ${dropped.length > 1 ? html`<button type="button" class="button icon small" aria-label="File before" ?disabled=${at === 0} @click=${() => { this.at = at - 1; }}>${icon('left')}</button>
            <button type="button" class="button icon small" aria-label="Next file" ?disabled=${at === dropped.length - 1} @click=${() => { this.at = at + 1; }}>${icon('right')}</button>` : ''}
            <button type="button" class="button small" data-testid="dismiss-file" @click=${() => this.emit('dismiss-files')}>${icon('left')}Back to live</button>
          </p></div>
      </div>
      ${file.problem ? html`<p role="alert">${file.problem}</p>` : html`<st-answer class="asked-answer" .classes=${this.classes} .cache=${this.cache}></st-answer>`}
    </section>`;
  }

  /** @param {Map<string, unknown>} changed */
  async updated(changed) {
    if (changed.has('dropped') && this.dropped !== changed.get('dropped') && !changed.get('dropped')) this.at = 0;
    const answer = /** @type {import('./answer.js').Answer|null} */ (this.querySelector('.asked-answer'));
    const file = this.dropped?.[Math.min(this.at, this.dropped.length - 1)];
    if (!answer || !file?.shares) return;
    await answer.updateComplete;
    await answer.bars?.updateComplete;
    answer.votersAt = answer.textAt = -1e9;
    if (file.result.value === null) answer.show(file.shares, file.result, performance.now() + 1e6);
    else answer.showValue(file.result.value, performance.now());
  }

  async browse() {
    const files = await pickFiles({ accept: 'image/*' });
    if (files.length) this.emit('tell-files', files);
  }

  /** @param {DragEvent} event */
  onDragEnter(event) {
    event.preventDefault();
    this.depth += 1;
    this.over = true;
  }

  onDragLeave() {
    this.depth -= 1;
    if (this.depth <= 0) this.over = false;
  }

  /** @param {DragEvent} event */
  onDrop(event) {
    event.preventDefault();
    event.stopPropagation();
    this.depth = 0;
    this.over = false;
    if (event.dataTransfer) this.emit('tell-files', event.dataTransfer);
  }
}
customElements.define('st-tell', TellPanel);
