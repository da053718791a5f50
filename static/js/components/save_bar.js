import { html } from 'lit';
import { Light, ago, inWords } from './element.js';
import { icon } from './icons.js';
import { ask } from './dialogs.js';
import './menu.js';

/** @type {[string, string, string][]} format, label, hint */
const FORMATS = [
  ['showtell', 'Show & Tell project', 'Everything: pictures, numbers, settings. Opens here again.'],
  ['zip', 'Pictures', 'A zip with one folder a class.'],
  ['tm', 'Teachable Machine', 'A project file that it opens.'],
  ['csv', 'Table of embeddings', 'CSV, one row a picture.'],
  ['npz', 'Arrays for NumPy', 'Embeddings and labels.'],
  ['knn', 'KNN for TensorFlow.js', 'The JSON of knn-classifier users.'],
  ['ml5', 'KNN for ml5.js', 'The JSON that ml5 loads.'],
];

/** @param {number} bytes */
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/**
 * Where the project stands, and the buttons that save and export it. Property: session.
 * Events: save, cancel-save, export with a format, resolve with a choice.
 */
export class SaveBar extends Light {
  static properties = { session: { attribute: false } };

  constructor() {
    super();
    /** @type {any} */
    this.session = null;
    this.onStatus = () => this.requestUpdate();
    this.asking = false;
  }

  connectedCallback() {
    super.connectedCallback();
    // 'saved 5 minutes ago' grows old by itself.
    this.clock = setInterval(this.onStatus, 30000);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.clock);
    for (const type of ['status', 'change']) this.session?.removeEventListener(type, this.onStatus);
  }

  /** @param {Map<string, any>} changed */
  willUpdate(changed) {
    if (!changed.has('session')) return;
    for (const type of ['status', 'change']) {
      changed.get('session')?.removeEventListener(type, this.onStatus);
      this.session?.addEventListener(type, this.onStatus);
    }
  }

  render() {
    const { session } = this;
    if (!session) return '';
    const { saving, conflict, dirty } = session.status;
    const [state, text] = this.words(session.status);
    return html`<div class="save-bar">
      ${conflict ? html`<button type="button" class="button small danger" data-testid="conflict" @click=${this.choose}>${icon('steps')}Changed elsewhere: decide</button>` : ''}
      <span class="save-status small ${state}" role="status" data-testid="save-status" data-state=${state} data-stored=${session.status.stored} title=${inWords(session.status.problem)}>
        ${state === 'saved' ? icon('check') : state === 'problem' ? icon('warning') : state === 'local' ? icon('here') : ''}<span>${text}</span></span>
      ${saving ? html`<progress class="saving" max=${saving.total || 1} .value=${saving.done} aria-label="Saving"></progress>
        <button type="button" class="button small" data-testid="cancel-save" @click=${() => this.emit('cancel-save')}>Cancel</button>`
        : html`<button type="button" class="button ${dirty || session.status.where === 'local' ? 'primary' : ''}" data-testid="save-button" aria-keyshortcuts="Control+S Meta+S" title="Save (Ctrl S)" @click=${() => this.emit('save')}>${icon('save')}<span>Save</span></button>`}
      <st-menu label="Export" icon="down" text="Export" testid="export-menu" .items=${FORMATS.map(([format, label, hint]) => ({ label, hint, testid: `export-${format}`, run: () => this.emit('export', format) }))}></st-menu>
    </div>`;
  }

  /** @param {any} status @returns {[string, string]} */
  words({ where, dirty, saving, conflict, problem, savedAt }) {
    if (saving) return ['saving', saving.total > 5e4 ? `${saving.phase}: ${megabytes(saving.done)} of ${megabytes(saving.total)} MB` : saving.phase];
    if (conflict) return ['conflict', 'Kept in this browser'];
    if (problem) return ['problem', `Not saved: ${inWords(problem)}`];
    if (where === 'local') return ['local', 'Only in this browser'];
    if (dirty) return ['unsaved', 'Unsaved changes'];
    return ['saved', savedAt ? `Saved ${ago(savedAt)}` : 'Saved'];
  }

  async choose() {
    if (this.asking) return;
    this.asking = true;
    const choice = await ask({
      title: 'This project was changed elsewhere too',
      text: 'Another window or computer has saved it since you opened it. Nothing is lost: choose what to do.',
      big: true,
      choices: [
        { value: 'merge', label: 'Merge', hint: 'Keep the pictures and classes of both sides.' },
        { value: 'mine-as-copy', label: 'Keep mine as a copy', hint: 'What you have here becomes a project of its own.' },
        { value: 'theirs', label: 'Take theirs', hint: 'What is saved replaces what you have here.' },
      ],
    });
    this.asking = false;
    if (choice) this.emit('resolve', choice);
  }
}
customElements.define('st-save', SaveBar);
