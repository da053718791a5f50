import { html, svg } from 'lit';
import { icon } from './icons.js';

/** Line drawings for outputs, on the same grid as the others. @type {Record<string, any>} */
const DRAWINGS = {
  note: svg`<path d="M9.5 17.5V5.5l9-2v11.5"/><circle cx="7" cy="17.5" r="2.5"/><circle cx="16" cy="15" r="2.5"/>`,
  speech: svg`<path d="M4 5.5h16a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-8.5L7 20.5v-4H4a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1z"/><path d="M7.5 9.5h9M7.5 12.5h5.5"/>`,
  smile: svg`<circle cx="12" cy="12" r="8.8"/><path d="M8.3 14.2a4.4 4.4 0 0 0 7.4 0"/><path d="M9 9.3v.4M15 9.3v.4"/>`,
  text: svg`<path d="M5 8V5h14v3M12 5v14M9 19h6"/>`,
  wave: svg`<path d="M3.5 10.5v3M7 7.5v9M10.5 4.5v15M14 8.5v7M17.5 6.5v11M21 10.5v3"/>`,
  hook: svg`<path d="M14 5.5l1.3-1.3a3.5 3.5 0 0 1 5 5L17 12.5a3.5 3.5 0 0 1-5 0"/><path d="M10 18.5l-1.3 1.3a3.5 3.5 0 0 1-5-5L7 11.500a3.500 3.500 0 0 1 5 0"/>`,
  keys: svg`<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M9 19v-6M15 19v-6M7.500 5v8h3V5M13.500 5v8h3V5"/>`,
  plug: svg`<path d="M9 3v5M15 3v5M6 8h12v3.500a6 6 0 0 1-12 0zM12 17.500V21"/>`,
  loud: svg`<path d="M4 9.500h3.500L12 5.500v13l-4.500-4H4z"/><path d="M15.500 9a4.200 4.200 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11"/>`,
  mute: svg`<path d="M4 9.500h3.500L12 5.500v13l-4.500-4H4z"/><path d="M15.500 9.500l5 5M20.500 9.500l-5 5"/>`,
  screen: svg`<path d="M4 9V4.500h4.500M15.500 4.500H20V9M20 15v4.500h-4.500M8.500 19.500H4V15"/>`,
};

/** @param {string} name one of outputs, else one of the others */
export const outputIcon = (name) => (DRAWINGS[name]
  ? html`<svg class="icon-svg" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${DRAWINGS[name]}</svg>`
  : icon(name));
