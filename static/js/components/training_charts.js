/** Drawings of a report: a reliability diagram, predicted against true. Plain functions of data. */
import { html, svg } from 'lit';
import { percent } from './element.js';

const SIDE = 280;
const EDGE = { left: 56, right: 20, top: 10, bottom: 36 };
const IN = SIDE - EDGE.left - EDGE.right;
const DOWN = SIDE - EDGE.top - EDGE.bottom;

/**
 * The square, its grid and the words along its sides.
 * @param {{label: string, x: string, y: string, ticks: {at: number, text: string}[]}} axes ticks 0..1
 * @param {any} inside
 */
const square = ({ label, x, y, ticks }, inside) => html`<svg class="square-chart" viewBox="0 0 ${SIDE} ${SIDE}" role="img" aria-label=${label}>
  ${ticks.map(({ at, text }) => svg`<line class="gridline" x1=${EDGE.left} x2=${SIDE - EDGE.right} y1=${down(at)} y2=${down(at)}/>
    <text class="tick" x=${EDGE.left - 6} y=${down(at) + 4} text-anchor="end">${text}</text>
    <text class="tick" x=${across(at)} y=${SIDE - EDGE.bottom + 15} text-anchor="middle">${text}</text>`)}
  <line class="diagonal" x1=${across(0)} y1=${down(0)} x2=${across(1)} y2=${down(1)}/>
  ${inside}
  <text class="axis" x=${EDGE.left + IN / 2} y=${SIDE - 4} text-anchor="middle">${x}</text>
  <text class="axis" transform="translate(12 ${EDGE.top + DOWN / 2}) rotate(-90)" text-anchor="middle">${y}</text>
</svg>`;

/** @param {number} share */
const across = (share) => EDGE.left + share * IN;
/** @param {number} share */
const down = (share) => EDGE.top + (1 - share) * DOWN;

/**
 * How often it is right by how sure it says it is; the diagonal is a machine that knows itself. A
 * dot stands for pictures of which it was about as sure, a large one for many of them.
 * @param {{low: number, high: number, n: number, confidence: number|null, accuracy: number|null}[]} bins
 */
export function reliability(bins) {
  const filled = bins.filter((b) => b.n > 0 && b.accuracy !== null && b.confidence !== null).map((b) => ({ n: b.n, sure: Number(b.confidence), right: Number(b.accuracy) }));
  const most = Math.max(1, ...filled.map((b) => b.n));
  // Where it is never unsure, the lower half of the square would be empty.
  const least = Math.min(1, ...filled.flatMap((b) => [b.sure, b.right]));
  const [low, step] = least >= 0.8 ? [0.8, 0.05] : least >= 0.5 ? [0.5, 0.1] : [0, 0.25];
  const at = (/** @type {number} */ share) => (share - low) / (1 - low);
  const ticks = Array.from({ length: Math.round((1 - low) / step) + 1 }, (_, i) => ({ at: at(low + i * step), text: percent(low + i * step) }));
  const told = filled.map((b) => `says ${percent(b.sure)}, right ${percent(b.right)} of ${b.n}`).join('; ');
  return square({ label: `Reliability: ${told}`, x: 'how sure it says it is', y: 'how often it is right', ticks }, [
    ...filled.map((b) => svg`<line class="reliability-gap" x1=${across(at(b.sure))} x2=${across(at(b.sure))} y1=${down(at(b.sure))} y2=${down(at(b.right))}/>`),
    svg`<polyline class="reliability-line" points=${filled.map((b) => `${across(at(b.sure)).toFixed(1)},${down(at(b.right)).toFixed(1)}`).join(' ')}/>`,
    ...filled.map((b) => svg`<circle class="reliability-dot" cx=${across(at(b.sure))} cy=${down(at(b.right))} r=${(4 + 5 * Math.sqrt(b.n / most)).toFixed(1)}><title>${`Says ${percent(b.sure)}: right ${percent(b.right)} of ${b.n} pictures`}</title></circle>`)]);
}

/** A round number at or above. @param {number} least */
function roundStep(least) {
  const unit = 10 ** Math.floor(Math.log10(least));
  return unit * /** @type {number} */ ([1, 2, 2.5, 5, 10].find((n) => n * unit >= least - 1e-12));
}

/**
 * Predicted against true; on the diagonal it is right.
 * @param {{id: string, truth: number, answer: number}[]} points
 */
export function scatter(points) {
  const values = points.flatMap((p) => [p.truth, p.answer]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low || 1) * 0.05;
  const at = (/** @type {number} */ v) => (v - low + room) / (high - low + 2 * room || 1);
  const step = roundStep((high - low || 1) / 4);
  const first = Math.ceil(low / step);
  const ticks = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => ({ at: at((first + i) * step), text: String(Number(((first + i) * step).toPrecision(6))) }));
  return square({ label: `Predicted against true for ${points.length} pictures`, x: 'true', y: 'predicted', ticks },
    points.map((p) => svg`<circle class="scatter-dot" cx=${across(at(p.truth))} cy=${down(at(p.answer))} r="4"><title>${`true ${p.truth}, predicted ${Number(p.answer.toPrecision(3))}`}</title></circle>`));
}
