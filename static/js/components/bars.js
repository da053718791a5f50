import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Light, percent } from './element.js';
import { css, tint } from './colours.js';

/** Bars move with every frame; their numbers and attributes only this often (ms), to stay legible. */
const TEXT_EVERY = 160;

/**
 * A bar for every class and one for 'None of these'. `show` writes to the bars directly: Lit only
 * renders when the classes change.
 * Property: classes. With `compact` the names are small and only the three best are listed.
 */
export class Bars extends Light {
  static properties = { classes: { attribute: false } };

  constructor() {
    super();
    /** @type {{id: string, label: string, color: string}[]} */
    this.classes = [];
    /** @type {HTMLElement[]} */
    this.fills = [];
    /** @type {HTMLElement[]} */
    this.numbers = [];
    /** @type {HTMLElement[]} */
    this.rows = [];
    /** @type {Float32Array|null} */
    this.latest = null;
    this.written = -1e9;
    this.winner = -2;
  }

  render() {
    return html`<ul class="bars" role="list" aria-label="How sure, for each class">
      ${repeat(this.classes, (c) => c.id, (c) => this.row(c.id, c.label, tint(c)))}
      ${this.row('none', 'None of these', css({ '--class': 'var(--none)' }), true)}
    </ul>`;
  }

  /** @param {string} id @param {string} label @param {string} style */
  row(id, label, style, none = false) {
    return html`<li class="bar ${none ? 'none' : ''}" .style=${style} data-testid="bar" data-label=${label} data-id=${id} data-score="0.000">
      <span class="bar-name">${label}</span><span class="bar-number nums">0%</span>
      <span class="bar-track" aria-hidden="true"><span class="bar-fill"></span></span>
    </li>`;
  }

  updated() {
    this.rows = [...this.querySelectorAll('.bar')].map((e) => /** @type {HTMLElement} */ (e));
    this.fills = this.rows.map((row) => /** @type {HTMLElement} */ (row.querySelector('.bar-fill')));
    this.numbers = this.rows.map((row) => /** @type {HTMLElement} */ (row.querySelector('.bar-number')));
    this.written = -1e9;
    this.winner = -2;
    if (this.latest && this.latest.length === this.rows.length) this.show(this.latest, performance.now());
    else for (const fill of this.fills) fill.style.transform = 'scaleX(0)';
  }

  /**
   * Show one answer.
   * @param {Float32Array} shares one for each class in order, then that of 'None of these'; sum 1
   * @param {number} now ms
   */
  show(shares, now) {
    this.latest = shares;
    if (shares.length !== this.fills.length) return;
    let best = 0;
    for (let i = 0; i < shares.length; i++) {
      this.fills[i].style.transform = `scaleX(${shares[i].toFixed(3)})`;
      if (shares[i] > shares[best]) best = i;
    }
    if (best !== this.winner) {
      this.rows[this.winner]?.classList.remove('best');
      this.rows[best].classList.add('best');
      this.winner = best;
    }
    if (now - this.written < TEXT_EVERY) return;
    this.written = now;
    for (let i = 0; i < shares.length; i++) {
      const text = percent(shares[i]);
      if (this.numbers[i].textContent !== text) {
        this.numbers[i].textContent = text;
        this.rows[i].dataset.score = shares[i].toFixed(3);
      }
    }
  }

  clear() {
    this.latest = null;
    this.rows[this.winner]?.classList.remove('best');
    this.winner = -2;
    for (const fill of this.fills) fill.style.transform = 'scaleX(0)';
    for (const number of this.numbers) number.textContent = '–';
    for (const row of this.rows) row.dataset.score = '0.000';
  }
}
customElements.define('st-bars', Bars);
