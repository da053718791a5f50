import { html } from 'lit';
import { Light, count } from './element.js';
import { css, tint } from './colours.js';

/**
 * The confusion matrix: rows taught, columns answered. Arrow keys walk the cells, Enter opens one.
 * Properties: classes, evaluation. Event: view-cell with {taught, answered} (class ids).
 */
export class Matrix extends Light {
  static properties = { classes: { attribute: false }, evaluation: { attribute: false }, cell: { state: true } };

  constructor() {
    super();
    /** @type {{id: string, label: string, color: string}[]} */
    this.classes = [];
    /** @type {any} */
    this.evaluation = null;
    /** @type {[number, number]} the cell that Tab reaches */
    this.cell = [0, 0];
  }

  render() {
    const { evaluation } = this;
    if (!evaluation) return '';
    const known = new Map(this.classes.map((c) => [c.id, c]));
    /** @type {string[]} */
    const ids = evaluation.classes;
    const n = ids.length;
    const shown = ids.map((id, i) => ({ id, i, item: known.get(id) })).filter((c) => c.item && this.rowSum(c.i) + this.columnSum(c.i) > 0);
    const head = (/** @type {any} */ c, /** @type {string} */ scope) => html`<th scope=${scope} .style=${tint(c.item)} title=${c.item.label}><span class="swatch"></span><span class="head-name">${c.item.label}</span></th>`;
    return html`<div class="matrix-scroll"><table class="matrix" data-testid="matrix" @keydown=${(/** @type {KeyboardEvent} */ e) => this.onKey(e, shown.length)}>
      <caption class="small muted">Each row is a class you taught; read across for what was answered.</caption>
      <thead><tr><td class="corner small muted">taught ↓ &ensp; said →</td>${shown.map((c) => head(c, 'col'))}</tr></thead>
      <tbody>${shown.map((row, r) => html`<tr>${head(row, 'row')}${shown.map((column, c) => {
        const value = evaluation.confusion[row.i * n + column.i];
        const share = value / (this.rowSum(row.i) || 1);
        const right = row.i === column.i;
        const label = `${row.item?.label} taken for ${column.item?.label}: ${count(value, 'picture')}`;
        return html`<td><button type="button" class="cell nums ${right ? 'right' : value ? 'wrong' : 'zero'}" data-testid="cell" data-row=${row.item?.label ?? ''} data-column=${column.item?.label ?? ''}
          data-r=${r} data-c=${c} tabindex=${r === this.cell[0] && c === this.cell[1] ? 0 : -1} aria-label=${right ? `${row.item?.label} told right: ${count(value, 'picture')}` : label} title=${label}
          .style=${css({ '--class': right ? (row.item?.color ?? '') : 'var(--bad)', '--share': `${Math.round(12 + 48 * share)}%` })}
          @focus=${() => { this.cell = [r, c]; }} @click=${() => this.emit('view-cell', { taught: row.id, answered: column.id })}>${value}</button></td>`;
      })}</tr>`)}</tbody>
    </table></div>`;
  }

  /** @param {number} i */
  rowSum(i) {
    const { classes, confusion } = this.evaluation;
    let sum = 0;
    for (let c = 0; c < classes.length; c++) sum += confusion[i * classes.length + c];
    return sum;
  }

  /** @param {number} i */
  columnSum(i) {
    const { classes, confusion } = this.evaluation;
    let sum = 0;
    for (let r = 0; r < classes.length; r++) sum += confusion[r * classes.length + i];
    return sum;
  }

  /** @param {KeyboardEvent} event @param {number} n */
  onKey(event, n) {
    const [r, c] = this.cell;
    const to = /** @type {Record<string, [number, number]>} */ ({
      ArrowRight: [r, c + 1], ArrowLeft: [r, c - 1], ArrowDown: [r + 1, c], ArrowUp: [r - 1, c], Home: [r, 0], End: [r, n - 1],
    })[event.key];
    if (!to) return;
    event.preventDefault();
    const [row, column] = to.map((x) => Math.max(0, Math.min(n - 1, x)));
    /** @type {HTMLElement|null} */ (this.querySelector(`[data-r="${row}"][data-c="${column}"]`))?.focus();
  }
}
customElements.define('st-matrix', Matrix);
