import { html, svg } from 'lit';

/** Length of the ring's line, so that a dash of it is a fraction. */
const ROUND = 2 * Math.PI * 44;

/**
 * A ring that fills; `setRing` moves it without Lit.
 * @param {any} [inside]
 */
export const ring = (inside = '') => html`<span class="prompt-ring"><svg viewBox="0 0 100 100" aria-hidden="true">${svg`<circle class="ring-track" cx="50" cy="50" r="44"/><circle class="ring-line" cx="50" cy="50" r="44" stroke-dasharray=${ROUND} stroke-dashoffset=${ROUND}/>`}</svg><span class="ring-inside">${inside}</span></span>`;

/** @param {Element|null} host that has one @param {number} fraction 0..1 */
export function setRing(host, fraction) {
  /** @type {SVGElement|null|undefined} */ (host?.querySelector('.ring-line'))?.style.setProperty('stroke-dashoffset', String(ROUND * (1 - fraction)));
}
