import { html } from 'lit';
import { Light, count } from './element.js';
import { icon } from './icons.js';
import './matrix.js';
import './training_button.js';

/** A hint's mark by its severity. @type {Record<string, string>} */
const MARKS = { warning: 'warning', advice: 'eye', info: 'eye' };
/** What a hint's button says, by kind; the rest shows the pictures or the class. @type {Record<string, string>} */
const FIXES = { few: 'Record more', alone: 'Record more', unbalanced: 'Record more' };
const HINTS_SHOWN = 4;

/**
 * How good it is: leave-one-out accuracy in words, the confusion matrix, hints.
 * Properties: classes, evaluation, hints, training. Events: view-cell; fix-hint with the hint.
 *
 * @typedef {{kind: string, severity: string, text: string, classIds: string[], sampleIds: string[]}} Hint
 */
export class QualityPanel extends Light {
  static properties = { classes: { attribute: false }, evaluation: { attribute: false }, hints: { attribute: false }, training: { attribute: false }, all: { state: true } };

  constructor() {
    super();
    /** @type {{id: string, label: string, color: string}[]} */
    this.classes = [];
    /** @type {any} */
    this.evaluation = null;
    /** @type {Hint[]} */
    this.hints = [];
    /** @type {import('../pages/training_view.js').TrainingView|null} */
    this.training = null;
    this.all = false;
  }

  render() {
    const e = this.evaluation;
    const measured = e && e.accuracy !== null && e.n > 0;
    const hints = this.all ? this.hints : this.hints.slice(0, HINTS_SHOWN);
    return html`
      <header class="panel-head"><h2 id="quality-title">How good is it?</h2>
        <span class="spacer"></span>${e && !e.complete ? html`<span class="small muted nums">checking ${Math.round(e.progress * 100)}%</span>` : ''}
        ${this.training ? html`<st-train-button .training=${this.training}></st-train-button>` : ''}</header>
      <div class="quality-body">
        <div class="verdict">${measured ? this.verdict(e) : html`<p class="muted">Once two classes have pictures, each picture is taken out in turn and asked about, as if it had never been seen. The score appears here by itself.</p>`}</div>
        ${measured ? html`<st-matrix .classes=${this.classes} .evaluation=${e}></st-matrix>` : ''}
        ${hints.length ? html`<div class="hints"><h3>What would help</h3><ul role="list">
          ${hints.map((hint) => html`<li class="hint ${hint.severity}" data-testid="hint" data-kind=${hint.kind}>${icon(MARKS[hint.severity] ?? 'eye')}<span>${hint.text}</span>
            ${this.fix(hint) ? html`<button type="button" class="button small" data-testid="hint-fix" @click=${() => this.emit('fix-hint', hint)}>${this.fix(hint)}</button>` : ''}</li>`)}
        </ul>${this.hints.length > HINTS_SHOWN ? html`<button type="button" class="link small" @click=${() => { this.all = !this.all; }}>${this.all ? 'Fewer hints' : `All ${this.hints.length} hints`}</button>` : ''}</div>` : measured ? this.praise(e) : ''}
      </div>`;
  }

  /** @param {any} e an Evaluation that gives no reason for a hint */
  praise(e) {
    return html`<div class="hints" data-testid="no-hints"><h3>${e.complete ? 'Nothing stands out' : 'So far nothing stands out'}</h3>
      <p class="muted">It tells these pictures apart well. What it has never seen can still surprise it: a few more from other sides, in other light and before another background make it surer.</p></div>`;
  }

  /** @param {any} e an Evaluation */
  verdict(e) {
    const [low, high] = e.ci.map((/** @type {number} */ x) => Math.round(x * 100));
    const share = Math.round(e.accuracy * 100);
    const words = low === high ? `${share}` : `between ${low} and ${high}`;
    return html`<p class="score display nums" data-testid="accuracy" data-accuracy=${e.accuracy.toFixed(4)}>${share}%</p>
      <p>Right for <strong class="nums">${e.correct} of ${count(e.n, 'picture')}</strong> that were taken out and asked about as if new.
      ${e.n < 400 ? html`<span class="muted">With so many pictures the true score is most likely ${words}%.</span>` : html`<span class="muted">The true score is most likely ${words}%.</span>`}</p>`;
  }

  /** @param {Hint} hint */
  fix(hint) {
    return FIXES[hint.kind] ?? (hint.sampleIds?.length ? 'Show pictures' : hint.classIds?.length ? 'Go there' : '');
  }
}
customElements.define('st-quality', QualityPanel);
