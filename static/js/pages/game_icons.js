import { html, svg } from 'lit';
import { icon } from '../components/icons.js';

/** Drawings that only the games need, on the same grid as components/icons.js. @type {Record<string, any>} */
const DRAWINGS = {
  phone: svg`<rect x="7" y="3" width="10" height="18" rx="2.2"/><path d="M11 17.8h2"/>`,
  keys: svg`<rect x="2.5" y="6.5" width="19" height="11.5" rx="2.2"/><path d="M6 10.2h.2M10 10.2h.2M14 10.2h.2M18 10.2h.2M8 14.3h8"/>`,
  touch: svg`<path d="M9.5 13.5V5.8a1.7 1.7 0 0 1 3.4 0v5l4.4.9a2.2 2.2 0 0 1 1.7 2.4l-.5 3.4a4 4 0 0 1-4 3.4h-2a4 4 0 0 1-3.2-1.6L5.6 14.5c-.9-1.3.9-2.7 2-1.6z"/>`,
  gamepad: svg`<path d="M7.5 7.5h9a5 5 0 0 1 5 5l.3 3.6a2.3 2.3 0 0 1-4.2 1.4l-1.4-2H7.8l-1.4 2a2.3 2.3 0 0 1-4.2-1.4l.3-3.6a5 5 0 0 1 5-5z"/><path d="M8 10.3v3M6.5 11.8h3M15.3 10.8h.2M17.3 12.8h.2"/>`,
  bot: svg`<rect x="4.5" y="8.5" width="15" height="11" rx="3"/><path d="M12 8.5V5M9 13v1.5M15 13v1.5"/><circle cx="12" cy="4" r="1.2"/>`,
  sound: svg`<path d="M4 9.5h3.2L12 5.5v13l-4.8-4H4z"/><path d="M15.2 9a4.2 4.2 0 0 1 0 6M17.8 6.5a7.8 7.8 0 0 1 0 11"/>`,
  mute: svg`<path d="M4 9.5h3.2L12 5.5v13l-4.8-4H4z"/><path d="M15.5 9.5l5 5M20.5 9.5l-5 5"/>`,
  music: svg`<path d="M9 17.5V5.5l10-2v12"/><circle cx="6.7" cy="17.5" r="2.3"/><circle cx="16.7" cy="15.5" r="2.3"/>`,
  full: svg`<path d="M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15"/>`,
  small: svg`<path d="M9 4.5V9H4.5M19.5 9H15V4.5M15 19.5V15h4.5M4.5 15H9v4.5"/>`,
  trophy: svg`<path d="M8 4.5h8v5.5a4 4 0 0 1-8 0z"/><path d="M8 6H4.5v1.5A3.5 3.5 0 0 0 8 11M16 6h3.5v1.5A3.5 3.5 0 0 1 16 11M12 14v3M8.5 19.5h7M10 17h4"/>`,
};

/** An icon of ours; it is decoration. @param {string} name */
export const gameIcon = (name) => (DRAWINGS[name]
  ? html`<svg class="icon-svg" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${DRAWINGS[name]}</svg>`
  : icon(name));
