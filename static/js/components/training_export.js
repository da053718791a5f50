import { html } from 'lit';
import { Light } from './element.js';
import { icon } from './icons.js';
import { outside } from './dialogs.js';
import { leftText, stateText, trainedTitle } from './training_words.js';

/** @typedef {{format: string, title: string, description: string, extension: string, available: boolean, reason: string|null, ready?: boolean}} ExportRow */

/**
 * What a trained classifier can be taken away as. Property: training (a TrainingView).
 * Events: open-exports with the id; export-classifier with {id, format}; cancel-job.
 */
export class TrainingExport extends Light {
  static properties = { training: { attribute: false }, item: { state: true } };

  constructor() {
    super();
    /** @type {import('../pages/training_view.js').TrainingView|null} */
    this.training = null;
    /** @type {import('./training_words.js').Trained|null} */
    this.item = null;
  }

  render() {
    const { item, training } = this;
    const rows = item ? /** @type {ExportRow[]|null} */ (training?.exportsOf(item.id) ?? null) : null;
    return html`<dialog class="eyes exports" aria-labelledby="exports-title" data-testid="export-dialog" @click=${this.onClick} @close=${() => { this.item = null; }}>
      ${item && training ? html`
        <header><h2 id="exports-title">Take it away</h2><button type="button" class="button icon ghost" aria-label="Close" @click=${this.close}>${icon('close')}</button></header>
        <p class="eyes-intro small muted"><strong>${trainedTitle(item, training.recipes)}</strong>. Each file is made, opened again and asked about real pictures before you get it: what you take away says what this page says.</p>
        ${training.problem ? html`<p class="eyes-problem small" role="alert">${icon('warning')}<span>${training.problem.message}</span></p>` : ''}
        ${rows ? html`<ul role="list" class="eyes-list">${[...rows].sort((a, b) => Number(b.available) - Number(a.available)).map((row) => this.row(item, row))}</ul>` : html`<p class="eyes-intro muted" role="status">Asking what it can be …</p>`}
        <footer></footer>` : ''}
    </dialog>`;
  }

  /** @param {import('./training_words.js').Trained} item @param {ExportRow} row */
  row(item, row) {
    const { format, title, description, available, reason, extension } = row;
    const job = this.training?.exportJobOf(item.id, format) ?? null;
    return html`<li class="eyes-item export ${available ? '' : 'unfit'}" data-testid="export-row" data-format=${format} data-available=${available}>
      <div class="eyes-head"><h3>${title}</h3>${extension ? html`<code class="small muted">${extension.startsWith('.') ? extension : `.${extension}`}</code>` : ''}</div>
      <p class="small ${available ? '' : 'muted'}">${available ? description : reason ?? 'Not for this classifier.'}</p>
      ${available && !job ? html`<div class="eyes-action"><button type="button" class="button small" aria-label=${`Get ${title}`} data-testid=${`get-${format}`} @click=${() => this.emit('export-classifier', { id: item.id, format })}>${icon('down')}Get</button></div>` : ''}
      ${job ? html`<div class="eyes-action running"><span class="small nums" role="status">${[job.state === 'queued' ? stateText(job) : 'Making it and checking what it says', leftText(job)].filter(Boolean).join(', ')}</span><progress max="1" .value=${job.fraction} aria-label=${`${title} is being made`}></progress>
        <button type="button" class="button small" aria-label=${`Cancel: ${title}`} @click=${() => this.emit('cancel-job', job.id)}>Cancel</button></div>` : ''}
      ${this.agreement(item.id, format)}
    </li>`;
  }

  /** What the check said, where this page saw it. @param {string} id @param {string} format */
  agreement(id, format) {
    const { training } = this;
    const done = training?.jobs.find((job) => job.kind === 'export' && job.classifier_id === id && job.format === format);
    if (done?.state === 'failed') return html`<div class="eyes-trouble small" role="alert"><p><strong>${done.problem?.title ?? 'That did not work'}</strong></p>${done.problem?.detail ? html`<p>${done.problem.detail}</p>` : ''}${done.problem?.hint ? html`<p>${done.problem.hint}</p>` : ''}</div>`;
    const said = done?.state === 'done' ? training?.eventsOf(done.id).filter((e) => e.kind === 'log').at(-1)?.text : '';
    return done?.state === 'done' ? html`<p class="small export-checked" role="status" data-testid="export-checked">${icon('check')}<span>${said || 'Made and checked.'}</span></p>` : '';
  }

  /** @param {import('./training_words.js').Trained} item */
  async show(item) {
    this.item = item;
    this.emit('open-exports', item.id);
    await this.updateComplete;
    const dialog = /** @type {HTMLDialogElement} */ (this.need('dialog'));
    if (!dialog.open) dialog.showModal();
  }

  close() {
    /** @type {HTMLDialogElement} */ (this.need('dialog')).close();
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const dialog = /** @type {HTMLDialogElement} */ (this.need('dialog'));
    if (event.target === dialog && outside(dialog, event)) dialog.close();
  }
}
customElements.define('st-training-export', TrainingExport);
