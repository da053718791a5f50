import { LitElement } from 'lit';

/**
 * A Lit element that renders into the page itself, not into a shadow root: one set of style
 * sheets, and labels and descriptions that may point across components.
 */
export class Light extends LitElement {
  createRenderRoot() {
    return this;
  }

  /**
   * Send a bubbling event.
   * @param {string} name
   * @param {any} [detail]
   */
  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /**
   * First descendant that matches, which must exist.
   * @template {Element} [T=HTMLElement]
   * @param {string} selector
   * @returns {T}
   */
  need(selector) {
    const found = this.querySelector(selector);
    if (!found) throw new Error(`<${this.localName}> has no ${selector}: was it rendered?`);
    return /** @type {any} */ (found);
  }
}

/** @type {HTMLElement|null} */
let announcer = null;

/**
 * Say a sentence to people who listen to the page; the newest one wins.
 * @param {string} text
 */
export function announce(text) {
  if (!announcer) {
    announcer = document.createElement('div');
    announcer.className = 'visually-hidden';
    announcer.setAttribute('role', 'status');
    document.body.append(announcer);
  }
  announcer.textContent = text;
}

/** True if the person asked for little motion. */
export const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

const timesFormat = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' });
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [['year', 31536e6], ['month', 2628e6], ['week', 6048e5], ['day', 864e5], ['hour', 36e5], ['minute', 6e4]];

/**
 * Tell a moment in words: 'just now', '5 minutes ago', 'yesterday'.
 * @param {string|number|Date|null|undefined} moment
 */
export function ago(moment) {
  if (!moment) return '';
  const past = new Date(moment).getTime() - Date.now();
  for (const [unit, ms] of UNITS) {
    if (Math.abs(past) >= ms) return timesFormat.format(Math.round(past / ms), unit);
  }
  return 'just now';
}

/**
 * Count things in English.
 * @param {number} n
 * @param {string} one e.g. 'picture'
 * @param {string} [many]
 */
export const count = (n, one, many = `${one}s`) => `${n.toLocaleString('en-GB')} ${n === 1 ? one : many}`;

/** @param {number} x a share 0..1 */
export const percent = (x) => `${Math.round(x * 100)}%`;

/**
 * An error in words a person can use: our own errors carry a title and a detail.
 * @param {any} error
 */
export function inWords(error) {
  if (!error) return '';
  const { title, detail, message } = error;
  if (detail) return title && !detail.startsWith(title) ? `${title}. ${detail}` : detail;
  return title || message || String(error);
}
