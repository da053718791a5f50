import { html } from 'lit';
import { Light, announce, percent } from './element.js';
import { tint } from './colours.js';
import './bars.js';

/** How many of the voting examples are shown, and how often they change (ms). */
const VOTERS = 6;
const VOTERS_EVERY = 260;
/** Numbers change only this often (ms), to stay legible. */
const TEXT_EVERY = 160;
/** A winner is said aloud when it has stood for so long (ms). */
const STEADY = 1200;
const NOBODY = { id: 'none', label: 'None of these', color: '#7d7168' };

/**
 * What it says: the winner in large letters, a bar for each class, the examples that voted.
 * `show` is called for every frame and writes to the page directly.
 * Properties: classes, cache, speak (say steady winners aloud), idle (text while there is no answer).
 * Event: view-sample with the id of an example.
 */
export class Answer extends Light {
  static properties = { classes: { attribute: false }, cache: { attribute: false }, speak: { type: Boolean }, idle: { attribute: false } };

  constructor() {
    super();
    /** @type {{id: string, label: string, color: string}[]} */
    this.classes = [];
    /** @type {import('./picture.js').PictureCache|null} */
    this.cache = null;
    this.speak = false;
    this.idle = '';
    /** @type {typeof NOBODY|null} */
    this.winner = null;
    this.votersAt = -1e9;
    this.textAt = -1e9;
    this.steadySince = 0;
    this.said = '';
  }

  render() {
    return html`<div class="bubble" data-testid="bubble">
        <p class="says"><span class="winner display" data-testid="winner"></span><span class="winner-share nums"></span></p>
        <div class="idle muted" ?hidden=${!this.idle}>${this.idle}</div>
      </div>
      <st-bars .classes=${this.classes}></st-bars>
      <div class="voters" hidden>
        <h3 class="small muted">Because it looks like</h3>
        <ul role="list">${Array.from({ length: VOTERS }, () => html`<li hidden><button type="button"><img alt="" width="224" height="224" decoding="async"><span class="nums small"></span></button></li>`)}</ul>
      </div>`;
  }

  firstUpdated() {
    this.bars = /** @type {import('./bars.js').Bars} */ (this.need('st-bars'));
    this.bubble = this.need('.bubble');
    this.nameElement = this.need('.winner');
    this.shareElement = this.need('.winner-share');
    this.voterList = this.need('.voters');
    this.voters = [...this.querySelectorAll('.voters li')].map((li) => ({
      li: /** @type {HTMLElement} */ (li), id: '', text: '',
      button: /** @type {HTMLElement} */ (li.querySelector('button')),
      img: /** @type {HTMLImageElement} */ (li.querySelector('img')),
      share: /** @type {HTMLElement} */ (li.querySelector('span')),
    }));
    for (const voter of this.voters) voter.button.addEventListener('click', () => this.emit('view-sample', voter.id));
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    // A renamed or recoloured class must show at once, also while nothing moves.
    if (changed.has('classes') && this.winner) {
      const now = this.classes.find((c) => c.id === this.winner?.id);
      if (now) this.setWinner(now);
      else if (this.winner !== NOBODY && this.winner.id !== 'value') this.clear();
    }
  }

  /**
   * Show an answer.
   * @param {Float32Array} shares of each class in order, then of 'None of these'
   * @param {{neighbours: {id: string, classId: string, similarity: number, weight: number}[]}} result
   * @param {number} now ms
   */
  show(shares, result, now) {
    const { bars, classes } = this;
    if (!bars || shares.length !== classes.length + 1) return;
    bars.show(shares, now);
    const none = shares[classes.length];
    let best = 0;
    for (let i = 1; i < classes.length; i++) if (shares[i] > shares[best]) best = i;
    const winner = none >= 0.5 ? NOBODY : classes[best];
    if (winner !== this.winner) {
      this.setWinner(winner);
      this.steadySince = now;
      this.textAt = -1e9;
    }
    if (now - this.textAt > TEXT_EVERY) {
      this.textAt = now;
      const text = percent(winner === NOBODY ? none : shares[best]);
      if (this.shareElement && this.shareElement.textContent !== text) this.shareElement.textContent = text;
    }
    if (now - this.votersAt > VOTERS_EVERY) {
      this.votersAt = now;
      this.showVoters(result.neighbours);
    }
    if (this.speak && winner.label !== this.said && now - this.steadySince > STEADY) {
      this.said = winner.label;
      announce(winner.label);
    }
  }

  /**
   * Show the value that a regression gives; no class has a share in it.
   * @param {number} value @param {number} now ms
   */
  showValue(value, now) {
    if (now - this.textAt < TEXT_EVERY) return;
    if (this.winner?.id !== 'value') this.clear();
    this.textAt = now;
    this.setWinner({ id: 'value', label: value.toLocaleString('en-GB', { maximumFractionDigits: 2 }), color: NOBODY.color });
  }

  /** @param {{id: string, label: string, color: string}} winner */
  setWinner(winner) {
    this.winner = winner;
    const { bubble, nameElement } = this;
    if (!bubble || !nameElement) return;
    nameElement.textContent = winner.label;
    bubble.style.cssText = tint(winner);
    bubble.dataset.winner = winner.id;
    bubble.classList.toggle('nobody', winner === NOBODY);
    bubble.classList.add('speaking');
  }

  /** @param {{id: string, classId: string, weight: number}[]} neighbours */
  showVoters(neighbours) {
    const { voters, cache, voterList } = this;
    if (!voters || !cache || !voterList) return;
    voterList.hidden = !neighbours.length;
    // Only what changed is written: most frames have the same neighbours in the same order.
    voters.forEach((voter, i) => {
      const neighbour = neighbours[i];
      const share = neighbour ? percent(neighbour.weight) : '';
      const show = !!neighbour && neighbour.weight >= 0.005;
      if (voter.li.hidden === show) voter.li.hidden = !show;
      if (!neighbour || !show) return;
      const owner = this.classes.find((c) => c.id === neighbour.classId);
      const text = `${owner?.label ?? ''} ${share}`;
      if (voter.text !== text) {
        voter.text = text;
        voter.share.textContent = share;
        voter.button.setAttribute('aria-label', `Example of ${owner?.label ?? 'a class'}, ${share} of the votes`);
        voter.li.style.setProperty('--class', owner?.color ?? 'var(--none)');
      }
      if (voter.id === neighbour.id) return;
      voter.id = neighbour.id;
      cache.url(neighbour.id).then((url) => {
        if (voter.id === neighbour.id) voter.img.src = url;
      }, () => {});
    });
  }

  /** Say nothing: there is no answer. */
  clear() {
    this.winner = null;
    this.said = '';
    if (!this.bars || !this.bubble || !this.nameElement || !this.shareElement || !this.voterList) return;
    this.bars.clear();
    this.nameElement.textContent = '';
    this.shareElement.textContent = '';
    this.voterList.hidden = true;
    this.bubble.classList.remove('speaking', 'nobody');
    delete this.bubble.dataset.winner;
  }
}
customElements.define('st-answer', Answer);
