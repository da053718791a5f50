import { html } from 'lit';
import { Light, percent } from './element.js';
import { css } from './colours.js';
import { icon } from './icons.js';

/** @param {number|null} ms */
const inMs = (ms) => (ms === null ? '–' : `${Math.round(ms)} ms`);

/**
 * What a calibration round has shown, and a button for each thing that would help.
 * Properties: result (RoundResult), proposal (Proposal or null), actions, classes, map, isUsed (the
 * proposed values are in use). Events: record-more with a class id, teach-nothing, set-control with a
 * patch, choose-binding, use-values, open-teach.
 */
export class ControlResult extends Light {
  static properties = { result: { attribute: false }, proposal: { attribute: false }, actions: { attribute: false }, classes: { attribute: false }, map: { attribute: false }, isUsed: { type: Boolean } };

  constructor() {
    super();
    /** @type {import('../control/round.js').RoundResult|null} */
    this.result = null;
    /** @type {import('../control/propose.js').Proposal|null} */
    this.proposal = null;
    /** @type {{id: string, title: string, icon: string}[]} */
    this.actions = [];
    /** @type {{id: string, label: string, color: string}[]} */
    this.classes = [];
    /** @type {Record<string, string|null>} */
    this.map = {};
    this.isUsed = false;
  }

  render() {
    const { result } = this;
    if (!result) return '';
    const { accuracy, interval, right, asked, median_ms: median, p95_ms: slowest, machine, reaction } = result;
    return html`<div class="calibrated" data-testid="calibration-result" data-accuracy=${accuracy ?? ''} data-median=${median ?? ''}>
      <dl class="figures">
        <div><dt>Right</dt><dd><b class="display nums" data-testid="accuracy">${percent(accuracy ?? 0)}</b><span class="small muted nums">${right} of ${asked}; in the long run ${percent(interval[0])} to ${percent(interval[1])}</span></dd></div>
        <div><dt>From movement to action</dt><dd><b class="display nums" data-testid="median">${inMs(median)}</b><span class="small muted nums">${median === null ? 'No move was right yet.' : html`as a rule; 19 of 20 within ${inMs(slowest)}`}</span></dd></div>
        ${reaction.median_ms === null || reaction.median_ms <= 0 ? '' : html`<div><dt>You needed</dt><dd><b class="display nums">${inMs(reaction.median_ms)}</b><span class="small muted">to begin to move${machine.median_ms === null ? '' : ', the rest is the machine'}</span></dd></div>`}
      </dl>
      ${this.advice()}
      ${this.better()}
      ${this.table()}
    </div>`;
  }

  advice() {
    const { advice } = /** @type {import('../control/round.js').RoundResult} */ (this.result);
    if (!advice.length) return html`<p class="good-news" data-testid="advice-none">${icon('check')}Every action is told apart. Nothing needs mending.</p>`;
    return html`<ul role="list" class="advice" data-testid="advice">${advice.map((item) => html`<li data-kind=${item.kind}>${icon(item.kind === 'slow' || item.kind === 'pictures' ? 'gauge' : 'bulb')}<div><p>${item.text}</p><p class="advice-does">${this.cures(item)}</p></div></li>`)}</ul>`;
  }

  /** @param {import('../control/advice.js').Advice} item */
  cures({ kind, classIds, control }) {
    const label = (/** @type {string} */ id) => this.classes.find((c) => c.id === id)?.label ?? '';
    const cures = [];
    if (control) cures.push(html`<button type="button" class="button small primary" data-testid="use-advice" @click=${() => this.emit('set-control', control)}>${icon('dials')}Use these values</button>`);
    if (kind === 'unbound') cures.push(html`<button type="button" class="button small primary" @click=${() => this.emit('choose-binding')}>${icon('swap')}Choose a class</button>`);
    if (kind === 'pictures') cures.push(html`<button type="button" class="button small" @click=${() => this.emit('open-teach')}>${icon('eye')}Choose other eyes</button>`);
    // Of one that will not rest, it is nothing that has to be shown more.
    const wanted = kind === 'restless' ? classIds.filter((id) => !this.map[id]).slice(0, 1) : kind === 'alike' || kind === 'missed' ? classIds.slice(0, 3) : [];
    if (kind === 'restless' && !wanted.length) cures.push(html`<button type="button" class="button small primary" data-testid="teach-nothing" @click=${() => this.emit('teach-nothing')}>${icon('camera')}Teach nothing</button>`);
    for (const id of wanted) cures.push(html`<button type="button" class="button small" data-testid="record-more" data-id=${id} @click=${() => this.emit('record-more', id)}>${icon('camera')}Record ${label(id)} again</button>`);
    return cures;
  }

  better() {
    const { proposal } = this;
    if (!proposal?.better) return '';
    const { before, after, control } = proposal;
    const gains = {
      right: `${after.right} of ${after.asked} would have been right`,
      calmer: 'it would have flickered less',
      steadier: 'single wrong pictures would do no harm',
      faster: `actions would come ${Math.round(before.delay_ms - after.delay_ms)} ms sooner`,
    };
    const gain = gains[proposal.gain ?? 'steadier'];
    return html`<div class="proposal" data-testid="proposal">${icon('gauge')}<p>With smoothing ${control.smoothing_ms} ms and hold ${control.hold_ms} ms, ${gain}.</p>
      <button type="button" class="button small primary" data-testid="use-values" ?disabled=${this.isUsed} @click=${() => this.emit('use-values')}>${this.isUsed ? html`${icon('check')}In use` : 'Use these values'}</button></div>`;
  }

  table() {
    const { confusion, perAction } = /** @type {import('../control/round.js').RoundResult} */ (this.result);
    const names = [...this.actions, { id: '', title: 'Nothing', icon: '·' }];
    return html`<details class="confusion"><summary>What was taken for what</summary><div class="scroll"><table data-testid="confusion">
      <caption class="visually-hidden">Rows: what was asked for. Columns: what was done.</caption>
      <thead><tr><th scope="col">Asked</th>${names.map(({ title, icon: sign }) => html`<th scope="col"><span class="sign" aria-hidden="true">${sign}</span><span class="small">${title}</span></th>`)}<th scope="col" class="small">Movement to action</th></tr></thead>
      <tbody>${names.map(({ title }, row) => {
        const asked = confusion[row].reduce((a, b) => a + b, 0);
        return html`<tr><th scope="row">${title}</th>${confusion[row].map((n, column) => html`<td class="nums ${n === 0 ? 'zero' : row === column ? 'right' : 'wrong'}" .style=${css({ '--share': String(asked ? n / asked : 0) })}>${n}</td>`)}
          <td class="nums small muted">${names[row].id ? inMs(perAction[row]?.median_ms ?? null) : ''}</td></tr>`;
      })}</tbody></table></div></details>`;
  }
}
customElements.define('st-control-result', ControlResult);
