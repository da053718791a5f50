import { html } from 'lit';
import { Light, count, percent } from './element.js';
import { icon } from './icons.js';
import { STEPS, allText, clock, duration, epochsOf, isActive, leftText, recipeTitle, stateText, stepOf } from './training_words.js';
import './curves.js';
import './leaderboard.js';

/** @typedef {import('./training_words.js').Job} Job */

/**
 * One training while it runs, or how it came to nothing.
 * Properties: job, training (a TrainingView). Events: cancel-job, show-board, and what the leaderboard
 * of "try all" sends.
 */
export class TrainingJob extends Light {
  static properties = { job: { attribute: false }, training: { attribute: false } };

  constructor() {
    super();
    /** @type {Job|null} */
    this.job = null;
    /** @type {import('../pages/training_view.js').TrainingView|null} */
    this.training = null;
  }

  render() {
    const { job, training } = this;
    if (!job || !training) return '';
    const active = isActive(job);
    const title = recipeTitle(job.kind === 'all' ? 'all' : job.recipe, training.recipes);
    return html`<section class="train-job" data-testid="training-job" data-state=${job.state} data-id=${job.id} aria-labelledby="job-title">
      <header class="job-head">
        <div><h3 id="job-title" tabindex="-1">${title}</h3><p class="small muted">${job.started_at ? `Began at ${clock(job.started_at)}` : `Asked for at ${clock(job.created_at)}`}${!active && job.started_at && job.ended_at ? `, ran ${duration((Date.parse(job.ended_at) - Date.parse(job.started_at)) / 1000)}` : ''}</p></div>
        ${active ? html`<button type="button" class="button" data-testid="cancel-job" @click=${() => this.emit('cancel-job', job.id)}>${icon('stop')}Cancel</button>` : this.again(job)}
      </header>
      ${active ? this.progress(job) : this.ended(job)}
      ${job.kind === 'all' ? html`<st-leaderboard .training=${training} .jobs=${job.children}></st-leaderboard>` : this.story(job)}
    </section>`;
  }

  /** @param {Job} job */
  progress(job) {
    const now = stepOf(job);
    const words = job.kind === 'all' ? allText(job) : stateText(job);
    return html`<div class="job-progress">
      <p class="job-now"><strong role="status" data-testid="job-phase">${words}</strong><span class="muted nums" data-testid="job-left">${leftText(job)}</span></p>
      <progress max="1" .value=${job.fraction} aria-label=${words}></progress>
      ${job.kind === 'all' ? '' : html`<ol role="list" class="job-steps small">${STEPS.map((step, i) => html`<li class=${i < now ? 'past' : i === now ? 'now' : ''} aria-current=${i === now ? 'step' : 'false'}>${i < now ? icon('check') : html`<i></i>`}<span>${step.label}</span></li>`)}</ol>`}
    </div>`;
  }

  /** @param {Job} job */
  ended(job) {
    if (job.state === 'done') return job.kind === 'all' ? this.best(job) : '';
    const { problem } = job;
    if (job.state === 'cancelled') return html`<div class="job-end" data-testid="job-end">${icon('stop')}<div><strong>Cancelled</strong><p class="small">Nothing of it was kept. What was trained before is still there.</p></div></div>`;
    return html`<div class="job-end bad" role="alert" data-testid="job-end">${icon('warning')}<div><strong>${problem?.title ?? 'The training did not work'}</strong>
      ${problem?.detail ? html`<p class="small">${problem.detail}</p>` : ''}${problem?.hint ? html`<p class="small">${problem.hint}</p>` : ''}</div></div>`;
  }

  /** Which did best, and how sure that is. @param {Job} job of "try all" */
  best({ children, classifier_id: chosen }) {
    const judged = children.filter((child) => child.accuracy !== null).sort((a, b) => Number(b.accuracy) - Number(a.accuracy));
    if (!judged.length) return html`<p class="muted">None of the recipes came to an end.</p>`;
    // The server lets the validation pictures choose; what the test pictures say of it stays honest.
    const first = judged.find((child) => child.classifier_id === chosen) ?? judged[0];
    const rest = judged.filter((child) => child !== first);
    const level = rest.filter((child) => child.interval && first.interval && child.interval[1] >= first.interval[0]).length;
    return html`<div class="job-end good" data-testid="job-end">${icon('check')}<div><strong>${recipeTitle(first.recipe, this.training?.recipes ?? [])} did best: ${percent(Number(first.accuracy))} of the test pictures right</strong>
      <p class="small">${level ? `${count(level, 'other')} ${level === 1 ? 'is' : 'are'} so close that chance may have decided: take the quickest or smallest of them with a good conscience.` : 'The others are clearly behind.'}</p></div></div>`;
  }

  /** @param {Job} job */
  again(job) {
    return job.state === 'done' ? '' : html`<button type="button" class="button" data-testid="train-again" @click=${() => this.emit('train-again', job.id)}>${icon('redo')}Train again</button>`;
  }

  /** The curves and the log. @param {Job} job */
  story(job) {
    const { training } = this;
    const points = pointsOf(training?.curvesOf(job.id));
    const events = training?.eventsOf(job.id) ?? [];
    const epochs = epochsOf(events);
    const log = events.filter((e) => e.kind === 'log');
    const active = isActive(job);
    // What learns in one go has no curve to wait for.
    const epochal = training?.recipes.find((r) => r.name === job.recipe)?.options.some((o) => o.name === 'epochs') ?? true;
    return html`${points.length || (active && epochal) ? html`<st-curves .points=${points} .epochs=${epochs} ?live=${active}></st-curves>` : ''}
      ${log.length ? html`<details class="job-log" data-testid="job-log"><summary>${icon('steps')}<span>What it says</span><span class="small muted">${log.at(-1)?.text ?? ''}</span></summary>
        <ol role="list" class="small">${log.map((line) => html`<li class=${line.level ?? ''}><time class="muted nums" datetime=${line.at}>${new Date(line.at).toLocaleTimeString('en-GB')}</time><span>${line.text}</span></li>`)}</ol></details>` : ''}`;
  }
}
customElements.define('st-training-job', TrainingJob);

/**
 * Curves as points, an object an epoch.
 * @param {import('../store/story.js').Curves|undefined} curves
 * @returns {import('./curves.js').Point[]}
 */
export function pointsOf(curves) {
  return (curves?.epoch ?? []).map((epoch, i) => ({ epoch, loss: curves?.loss[i], accuracy: curves?.accuracy[i], val_loss: curves?.val_loss[i], val_accuracy: curves?.val_accuracy[i] }));
}
