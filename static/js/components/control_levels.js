import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Light, percent } from './element.js';
import { css } from './colours.js';

/**
 * How strong each action is, picture by picture, with the thresholds at which it begins and ends, and
 * the action that is on. Drawn from `controller` for every frame, without Lit.
 * Properties: actions [{id, title, icon, color}], controller, thresholds by action, delays by action.
 */
export class ControlLevels extends Light {
  static properties = { actions: { attribute: false }, controller: { attribute: false }, thresholds: { attribute: false }, delays: { attribute: false } };

  constructor() {
    super();
    /** @type {{id: string, title: string, icon: string, color: string}[]} */
    this.actions = [];
    /** @type {import('../control/camera.js').CameraController|null} */
    this.controller = null;
    /** @type {Record<string, {on: number, off: number}>} */
    this.thresholds = {};
    /** @type {Record<string, import('../control/decider.js').Delay>} */
    this.delays = {};
    this.frame = 0;
    /** @type {HTMLElement[]} */
    this.rows = [];
    /** What is drawn, so that only what moves is written. @type {number[]} */
    this.drawn = [];
    this.active = '';
  }

  connectedCallback() {
    super.connectedCallback();
    const draw = () => {
      this.frame = requestAnimationFrame(draw);
      this.draw();
    };
    this.frame = requestAnimationFrame(draw);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    cancelAnimationFrame(this.frame);
  }

  render() {
    return html`<ul role="list" class="act-levels" data-testid="levels">${repeat(this.actions, (a) => a.id, ({ id, title, icon, color }) => {
      const { on, off } = this.thresholds[id] ?? { on: 1, off: 1 };
      const delay = this.delays[id]?.total;
      return html`<li class="act-level" data-action=${id} .style=${css({ '--class': color, '--on': String(on), '--off': String(off) })}>
        <span class="sign" aria-hidden="true">${icon}</span><span class="level-name">${title}</span>
        <span class="level-bar" role="img" aria-label=${`${title} begins at ${percent(on)} and ends below ${percent(off)}`}><span class="level-fill"></span><span class="cut off"></span><span class="cut on"></span></span>
        <span class="level-delay small muted nums" title="What smoothing and hold cost">${delay === undefined ? '' : Number.isFinite(delay) ? `+${Math.round(delay)} ms` : 'never'}</span>
      </li>`;
    })}</ul>`;
  }

  updated() {
    this.rows = [...this.querySelectorAll('.act-level')].map((row) => /** @type {HTMLElement} */ (row));
    this.drawn = this.rows.map(() => -1);
    this.active = '';
  }

  draw() {
    const { controller, rows, drawn } = this;
    if (!controller) return;
    const { levels, active } = controller;
    for (let i = 0; i < rows.length; i++) {
      const level = Math.round((levels[i] ?? 0) * 200) / 200;
      if (level !== drawn[i]) rows[i].style.setProperty('--level', String(level));
      drawn[i] = level;
    }
    if ((active ?? '') === this.active) return;
    this.active = active ?? '';
    for (const row of rows) row.classList.toggle('active', row.dataset.action === active);
    this.emit('decided', active);
  }
}
customElements.define('st-control-levels', ControlLevels);
