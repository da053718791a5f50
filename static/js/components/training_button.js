import { html, svg } from 'lit';
import { Light, percent } from './element.js';
import { icon } from './icons.js';
import { isActive, recipeTitle, stateText } from './training_words.js';

const AROUND = 2 * Math.PI * 8;

/**
 * The button that opens the trainings; while one runs, a ring around its mark fills up.
 * Property: training (a TrainingView). Event: open-trainings.
 */
export class TrainButton extends Light {
  static properties = { training: { attribute: false } };

  constructor() {
    super();
    /** @type {import('../pages/training_view.js').TrainingView|null} */
    this.training = null;
  }

  render() {
    const { training } = this;
    const running = training?.jobs.find((job) => (job.kind === 'training' || job.kind === 'all') && isActive(job));
    const done = training?.classifiers.length ?? 0;
    const text = running ? `${running.state === 'queued' ? 'Waiting' : 'Training'} ${percent(running.fraction)}` : 'Train it properly';
    const label = running ? `${text}: ${recipeTitle(running.kind === 'all' ? 'all' : running.recipe, training?.recipes ?? [])}, ${stateText(running)}. Open the trainings` : 'Train it properly';
    return html`<button type="button" class="button train-button ${running ? 'running' : ''}" data-testid="open-trainings" data-state=${running?.state ?? 'idle'} aria-haspopup="dialog" aria-label=${label} title=${running ? label : 'On the server, with a judgement by pictures it has never seen'} @click=${() => this.emit('open-trainings')}>
      ${running ? html`<svg class="ring" viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="8"/>${svg`<circle class="done" cx="10" cy="10" r="8" stroke-dasharray=${`${(running.fraction * AROUND).toFixed(1)} 99`}/>`}</svg>` : icon('train')}
      <span class="nums">${running ? text : html`Train<span class="train-long"> it properly</span>`}</span>${!running && done ? html`<span class="train-count nums" aria-hidden="true">${done}</span>` : ''}</button>`;
  }
}
customElements.define('st-train-button', TrainButton);
