import { html } from 'lit';
import { Light, announce, count, percent } from './element.js';
import { css } from './colours.js';
import { icon } from './icons.js';
import { useButton, whiskers } from './leaderboard.js';
import { howMade, number, perClass, pictureRow, sureness, triesTable, values } from './training_sections.js';
import { between, clock, duration, size, trainedTitle } from './training_words.js';
import './curves.js';
import './matrix.js';
import './menu.js';
import './picture.js';

/** @typedef {import('./training_sections.js').Judged} Judged */

/** A diagnosis' mark by its level. @type {Record<string, string>} */
const MARKS = { good: 'check', warning: 'bulb', bad: 'warning' };
/** Where it hesitated; of a machine that never does, the first few all the same. @param {any} judged @returns {number[]} */
const hesitant = ({ most_unsure: indices = [], items }) => indices.filter((/** @type {number} */ i, /** @type {number} */ at) => at < 4 || items[i].score < 0.9);
/** As this page writes a share; no line ends between the number and its sign. @param {string} text */
const tight = (text) => text.replaceAll(/(\d) %/g, '$1%');
/** @type {[string, string, (report: any, test: any) => boolean][]} id, label, whether there is anything to show */
const TABS = [
  ['mistakes', 'Mistakes', (report, test) => !!test && !report.is_regression],
  ['values', 'Predicted and true', (report, test) => !!test && report.is_regression],
  ['classes', 'Each class', (report, test) => !!test && !report.is_regression],
  ['sure', 'How sure', (report, test) => !!test?.calibration && !report.is_regression],
  ['learning', 'Learning', (report) => !!(report.curves?.length || report.tries)],
  ['made', 'How it was tested', () => true],
];

/**
 * A trained classifier and how good it is.
 * Properties: item (a classifier with its report), training (a TrainingView), cache.
 * Events: use-classifier, compare-with, show-exports, ask-delete with its id; view-items.
 */
export class TrainingResult extends Light {
  static properties = { item: { attribute: false }, training: { attribute: false }, cache: { attribute: false }, tab: { state: true } };

  constructor() {
    super();
    /** @type {any} */
    this.item = null;
    /** @type {import('../pages/training_view.js').TrainingView|null} */
    this.training = null;
    /** @type {any} */
    this.cache = null;
    this.tab = '';
  }

  get report() {
    return this.item?.report ?? null;
  }

  /** What it is judged by: the test pictures, or where there were none the validation pictures. */
  get judged() {
    return this.report?.test ?? this.report?.validation ?? null;
  }

  render() {
    const { item, training, report } = this;
    if (!item || !training) return '';
    const title = trainedTitle(item, training.recipes);
    const cannot = training.cannotUse(item);
    const stale = training.staleOf(item);
    return html`<section class="train-result" data-testid="training-result" data-id=${item.id} aria-labelledby="result-title">
      <header class="result-head">
        <div><h3 id="result-title" tabindex="-1">${title}</h3><p class="small muted">Trained ${clock(item.created_at)}${item.seconds == null ? '' : `, took ${duration(item.seconds)}`}${item.bytes ? `, ${size(item.bytes)}` : ''}</p></div>
        <div class="result-acts">${useButton(this, training, item, 'primary')}
          ${training.inUse === item.id ? html`<button type="button" class="button" data-testid="back-to-knn" @click=${() => this.emit('use-classifier', null)}>${icon('undo')}Back to the quick learner</button>` : ''}
          <button type="button" class="button" data-testid="compare-live" ?disabled=${!!cannot} title=${cannot ?? 'Beside the quick learner, on the camera'} @click=${() => this.emit('compare-with', item.id)}>${icon('swap')}Compare live</button>
          <button type="button" class="button" data-testid="open-exports" @click=${() => this.emit('show-exports', item.id)}>${icon('down')}Export</button>
          <st-menu label="More about this result" .items=${this.more()} testid="result-more"></st-menu></div>
      </header>
      ${cannot ? html`<p class="train-warn small">${icon('warning')}<span>${cannot}</span></p>` : ''}
      ${stale ? html`<p class="train-warn small" data-testid="result-stale">${icon('warning')}<span>${stale}</span><button type="button" class="button small" @click=${() => this.emit('retrain', item.id)}>${icon('redo')}Train again</button></p>` : ''}
      ${report ? html`${this.verdict(report)}${this.diagnosis(report)}${this.sections(report)}` : html`<p class="muted">This one came without a report: it was brought in, or trained elsewhere.</p>`}
    </section>`;
  }

  /** @returns {import('./menu.js').MenuItem[]} */
  more() {
    const { item, training } = this;
    const get = (/** @type {'html'|'json'} */ format) => () => {
      Object.assign(document.createElement('a'), { href: training?.reportUrl(item.id, format), download: '' }).click();
    };
    return [
      { label: 'Report to print or send', hint: 'One HTML file.', icon: 'picture', testid: 'report-html', run: get('html') },
      { label: 'Report for programs', hint: 'JSON, with every picture’s answer.', icon: 'steps', testid: 'report-json', run: get('json') },
      { label: 'Train again', hint: 'The same recipe and settings, on what there is now.', icon: 'redo', run: () => this.emit('retrain', item.id) },
      { label: 'Delete', icon: 'trash', run: () => this.emit('ask-delete', item.id) },
    ];
  }

  /** The number. @param {any} report */
  verdict(report) {
    const { judged } = this;
    if (!judged || !judged.n) return html`<div class="result-score"><p class="display">Not judged</p><p class="muted">There were too few pictures to hold any back. Take more of each class, then train again: only then is there an honest number.</p></div>`;
    const kind = report.test ? 'test' : 'validation';
    if (report.is_regression) return html`<div class="result-score"><p class="result-number display nums" data-testid="result-number">± ${number(judged.mean_absolute_error)}</p>
      <p>So far off it is on average, on <strong class="nums">${count(judged.n, `${kind} picture`)}</strong> it had never seen${judged.mean_absolute_error_interval ? html`, <span class="muted">most likely ${number(judged.mean_absolute_error_interval[0])} to ${number(judged.mean_absolute_error_interval[1])}</span>` : ''}. Always saying the middle would be ${number(judged.baseline_error)} off.</p></div>`;
    const chance = 1 / Math.max(1, report.classes.length);
    return html`<div class="result-score" data-testid="verdict">
      <p class="result-number display nums" data-testid="result-number">${judged.correct}<small> of ${judged.n}</small></p>
      <p><strong>${kind} pictures right.</strong> ${kind === 'test' ? 'It had never seen them, nor was it steered by them.' : 'It was steered by these: on new ones it may do worse.'}
        <span class="muted nums">That is ${percent(judged.accuracy)}; with so many pictures the true score is most likely ${between(judged.interval)}${judged.effective_n < judged.n - 0.5 ? ' (frames of one recording are nearly twins and count as one)' : ''}.</span></p>
      <div class="result-scale" .style=${css({ '--chance': percent(chance) })}>${whiskers(judged.accuracy, judged.interval)}<span class="chance small muted" aria-hidden="true">guessing ${percent(chance)}</span></div>
      ${report.finalised ? html`<p class="small muted result-final">Afterwards it was trained once more on every picture, so the one you use has learned from these too.</p>` : ''}
    </div>`;
  }

  /** @param {any} report */
  diagnosis(report) {
    if (!report.diagnosis?.length) return '';
    return html`<ul role="list" class="diagnosis" data-testid="diagnosis">${report.diagnosis.map((/** @type {any} */ d) => html`<li class=${d.level} data-kind=${d.kind}>${icon(MARKS[d.level] ?? 'bulb')}<p><strong>${tight(d.text)}</strong>${d.advice ? html` <span>${tight(d.advice)}</span>` : ''}</p></li>`)}</ul>`;
  }

  /** @param {any} report */
  sections(report) {
    const tabs = TABS.filter(([, , there]) => there(report, this.judged));
    const now = tabs.some(([id]) => id === this.tab) ? this.tab : tabs[0][0];
    return html`<div class="tabs" role="tablist" aria-label="Parts of the result" @keydown=${(/** @type {KeyboardEvent} */ e) => this.onKey(e, tabs.map(([id]) => id), now)}>
        ${tabs.map(([id, label]) => html`<button type="button" role="tab" id=${`tab-${id}`} aria-selected=${id === now} aria-controls="result-panel" tabindex=${id === now ? 0 : -1} data-testid=${`tab-${id}`} @click=${() => { this.tab = id; }}>${label}</button>`)}</div>
      <div class="tab-panel" role="tabpanel" id="result-panel" aria-labelledby=${`tab-${now}`} tabindex="0">${this.section(now, report)}</div>`;
  }

  /** @param {string} tab @param {any} report */
  section(tab, report) {
    const { judged, item, cache } = this;
    const open = (/** @type {string} */ at) => this.view({ title: 'Furthest off', items: judged.most_wrong.map((/** @type {number} */ i) => judged.points[i]), at, note: (/** @type {any} */ p) => `${number(p.truth)}, said ${number(p.answer)}` });
    const sections = /** @type {Record<string, () => any>} */ ({
      mistakes: () => this.mistakes(judged),
      values: () => values(judged, cache, open),
      classes: () => perClass(judged, item.classes),
      sure: () => sureness(judged),
      learning: () => html`${report.curves?.length ? html`<st-curves .points=${report.curves} .epochs=${report.curves.at(-1).epoch}></st-curves>` : ''}${report.tries ? triesTable(report.tries) : ''}`,
      made: () => howMade(report, item.classes, (text) => void this.copy(text)),
    });
    return sections[tab]();
  }

  /** The matrix and the pictures that it finds hardest. @param {any} judged */
  mistakes(judged) {
    const { item, cache } = this;
    const classes = item.classes.map((/** @type {any} */ c, /** @type {number} */ i) => ({ id: String(i), label: c.label, color: c.color ?? '#777777' }));
    const evaluation = { classes: classes.map((/** @type {any} */ c) => c.id), confusion: judged.confusion.flat() };
    const rows = /** @type {[string, string, string, number[]][]} */ ([
      ['most-wrong', 'Most wrong', 'The surest of its mistakes. Are they taught as the right class?', judged.most_wrong],
      ['most-unsure', 'Most unsure', 'Right or wrong, it could hardly decide: more pictures like these would teach it most.', hesitant(judged)],
    ]);
    return html`<div class="mistakes"><st-matrix .classes=${classes} .evaluation=${evaluation} @view-cell=${(/** @type {CustomEvent} */ e) => this.viewCell(e, judged)}></st-matrix></div>
      ${rows.map(([testid, title, text, indices]) => indices?.length ? pictureRow({ title, text, testid, cache,
        items: indices.map((i) => judged.items[i]).map((/** @type {Judged} */ j) => ({ id: j.id, color: item.classes[j.answer]?.color ?? null, note: this.note(j), about: this.about(j) })),
        open: (at) => this.view({ title, items: indices.map((i) => judged.items[i]), at, note: (j) => this.note(j) }) }) : testid === 'most-wrong' ? html`<p class="small muted" data-testid="no-mistakes">Not one mistake on these pictures.</p>` : '')}`;
  }

  /** @param {Judged} j */
  note({ truth, answer, score }) {
    return truth === answer ? `${this.label(answer)} ${percent(score)}` : `said ${this.label(answer)} ${percent(score)}`;
  }

  /** @param {Judged} j */
  about({ truth, answer, score }) {
    return `A picture of ${this.label(truth)}: it said ${this.label(answer)}, ${percent(score)} sure`;
  }

  /** @param {number} i */
  label(i) {
    return this.item.classes[i]?.label ?? '';
  }

  /** @param {CustomEvent} event @param {any} judged */
  viewCell(event, judged) {
    event.stopPropagation();
    const [truth, answer] = [Number(event.detail.taught), Number(event.detail.answered)];
    this.view({
      title: truth === answer ? `${this.label(truth)}, told right` : `${this.label(truth)} taken for ${this.label(answer)}`,
      items: judged.items.filter((/** @type {Judged} */ j) => j.truth === truth && j.answer === answer), note: (j) => percent(j.score),
    });
  }

  /** Show pictures in the viewer. @param {{title: string, items: any[], at?: string, note: (item: any) => string}} what */
  view({ title, items, at, note }) {
    this.emit('view-items', { title, at, hint: 'Held back from the training. Move or delete what is taught wrong, then train again.', items: items.map((item) => ({ id: item.id, note: note(item) })) });
  }

  /** @param {string} text */
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      announce('Copied');
    } catch {
      const code = this.querySelector('.command code');
      if (code) getSelection()?.selectAllChildren(code);
      announce('Selected: copy it with Ctrl C');
    }
  }

  /** @param {KeyboardEvent} event @param {string[]} ids @param {string} now */
  async onKey(event, ids, now) {
    const at = ids.indexOf(now);
    const to = /** @type {Record<string, number>} */ ({ ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: ids.length - 1 })[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.tab = ids[(to + ids.length) % ids.length];
    await this.updateComplete;
    /** @type {HTMLElement} */ (this.need(`#tab-${this.tab}`)).focus();
  }
}
customElements.define('st-training-result', TrainingResult);
