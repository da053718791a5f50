import { html } from 'lit';
import { Light, percent } from './element.js';
import { tint } from './colours.js';
import { icon } from './icons.js';
import './bars.js';
import { clock, trainedTitle } from './training_words.js';

/** Words change only this often (ms), to stay legible. */
const TEXT_EVERY = 160;

/**
 * Which one answers, with a way back, and a word when the classes have changed since it was trained.
 * Property: training (a TrainingView). Events: use-classifier with null, compare, retrain, open-trainings.
 */
export class Answerers extends Light {
  static properties = { training: { attribute: false } };

  constructor() {
    super();
    /** @type {import('../pages/training_view.js').TrainingView|null} */
    this.training = null;
  }

  render() {
    const { training } = this;
    if (!training || !(training.inUse || training.classifiers.length || training.changingTo)) return '';
    const { used, comparing, stale } = training;
    return html`<div class="answerer" data-testid="answerer" data-id=${training.inUse ?? ''}>
      <p class="answerer-name small"><span class="muted">Answers:</span> <button type="button" class="link strong" aria-haspopup="dialog" @click=${() => this.emit('open-trainings')}>${training.changingTo ? 'One moment …' : used ? trainedTitle(used, training.recipes) : 'Quick learner'}</button>${used ? html`<span class="muted">, trained ${clock(used.created_at)}</span>` : ''}</p>
      ${used ? html`<span class="answerer-acts"><button type="button" class="button small" aria-pressed=${comparing} data-testid="toggle-compare" @click=${() => this.emit('compare', !comparing)}>${icon('swap')}Compare</button>
        <button type="button" class="button small" data-testid="use-knn" title="Back to the quick learner, which learns while you teach" @click=${() => this.emit('use-classifier', null)}>${icon('undo')}Quick learner</button></span>` : ''}
      ${used && stale ? html`<p class="answerer-stale small" role="status" data-testid="stale">${icon('warning')}<span>${stale}</span><button type="button" class="button small" data-testid="retrain" @click=${() => this.emit('retrain')}>Train again</button></p>` : ''}
    </div>`;
  }
}
customElements.define('st-answerers', Answerers);

/**
 * Two that answer, side by side on what the camera sees, and how often they say the same. `show` is
 * called for every frame and writes to the page directly.
 * Property: classes. Event: compare with false.
 */
export class Compare extends Light {
  static properties = { classes: { attribute: false } };

  constructor() {
    super();
    /** @type {{id: string, label: string, color: string}[]} */
    this.classes = [];
    this.textAt = -1e9;
  }

  render() {
    const side = (/** @type {string} */ which) => html`<div class="side" data-testid=${`compare-${which}`}>
      <h3 class="small muted"></h3><p class="side-says"><span class="display"></span><b class="nums"></b></p><st-bars .classes=${this.classes}></st-bars></div>`;
    return html`<section class="compare" aria-label="Two classifiers side by side" data-testid="compare">
      <div class="sides">${side('used')}${side('other')}</div>
      <div class="agreement"><progress max="1" value="0" aria-label="How often both said the same"></progress><span class="small nums" data-testid="agreement">Nothing seen yet</span>
        <button type="button" class="button small ghost" @click=${() => this.emit('compare', false)}>${icon('close')}End</button></div>
    </section>`;
  }

  /** Whoever began it in the trainings is further down the page. */
  async firstUpdated() {
    await Promise.all([...this.querySelectorAll('st-bars')].map((bars) => /** @type {Light} */ (bars).updateComplete));
    this.scrollIntoView({ block: 'nearest' });
  }

  /** @param {import('../pages/training_view.js').Comparison} comparison */
  show(comparison) {
    const { used, other, same, agreed, looked, now } = comparison;
    const words = now - this.textAt >= TEXT_EVERY;
    if (words) this.textAt = now;
    [used, other].forEach((answerer, i) => this.side(i, answerer, now, words));
    if (!words) return;
    this.need('.compare').classList.toggle('differ', same === false);
    /** @type {HTMLProgressElement} */ (this.need('progress')).value = looked ? agreed / looked : 0;
    this.need('.agreement span').textContent = looked ? `The same answer in ${agreed.toLocaleString('en-GB')} of ${looked.toLocaleString('en-GB')} frames (${percent(agreed / looked)})` : 'Nothing seen yet';
  }

  /** @param {number} i @param {import('../pages/training_view.js').Answerer} answerer @param {number} now @param {boolean} words */
  side(i, { name, shares, value, winner }, now, words) {
    const side = /** @type {HTMLElement} */ (this.querySelectorAll('.side')[i]);
    const bars = /** @type {import('./bars.js').Bars|null} */ (side?.querySelector('st-bars'));
    if (!side || !bars) return;
    if (shares) bars.show(shares, now);
    else bars.clear();
    if (!words) return;
    const at = this.classes.findIndex((c) => c.id === winner);
    const says = shares ? this.classes[at]?.label ?? 'None of these' : value === null ? '–' : value.toFixed(2);
    /** @type {[string, string][]} */
    const texts = [['h3', name], ['.display', says], ['b', shares ? percent(shares[at < 0 ? shares.length - 1 : at]) : '']];
    for (const [selector, text] of texts) {
      const element = /** @type {Element} */ (side.querySelector(selector));
      if (element.textContent !== text) element.textContent = text;
    }
    side.style.cssText = tint({ color: this.classes[at]?.color ?? '#7d7168' });
  }
}
customElements.define('st-compare', Compare);
