import { html, svg } from 'lit';
import { live } from 'lit/directives/live.js';
import { Light, percent } from './element.js';

/**
 * @typedef {{epoch: number, loss?: number|null, accuracy?: number|null, val_loss?: number|null, val_accuracy?: number|null}} Point
 * @typedef {{title: string, train: 'loss'|'accuracy', held: 'val_loss'|'val_accuracy', text: (x: number) => string, tick: (x: number) => string, top: (most: number) => number}} Chart
 */
const HEIGHT = 220;
const EDGE = { top: 12, right: 14, bottom: 26, left: 40 };

/** @param {number} x */
const lossText = (x) => (x < 0.1 ? x.toFixed(3) : x.toFixed(2));

/** A number at or above whose quarters are round. @param {number} most */
function roundUp(most) {
  const unit = 10 ** Math.floor(Math.log10(Math.max(most, 1e-6)));
  return unit * /** @type {number} */ ([1, 1.2, 1.6, 2, 3, 4, 6, 8, 10].find((n) => n * unit >= most - 1e-12));
}

/**
 * The largest value that a chart must show: the wild first epochs of a network may leave it at the
 * top, or all that follows would be a flat line.
 * @param {number[]} values
 */
function usual(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const most = sorted[sorted.length - 1];
  const high = sorted[Math.floor(0.85 * (sorted.length - 1))];
  return most > 3 * high ? 1.5 * high : most;
}

/** @type {Chart[]} */
const CHARTS = [
  { title: 'Accuracy', train: 'accuracy', held: 'val_accuracy', text: percent, tick: percent, top: () => 1 },
  { title: 'Loss', train: 'loss', held: 'val_loss', text: lossText, tick: (x) => String(Number(x.toPrecision(3))), top: roundUp },
];

/**
 * Learning curves: accuracy and loss by epoch, of the pictures it learns from and of those it is
 * steered by. A slider under them, reached by Tab and moved by arrows or the mouse, reads them out.
 * Properties: points, epochs (how many there will be), live (more are coming).
 */
export class Curves extends Light {
  static properties = { points: { attribute: false }, epochs: { type: Number }, live: { type: Boolean }, width: { state: true }, at: { state: true } };

  constructor() {
    super();
    /** @type {Point[]} */
    this.points = [];
    this.epochs = 0;
    this.live = false;
    this.width = 0;
    /** Index of the point that is read out; null: the newest. @type {number|null} */
    this.at = null;
    this.observer = new ResizeObserver(() => { this.width = Math.round(this.querySelector('.curve')?.clientWidth ?? 0); });
  }

  connectedCallback() {
    super.connectedCallback();
    this.observer.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.observer.disconnect();
  }

  render() {
    const { points } = this;
    if (!points.length) return html`<p class="muted small curves-empty">${this.live ? 'The curves begin with the first epoch.' : 'This recipe learns in one go: there are no epochs to draw.'}</p>`;
    const at = Math.min(this.at ?? points.length - 1, points.length - 1);
    const held = points.some((p) => p.val_loss != null || p.val_accuracy != null);
    return html`<figure class="curves" data-testid="curves" data-epochs=${points.length} data-epoch=${points.at(-1)?.epoch ?? 0}>
      <figcaption class="curves-legend small">
        <span class="key"><svg width="26" height="8" aria-hidden="true"><line class="line train" x1="1" y1="4" x2="25" y2="4"/></svg>pictures it learns from</span>
        ${held ? html`<span class="key"><svg width="26" height="8" aria-hidden="true"><line class="line held" x1="1" y1="4" x2="25" y2="4"/></svg>validation pictures, not learned from</span>` : ''}
      </figcaption>
      <div class="curve-pair">${CHARTS.map((chart) => this.chart(chart, at))}</div>
      <label class="curves-reader small nums"><span class="visually-hidden">Epoch to read out</span>
        <input type="range" min="0" max=${points.length - 1} step="1" .value=${live(String(at))} ?disabled=${points.length < 2} aria-valuetext=${this.readout(at)} data-testid="curves-reader" @input=${(/** @type {any} */ e) => { this.at = Number(e.target.value); }} @blur=${() => { this.at = null; }}>
        <output class="curves-readout">Epoch <b>${points[at].epoch}</b>${this.epochs ? ` of ${this.epochs}` : ''}</output></label>
      <p class="visually-hidden">${this.summary()}</p>
    </figure>`;
  }

  /** @param {Chart} chart @param {number} at */
  chart(chart, at) {
    const { points, width } = this;
    const { title, train, held, text, tick } = chart;
    const values = points.flatMap((p) => [p[train], p[held]]).filter((x) => x != null && Number.isFinite(x));
    const point = points[at];
    const numbers = [[train, 'train'], [held, 'held']].map(([name, kind]) => {
      const value = point[/** @type {keyof Point} */ (name)];
      return value == null ? '' : html`<b class=${`value ${kind}`}>${text(value)}</b>`;
    });
    const head = html`<div class="curve-head"><h4>${title}</h4><span class="curve-values small nums">${numbers}</span></div>`;
    if (!values.length) return html`<div class="curve">${head}<p class="small muted">Not told by this recipe.</p></div>`;
    const top = chart.top(usual(/** @type {number[]} */ (values)));
    const last = Math.max(this.epochs, points.at(-1)?.epoch ?? 1, 2);
    const w = Math.max(160, width || 320);
    const x = (/** @type {number} */ epoch) => EDGE.left + ((epoch - 1) / (last - 1)) * (w - EDGE.left - EDGE.right);
    const y = (/** @type {number} */ value) => EDGE.top + (1 - value / top) * (HEIGHT - EDGE.top - EDGE.bottom);
    const drawn = (/** @type {keyof Point} */ name) => points.filter((p) => p[name] != null).map((p) => [x(p.epoch), y(Number(p[name]))]);
    return html`<div class="curve">${head}
      <svg viewBox="0 0 ${w} ${HEIGHT}" height=${HEIGHT} role="img" aria-label=${`${title} by epoch`} @pointermove=${(/** @type {PointerEvent} */ e) => this.point(e, x)} @pointerleave=${() => { this.at = null; }}>
        ${[0, 0.25, 0.5, 0.75, 1].map((share) => svg`<line class="gridline" x1=${EDGE.left} x2=${w - EDGE.right} y1=${y(top * share)} y2=${y(top * share)}/>
          <text class="tick" x=${EDGE.left - 7} y=${y(top * share) + 4} text-anchor="end">${tick(top * share)}</text>`)}
        ${this.ticks(last, w).map((epoch) => svg`<text class="tick" x=${x(epoch)} y=${HEIGHT - 7} text-anchor="middle">${epoch}</text>`)}
        ${this.at === null ? '' : svg`<line class="cursor" x1=${x(point.epoch)} x2=${x(point.epoch)} y1=${EDGE.top} y2=${HEIGHT - EDGE.bottom}/>`}
        <svg x="0" y=${EDGE.top - 3} width=${w} height=${HEIGHT - EDGE.top} viewBox="0 ${EDGE.top - 3} ${w} ${HEIGHT - EDGE.top}" overflow="hidden">${this.line(drawn(train), 'train')}${this.line(drawn(held), 'held')}</svg>
        ${point[train] == null || Number(point[train]) > top ? '' : svg`<circle class="dot train" cx=${x(point.epoch)} cy=${y(Number(point[train]))} r="4.5"/>`}
        ${point[held] == null || Number(point[held]) > top ? '' : svg`<circle class="dot held" cx=${x(point.epoch)} cy=${y(Number(point[held]))} r="4.5"/>`}
      </svg></div>`;
  }

  /** @param {number[][]} drawn @param {string} kind */
  line(drawn, kind) {
    return drawn.length > 1 ? svg`<polyline class=${`line ${kind}`} points=${drawn.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(' ')}/>` : '';
  }

  /** Epochs that are written under the axis: round ones, as many as there is room for. @param {number} last @param {number} w */
  ticks(last, w) {
    const step = /** @type {number} */ ([1, 2, 5, 10, 20, 25, 50, 100, 200, 500].find((n) => last / n <= w / 55) ?? last);
    const round = Array.from({ length: Math.floor(last / step) }, (_, i) => (i + 1) * step);
    return round[0] === 1 ? round : [1, ...round];
  }

  /** @param {PointerEvent} event @param {(epoch: number) => number} x */
  point(event, x) {
    const left = event.clientX - /** @type {Element} */ (event.currentTarget).getBoundingClientRect().left;
    let best = 0;
    this.points.forEach((p, i) => {
      if (Math.abs(x(p.epoch) - left) < Math.abs(x(this.points[best].epoch) - left)) best = i;
    });
    this.at = best;
  }

  /** @param {number} at */
  readout(at) {
    const p = this.points[at];
    const say = (/** @type {string} */ what, /** @type {number|null|undefined} */ value, /** @type {(x: number) => string} */ text) => (value == null ? '' : `, ${what} ${text(value)}`);
    return `Epoch ${p.epoch}${say('accuracy', p.accuracy, percent)}${say('validation accuracy', p.val_accuracy, percent)}${say('loss', p.loss, lossText)}${say('validation loss', p.val_loss, lossText)}`;
  }

  /** The curves in two sentences, for those who hear the page. */
  summary() {
    const { points } = this;
    const best = points.reduce((a, b) => ((b.val_loss ?? Infinity) < (a.val_loss ?? Infinity) ? b : a));
    return `${this.readout(0)}. ${this.readout(points.length - 1)}.${best.val_loss == null ? '' : ` The validation loss was lowest after epoch ${best.epoch}.`}`;
  }
}
customElements.define('st-curves', Curves);
