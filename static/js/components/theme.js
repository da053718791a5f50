import { html } from 'lit';
import { Light } from './element.js';
import { icon } from './icons.js';

/** True if the page is shown in dark colours now. */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

/** Button between light and dark; remembered in this browser, the system's choice until pressed. */
export class ThemeToggle extends Light {
  render() {
    const label = isDark() ? 'Switch to light colours' : 'Switch to dark colours';
    return html`<button type="button" class="button ghost icon" aria-label=${label} title=${label} data-testid="theme" @click=${this.flip}>${icon(isDark() ? 'sun' : 'moon')}</button>`;
  }

  flip() {
    const theme = isDark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem('theme', theme);
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
    this.requestUpdate();
  }
}
customElements.define('st-theme', ThemeToggle);
