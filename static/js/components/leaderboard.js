import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Light, ago, percent } from './element.js';
import { css } from './colours.js';
import { icon } from './icons.js';
import { between, choices, isActive, leftText, recipeTitle, shortDuration, size, stateText, trainedTitle } from './training_words.js';
import './menu.js';

/**
 * @typedef {import('./training_words.js').Trained} Trained
 * @typedef {import('./training_words.js').Job} Job
 * @typedef {{key: string, job: Job|null, item: Trained|null, accuracy: number|null, seconds: number|null, bytes: number|null, at: string}} Row
 * @typedef {'accuracy'|'seconds'|'bytes'|'at'} Column
 */

/** What sorts how: the best first. @type {Record<Column, (a: Row, b: Row) => number>} */
const ORDERS = {
  accuracy: (a, b) => (b.accuracy ?? -1) - (a.accuracy ?? -1) || (a.bytes ?? 0) - (b.bytes ?? 0),
  seconds: (a, b) => (a.seconds ?? Infinity) - (b.seconds ?? Infinity),
  bytes: (a, b) => (a.bytes ?? Infinity) - (b.bytes ?? Infinity),
  at: (a, b) => b.at.localeCompare(a.at),
};
/** @type {[Column, string, string][]} */
const HEADS = [['accuracy', 'Right on test pictures', 'grow'], ['seconds', 'Took', 'end'], ['bytes', 'Size', 'end']];

/**
 * A bar of how many were right, with the range in which the true share most likely is.
 * @param {number} accuracy @param {[number, number]|null|undefined} interval
 */
export const whiskers = (accuracy, interval) => html`<span class="whiskers" aria-hidden="true" .style=${css({ '--value': percent(accuracy), '--low': `${((interval?.[0] ?? accuracy) * 100).toFixed(1)}%`, '--high': `${((interval?.[1] ?? accuracy) * 100).toFixed(1)}%` })}><i class="fill"></i>${interval ? html`<i class="span"></i>` : ''}</span>`;

/**
 * All that was trained, the best first, and what is being trained.
 * Properties: training (a TrainingView), jobs (only these and what came of them; null: everything).
 * Events: show-result, show-job with an id; use-classifier, compare-with, delete-classifier,
 * show-exports with an id.
 */
export class Leaderboard extends Light {
  static properties = { training: { attribute: false }, jobs: { attribute: false }, column: { state: true } };

  constructor() {
    super();
    /** @type {import('../pages/training_view.js').TrainingView|null} */
    this.training = null;
    /** @type {Job[]|null} */
    this.jobs = null;
    /** @type {Column} */
    this.column = 'accuracy';
  }

  /** @returns {Row[]} what has an answer first, then what runs, then what came to nothing */
  rows() {
    const { training, jobs } = this;
    if (!training) return [];
    const shown = jobs ?? training.jobs.flatMap((job) => (job.kind === 'all' ? job.children : job.kind === 'training' ? [job] : []));
    const byId = new Map(training.classifiers.map((c) => [c.id, c]));
    const running = shown.filter((job) => !job.classifier_id || !byId.has(job.classifier_id)).filter((job) => jobs !== null || isActive(job));
    const made = jobs ? shown.flatMap((job) => byId.get(job.classifier_id ?? '') ?? []) : training.classifiers;
    return [
      ...made.map((item) => ({ key: item.id, job: null, item, accuracy: item.is_regression ? null : item.accuracy, seconds: item.seconds, bytes: item.bytes, at: item.created_at })).sort(ORDERS[this.column]),
      ...running.map((job) => ({ key: job.id, job, item: null, accuracy: null, seconds: null, bytes: null, at: job.created_at })),
    ];
  }

  render() {
    const rows = this.rows();
    if (!rows.length) return '';
    const best = rows.filter((r) => r.accuracy !== null).sort(ORDERS.accuracy)[0];
    return html`<table class="board" role="table" data-testid="leaderboard">
      <caption class="visually-hidden">Trained classifiers, sorted</caption>
      <thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Recipe</th>
        ${HEADS.map(([column, text, kind]) => html`<th scope="col" role="columnheader" class=${kind} aria-sort=${this.column === column ? (column === 'accuracy' ? 'descending' : 'ascending') : 'none'}>
          <button type="button" class="sorter" @click=${() => { this.column = column; }}>${text}</button></th>`)}
        <th scope="col" role="columnheader"><span class="visually-hidden">What to do</span></th></tr></thead>
      <tbody role="rowgroup">${repeat(rows, (r) => r.key, (r) => (r.item ? this.trained(r.item, r === best && rows.length > 1) : this.running(/** @type {Job} */ (r.job))))}</tbody>
    </table>`;
  }

  /** @param {Trained} item @param {boolean} best */
  trained(item, best) {
    const { training } = this;
    const title = trainedTitle(item, training?.recipes ?? []);
    const inUse = training?.inUse === item.id;
    const job = /** @type {any} */ (training?.jobs.flatMap((top) => [top, ...top.children]).find(({ id }) => id === item.job_id));
    const chosen = choices(job?.options, training?.recipes.find(({ name }) => name === item.recipe));
    return html`<tr role="row" class=${inUse ? 'in-use' : ''} data-testid="board-row" data-id=${item.id} data-recipe=${item.recipe} data-state="done">
      <th scope="row" role="rowheader"><button type="button" class="link strong" data-testid="show-result" @click=${() => this.emit('show-result', item.id)}>${title}</button>
        <span class="small muted board-sub">${best ? html`<span class="best">${icon('check')}Most right so far</span> ` : ''}${ago(item.created_at)}${training?.staleOf(item) ? ', for other classes' : ''}</span>${chosen ? html`<span class="small muted board-sub">${chosen}</span>` : ''}</th>
      <td role="cell" class="grow">${this.score(item)}</td>
      <td role="cell" class="end nums small" data-head="Took">${shortDuration(item.seconds)}</td>
      <td role="cell" class="end nums small" data-head="Size">${size(item.bytes)}</td>
      <td role="cell" class="acts"><div>${useButton(this, training, item)}
        <st-menu label=${`More about ${title}`} .items=${this.more(item)} testid="board-more"></st-menu></div></td>
    </tr>`;
  }

  /** @param {Trained} item */
  score({ accuracy, interval, is_regression: isRegression }) {
    if (accuracy === null || accuracy === undefined) return html`<span class="small muted">${isRegression ? 'Learns a value: open it for its error.' : 'Not judged'}</span>`;
    return html`<span class="score-line"><b class="nums" data-testid="board-accuracy">${percent(accuracy)}</b>${whiskers(accuracy, interval)}<span class="small muted nums">${between(interval)}</span></span>`;
  }

  /** @param {Job} job */
  running(job) {
    const title = recipeTitle(job.recipe, this.training?.recipes ?? []);
    const active = isActive(job);
    return html`<tr role="row" class="job ${job.state}" data-testid="board-row" data-id=${job.id} data-recipe=${job.recipe ?? ''} data-state=${job.state}>
      <th scope="row" role="rowheader"><button type="button" class="link strong" data-testid="show-job" @click=${() => this.emit('show-job', job.id)}>${title}</button></th>
      <td role="cell" class="grow" colspan="3">${active ? html`<span class="score-line"><progress max="1" .value=${job.fraction} aria-label=${`${title}: ${stateText(job)}`}></progress></span>
        <span class="small muted nums">${[stateText(job), leftText(job)].filter(Boolean).join(', ')}</span>`
        : html`<span class="small ${job.state === 'failed' ? 'bad' : 'muted'}">${stateText(job)}</span>`}</td>
      <td role="cell" class="acts"><div>${active ? html`<button type="button" class="button small" aria-label=${`Cancel: ${title}`} @click=${() => this.emit('cancel-job', job.id)}>Cancel</button>` : ''}</div></td>
    </tr>`;
  }

  /** @param {Trained} item @returns {import('./menu.js').MenuItem[]} */
  more(item) {
    const { training } = this;
    return [
      { label: 'Look at the result', icon: 'eye', run: () => this.emit('show-result', item.id) },
      { label: 'Compare live', hint: 'Beside the quick learner, on the camera.', icon: 'swap', disabled: !!training?.cannotUse(item), run: () => this.emit('compare-with', item.id) },
      { label: 'Export', hint: 'For other programs, phones, boards.', icon: 'down', run: () => this.emit('show-exports', item.id) },
      { label: 'Delete', icon: 'trash', run: () => this.emit('ask-delete', item.id) },
    ];
  }
}
customElements.define('st-leaderboard', Leaderboard);

/**
 * The button that puts a classifier into the page, or says that it is there.
 * @param {Light} host sends the event
 * @param {import('../pages/training_view.js').TrainingView|null} training
 * @param {Trained} item
 * @param {string} [kind]
 */
export function useButton(host, training, item, kind = 'small') {
  if (!training) return '';
  const cannot = training.cannotUse(item);
  if (training.inUse === item.id) return html`<span class="badge in-use-badge" data-testid="in-use">${icon('check')}In use</span>`;
  const changing = training.changingTo === item.id;
  const eyes = training.otherEyes(item);
  return html`<button type="button" class="button ${kind}" data-testid="use-this" ?disabled=${!!cannot || changing} title=${cannot ?? (eyes ? `Looks through ${eyes}: the page changes to these eyes first.` : '')} @click=${() => host.emit('use-classifier', item.id)}>${changing ? 'One moment …' : 'Use this one'}</button>`;
}
