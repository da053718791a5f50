import { html, svg } from 'lit';

/** Our own line drawings on a 24-unit grid. @type {Record<string, any>} */
const DRAWINGS = {
  camera: svg`<path d="M4 8h3l2-3h6l2 3h3a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1z"/><circle cx="12" cy="13.3" r="3.6"/>`,
  picture: svg`<rect x="3" y="4.5" width="18" height="15" rx="2.5"/><circle cx="8.5" cy="9.8" r="1.6"/><path d="M4 17l5-4.5 3.5 3L16 11l4.5 4.5"/>`,
  film: svg`<rect x="3" y="5" width="18" height="14" rx="2.5"/><path d="M10 9.2v5.6l4.8-2.8z"/>`,
  pencil: svg`<path d="M4 20l1-4.5L16 4.5a1.8 1.8 0 0 1 2.6 0l.9.9a1.8 1.8 0 0 1 0 2.6L8.5 19z"/><path d="M14 6.5l3.5 3.5"/>`,
  mirror: svg`<path d="M12 3v18"/><path d="M9 7L3.5 17H9z"/><path d="M15 7l5.5 10H15z"/>`,
  flip: svg`<path d="M4.5 10a8 8 0 0 1 14-2.5L20 9"/><path d="M20 4.5V9h-4.5"/><path d="M19.5 14a8 8 0 0 1-14 2.5L4 15"/><path d="M4 19.5V15h4.5"/>`,
  pause: svg`<path d="M8.5 5.5v13"/><path d="M15.5 5.5v13"/>`,
  play: svg`<path d="M8 5.5v13l10.5-6.5z"/>`,
  plus: svg`<path d="M12 5v14"/><path d="M5 12h14"/>`,
  trash: svg`<path d="M4.5 7h15"/><path d="M9.5 7V4.5h5V7"/><path d="M6.5 7l.8 12a1 1 0 0 0 1 1h7.4a1 1 0 0 0 1-1l.8-12"/>`,
  move: svg`<path d="M4 12h14"/><path d="M13 6.5l5.5 5.5-5.5 5.5"/>`,
  left: svg`<path d="M14.5 5.5L8 12l6.5 6.5"/>`,
  right: svg`<path d="M9.5 5.5L16 12l-6.5 6.5"/>`,
  undo: svg`<path d="M8.5 5L4 9.5 8.5 14"/><path d="M4.5 9.5h9a5.5 5.5 0 0 1 0 11H9"/>`,
  redo: svg`<path d="M15.5 5L20 9.5 15.5 14"/><path d="M19.5 9.5h-9a5.5 5.5 0 0 0 0 11H15"/>`,
  check: svg`<path d="M4.5 12.5l5 5 10-11"/>`,
  close: svg`<path d="M6 6l12 12"/><path d="M18 6L6 18"/>`,
  more: svg`<circle cx="5.5" cy="12" r="1"/><circle cx="12" cy="12" r="1"/><circle cx="18.5" cy="12" r="1"/>`,
  save: svg`<path d="M5 4h11l4 4v11a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1z"/><path d="M8 4v5h7V4"/><path d="M8 20v-6h8v6"/>`,
  down: svg`<path d="M12 4v11"/><path d="M7 10.5l5 5 5-5"/><path d="M4.5 20h15"/>`,
  up: svg`<path d="M12 16V5"/><path d="M7 9.5l5-5 5 5"/><path d="M4.5 20h15"/>`,
  folder: svg`<path d="M3 7a1.5 1.5 0 0 1 1.5-1.5H9l2 2.5h8.5A1.5 1.5 0 0 1 21 9.5v8a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5z"/>`,
  sun: svg`<circle cx="12" cy="12" r="4"/><path d="M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"/>`,
  moon: svg`<path d="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"/>`,
  lock: svg`<rect x="5" y="10.5" width="14" height="9.5" rx="2"/><path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5"/>`,
  warning: svg`<path d="M12 4l9 16H3z"/><path d="M12 10v4.5"/><path d="M12 17.3v.2"/>`,
  eye: svg`<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="3"/>`,
  dials: svg`<path d="M4 7h9M19 7h1M4 17h1M11 17h9"/><circle cx="16" cy="7" r="2.4"/><circle cx="8" cy="17" r="2.4"/>`,
  here: svg`<rect x="3" y="4.5" width="18" height="12" rx="2"/><path d="M8.5 20h7"/>`,
  steps: svg`<path d="M7 4h10v5H7zM4 15h6v5H4zM14 15h6v5h-6z"/><path d="M12 9v3M7 15v-3h10v3"/>`,
  train: svg`<path d="M12 3v3M12 18v3M3 12h3M18 12h3"/><circle cx="12" cy="12" r="5.2"/><path d="M12 9.4v2.9l1.9 1.4"/>`,
  slope: svg`<path d="M4 20L20 4"/><circle cx="7" cy="8" r="1.7"/><circle cx="11" cy="5.5" r="1.2"/><circle cx="15.5" cy="15.5" r="1.7"/><circle cx="11.5" cy="19" r="1.2"/>`,
  network: svg`<circle cx="5" cy="7" r="2"/><circle cx="5" cy="17" r="2"/><circle cx="12" cy="12" r="2"/><circle cx="19" cy="7" r="2"/><circle cx="19" cy="17" r="2"/><path d="M6.7 8.1l3.6 2.7M6.7 15.9l3.6-2.7M13.7 10.8l3.6-2.7M13.7 13.2l3.6 2.7"/>`,
  layers: svg`<path d="M12 3.5l8.5 4.3-8.5 4.3-8.5-4.3z"/><path d="M3.5 12l8.5 4.3 8.5-4.3"/><path d="M3.5 16.2l8.5 4.3 8.5-4.3"/>`,
  gauge: svg`<path d="M4 17a8.5 8.5 0 1 1 16 0"/><path d="M12 15.5l4-5.5"/><circle cx="12" cy="15.8" r="1.4"/>`,
  podium: svg`<path d="M9 20V6.5h6V20"/><path d="M9 11H4v9h16v-6h-5"/>`,
  swap: svg`<path d="M4 8.5h14"/><path d="M14.5 5L18 8.5 14.5 12"/><path d="M20 15.5H6"/><path d="M9.5 12L6 15.5 9.5 19"/>`,
  copy: svg`<rect x="8.5" y="8.5" width="11" height="11" rx="2"/><path d="M15.5 8.5v-2a2 2 0 0 0-2-2h-7a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h2"/>`,
  bulb: svg`<path d="M9 17.5h6M10 20.5h4"/><path d="M8.8 14.5a6 6 0 1 1 6.4 0c-.5.4-.7 1-.7 1.6h-5c0-.6-.2-1.2-.7-1.6z"/>`,
  phone: svg`<rect x="7" y="3" width="10" height="18" rx="2.2"/><path d="M11 17.8h2"/>`,
  stop: svg`<rect x="6.5" y="6.5" width="11" height="11" rx="2"/>`,
};

/**
 * One of our icons; it is decoration: the control beside it carries the name.
 * @param {string} name
 */
export const icon = (name) => html`<svg class="icon-svg" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${DRAWINGS[name]}</svg>`;
