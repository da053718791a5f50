import { html } from 'lit';
import { Light, announce, percent } from './element.js';
import { ask, outside } from './dialogs.js';
import { icon } from './icons.js';
import { pickFiles } from './pick.js';
import { allText, isActive, recipeTitle, stateText, trainedTitle } from './training_words.js';
import './leaderboard.js';
import './training_export.js';
import './training_job.js';
import './training_recipes.js';
import './training_result.js';

/**
 * @typedef {import('./training_words.js').Job} Job
 * @typedef {{kind: 'board'} | {kind: 'job'|'result', id: string}} View
 */
const ENDED_SHOWN = 4;

/**
 * The trainings: on the left what to train, on the right what came of it, what is running, or one
 * result. Properties: training (a TrainingView, see pages/training_view.js), classes, cache,
 * taught, total. Events: those that the control answers, and view-items.
 */
export class TrainingsDialog extends Light {
  static properties = {
    training: { attribute: false }, classes: { attribute: false }, cache: { attribute: false }, taught: { type: Number }, total: { type: Number },
    open: { state: true }, view: { state: true }, pane: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../pages/training_view.js').TrainingView|null} */
    this.training = null;
    /** @type {{id: string, label: string, color: string}[]} */
    this.classes = [];
    /** @type {any} */
    this.cache = null;
    this.taught = 0;
    this.total = 0;
    this.open = false;
    /** @type {View} */
    this.view = { kind: 'board' };
    /** Which half a narrow window shows; a wide one shows both. @type {'choose'|'made'} */
    this.pane = 'choose';
    /** Jobs that were there when a training was asked for: a new one is the one that was meant. @type {Set<string>|null} */
    this.known = null;
    /** The classifier to compare with as soon as the page has it. @type {string|null} */
    this.wanted = null;
  }

  render() {
    const { training, view, open } = this;
    return html`<dialog class="trainings" aria-labelledby="trainings-title" data-testid="trainings" @click=${this.onClick} @close=${this.onClose}>
      ${open && training ? html`
        <header class="trainings-head"><h2 id="trainings-title">Train it properly</h2>
          <button type="button" class="button icon ghost" aria-label="Close" data-testid="close-trainings" @click=${this.close}>${icon('close')}</button></header>
        ${training.problem ? html`<div class="train-trouble small" role="alert" data-testid="training-problem">${icon('warning')}<p><strong>${/** @type {any} */ (training.problem).title ?? 'That did not work'}.</strong> ${training.problem.message}</p>
          <button type="button" class="button icon small ghost" aria-label="Close this message" @click=${() => this.emit('dismiss-training-problem')}>${icon('close')}</button></div>` : ''}
        ${view.kind === 'board' && this.anything() ? html`<fieldset class="segments trainings-panes" @change=${(/** @type {any} */ e) => { this.pane = e.target.value; }}><legend class="visually-hidden">What to show</legend>
          ${[['choose', 'Train'], ['made', 'Trained so far']].map(([value, text]) => html`<label><input type="radio" name="trainings-pane" value=${value} .checked=${this.pane === value}><span>${text}</span></label>`)}</fieldset>` : ''}
        <div class="trainings-body at-${view.kind} ${this.anything() ? `pane-${this.pane}` : ''}" @train=${this.onTrain} @retrain=${this.onTrain} @train-again=${(/** @type {CustomEvent} */ e) => this.again(e.detail)}
          @show-board=${() => this.go({ kind: 'board' })} @show-job=${(/** @type {CustomEvent} */ e) => this.go({ kind: 'job', id: e.detail })} @show-result=${(/** @type {CustomEvent} */ e) => this.go({ kind: 'result', id: e.detail })}
          @compare-with=${(/** @type {CustomEvent} */ e) => this.compare(e.detail)} @ask-delete=${(/** @type {CustomEvent} */ e) => this.askDelete(e.detail)} @show-exports=${(/** @type {CustomEvent} */ e) => this.showExports(e.detail)}>
          <aside class="trainings-choose"><st-recipes .recipes=${training.recipes} .taught=${this.taught} .total=${this.total} .labels=${this.classes.map((c) => c.label)} .busy=${training.busy} ?offline=${!!training.problem}></st-recipes></aside>
          <div class="trainings-stage" data-testid="stage" data-view=${view.kind}>${view.kind === 'board' ? this.board() : html`${this.back(view)}${this.one(view)}`}</div>
        </div>` : ''}
      <st-training-export .training=${training}></st-training-export>
    </dialog>`;
  }

  /** The way back: from one of "try all" to all of them. @param {Exclude<View, {kind: 'board'}>} view */
  back({ kind, id }) {
    const parent = kind === 'job' ? this.training?.jobs.find((job) => job.children?.some((child) => child.id === id)) : undefined;
    return html`<button type="button" class="button small ghost back" data-testid="all-trainings" @click=${() => this.go(parent ? { kind: 'job', id: parent.id } : { kind: 'board' })}>${icon('left')}${parent ? 'Try all' : 'All trainings'}</button>`;
  }

  /** @param {Exclude<View, {kind: 'board'}>} view */
  one({ kind, id }) {
    const { training } = this;
    if (!training) return '';
    if (kind === 'job') return html`<st-training-job .job=${this.jobOf(id)} .training=${training}></st-training-job>`;
    const item = training.selected?.id === id ? training.selected : null;
    if (item) return html`<st-training-result .item=${item} .training=${training} .cache=${this.cache}></st-training-result>`;
    return training.opening === id || !training.problem ? html`<p class="muted stage-wait" role="status">Fetching the report …</p>`
      : html`<p class="stage-wait" role="alert">The report could not be fetched. <button type="button" class="button small" @click=${() => this.emit('open-classifier', id)}>Try again</button></p>`;
  }

  /** Whether there is anything to show of what was trained before. */
  anything() {
    const { training } = this;
    return !!training && (training.classifiers.length > 0 || training.jobs.some((job) => job.kind === 'training' || job.kind === 'all'));
  }

  board() {
    const { training } = this;
    if (!training) return '';
    const tops = training.jobs.filter((job) => job.kind === 'training' || job.kind === 'all');
    const running = tops.filter((job) => job.kind === 'all' && isActive(job));
    const ended = tops.filter((job) => ['failed', 'cancelled'].includes(job.state)).slice(0, ENDED_SHOWN);
    const arriving = training.jobs.filter((job) => job.kind === 'import' && isActive(job));
    if (!training.classifiers.length && !tops.some(isActive) && !ended.length && !arriving.length) return html`<div class="promise">${this.promise()}${this.bringIn()}</div>`;
    return html`<h3 id="board-title" tabindex="-1">Trained so far</h3>
      ${running.map((job) => html`<div class="board-running" data-testid="running"><strong>Trying all</strong><span class="small muted nums">${allText(job)}</span>
        <progress max="1" .value=${job.fraction} aria-label=${allText(job)}></progress><button type="button" class="button small" data-testid="watch-job" @click=${() => this.go({ kind: 'job', id: job.id })}>Watch</button></div>`)}
      ${arriving.map((job) => html`<div class="board-running" data-testid="arriving"><strong>${job.name || 'A model'}</strong><span class="small muted">${job.state === 'queued' ? 'waits for its turn' : 'is read and tried out'}</span>
        <progress max="1" .value=${job.fraction} aria-label=${`Reading ${job.name || 'a model'}`}></progress><button type="button" class="button small" @click=${() => this.emit('cancel-job', job.id)}>Cancel</button></div>`)}
      ${training.classifiers.length ? html`<p class="small muted">The dark line on each bar is the range in which the true score most likely is: where two overlap, neither is proved better.</p>` : ''}
      <st-leaderboard .training=${training}></st-leaderboard>
      ${ended.length ? html`<section class="board-ended"><h4>Did not come to an end</h4><ul role="list">${ended.map((job) => html`<li class="small"><span><strong>${recipeTitle(job.kind === 'all' ? 'all' : job.recipe, training.recipes)}</strong> <span class="muted">${stateText(job)}</span></span>
        <button type="button" class="button small ghost" @click=${() => this.go({ kind: 'job', id: job.id })}>Show</button></li>`)}</ul></section>` : ''}
      ${this.bringIn()}`;
  }

  /** The way in for what was trained elsewhere. */
  bringIn() {
    return html`<p class="small muted board-in">Trained elsewhere? <button type="button" class="link" data-testid="bring-in" @click=${this.browse}>Bring in a classifier</button>: a .classifier file, a model of Teachable Machine (zip) or of Keras.</p>`;
  }

  async browse() {
    const [file] = await pickFiles({ accept: '.classifier,.zip,.keras,.h5', multiple: false });
    if (file) this.emit('import-classifier', file);
  }

  /** What will happen, before anything has. */
  promise() {
    const steps = [
      ['1', 'Some pictures are set aside', 'It never learns from these. Pictures of one press of the button stay together: its near-copies would give the answer away.'],
      ['2', 'It learns from the rest', 'On this computer’s server. You watch it getting better, and may close this window meanwhile.'],
      ['3', 'It is asked about those set aside', 'So you get an honest number, every mistake with its picture, and what to do about it.'],
      ['4', 'You use it', 'Here, in place of the quick learner, or in other programs, on phones and on boards.'],
    ];
    return html`<div class="promise-steps" data-testid="promise"><h3 id="board-title" tabindex="-1">What will happen</h3><ol role="list">${steps.map(([n, title, text]) => html`<li><span class="promise-n display" aria-hidden="true">${n}</span><div><strong>${title}</strong><p class="small muted">${text}</p></div></li>`)}</ol></div>`;
  }

  /** @param {string} id @returns {Job|null} */
  jobOf(id) {
    return this.training?.jobs.flatMap((job) => [job, ...(job.children ?? [])]).find((job) => job.id === id) ?? null;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (!changed.has('training') || !this.training || !this.open) return;
    const { training, view } = this;
    const born = this.known && training.jobs.find((job) => job.kind !== 'export' && job.kind !== 'import' && !this.known?.has(job.id));
    if (born) {
      this.known = null;
      this.go({ kind: 'job', id: born.id }, false);
    } else if (this.known && training.problem && !training.busy) this.known = null;
    const watched = view.kind === 'job' ? this.jobOf(view.id) : null;
    if (watched?.kind === 'training' && watched.state === 'done' && watched.classifier_id && training.classifiers.some((c) => c.id === watched.classifier_id)) {
      announce(`Trained: ${recipeTitle(watched.recipe, training.recipes)}, ${watched.accuracy === null ? '' : `${percent(watched.accuracy)} right`}`);
      this.go({ kind: 'result', id: watched.classifier_id }, false);
    }
    if (view.kind === 'result' && changed.get('training') && !training.classifiers.some((c) => c.id === view.id) && training.selected?.id !== view.id && !training.opening) this.go({ kind: 'board' }, false);
    if (this.wanted && training.inUse === this.wanted) {
      this.wanted = null;
      this.emit('compare', true);
      this.close();
    } else if (this.wanted && training.problem) this.wanted = null;
  }

  /**
   * Show something else in the stage; the keyboard goes there too.
   * @param {View} view @param {boolean} [chosen] by the person: else the focus moves only where it would be lost
   */
  async go(view, chosen = true) {
    const stage = this.querySelector('.trainings-stage');
    if (view.kind === 'board') this.pane = 'made';
    const lost = !!stage?.contains(document.activeElement) || document.activeElement === document.body || document.activeElement?.localName === 'dialog';
    this.view = view;
    if (view.kind === 'job') this.emit('open-job', view.id);
    if (view.kind === 'result') this.emit('open-classifier', view.id);
    await this.updateComplete;
    if (stage) stage.scrollTop = 0;
    const body = this.querySelector('.trainings-body');
    if (body) body.scrollTop = 0;
    const inner = /** @type {Light|null} */ (this.querySelector('st-training-job, st-training-result'));
    await inner?.updateComplete;
    if (chosen || lost) /** @type {HTMLElement|null} */ (this.querySelector('#job-title, #result-title, #board-title') ?? this.querySelector('.back'))?.focus();
  }

  /** Open the dialog: at what runs, if anything does. */
  async show() {
    const running = this.training?.jobs.find((job) => (job.kind === 'training' || job.kind === 'all') && isActive(job));
    this.open = true;
    this.pane = this.anything() ? 'made' : 'choose';
    this.emit('watch-trainings', true);
    if (running && this.view.kind === 'board') this.view = { kind: 'job', id: running.id };
    if (this.view.kind === 'job') this.emit('open-job', this.view.id);
    if (this.view.kind === 'result') this.emit('open-classifier', this.view.id);
    await this.updateComplete;
    const dialog = /** @type {HTMLDialogElement} */ (this.need('dialog.trainings'));
    if (!dialog.open) dialog.showModal();
  }

  close() {
    /** @type {HTMLDialogElement} */ (this.need('dialog.trainings')).close();
  }

  onTrain() {
    this.known = new Set(this.training?.jobs.map((job) => job.id));
  }

  /** Train what failed or was cancelled once more. @param {string} id */
  again(id) {
    const job = /** @type {any} */ (this.jobOf(id));
    if (!job) return;
    this.onTrain();
    this.emit('train', { recipe: job.kind === 'all' ? 'all' : job.recipe, options: job.options ?? {} });
  }

  /** Use it, and show it beside the quick learner. @param {string} id */
  compare(id) {
    this.wanted = id;
    if (this.training?.inUse !== id) this.emit('use-classifier', id);
    else this.requestUpdate('training', null);
  }

  /** @param {string} id */
  async askDelete(id) {
    const item = this.training?.classifiers.find((c) => c.id === id);
    if (!item || !this.training) return;
    const answer = await ask({ title: `Delete ${trainedTitle(item, this.training.recipes)}?`, text: 'The classifier and its report go away for good. Your pictures stay.', choices: [{ value: 'delete', label: 'Delete', kind: 'danger' }] });
    if (!answer) return;
    this.emit('delete-classifier', id);
    this.go({ kind: 'board' });
  }

  /** @param {string} id */
  showExports(id) {
    const item = this.training?.classifiers.find((c) => c.id === id) ?? (this.training?.selected?.id === id ? this.training.selected : null);
    if (item) /** @type {import('./training_export.js').TrainingExport} */ (this.need('st-training-export')).show(item);
  }

  onClose() {
    this.open = false;
    this.known = null;
    this.emit('watch-trainings', false);
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const dialog = /** @type {HTMLDialogElement} */ (this.need('dialog.trainings'));
    if (event.target === dialog && outside(dialog, event)) dialog.close();
  }
}
customElements.define('st-trainings', TrainingsDialog);
