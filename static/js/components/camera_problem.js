import { html } from 'lit';
import { Light } from './element.js';
import { icon } from './icons.js';

/**
 * Why there is no camera picture, and the ways on. Property: problem (a CameraProblem).
 * Events: retry; choose-source with 'file', 'video' or 'drawing'.
 */
export class CameraProblemPanel extends Light {
  static properties = { problem: { attribute: false } };

  constructor() {
    super();
    /** @type {{kind: string, title: string, explanation: string, wayOn: string}|null} */
    this.problem = null;
  }

  render() {
    if (!this.problem) return '';
    const { kind, title, explanation, wayOn } = this.problem;
    const way = (/** @type {string} */ source, /** @type {string} */ name, /** @type {string} */ text) => html`
      <button type="button" class="button small" data-testid=${`way-${source}`} @click=${() => this.emit('choose-source', source)}>${icon(name)}${text}</button>`;
    return html`<div class="problem" role="alert" data-testid="camera-problem" data-kind=${kind}>
      <h3>${title}</h3>
      <p>${explanation}</p>
      <p>${wayOn}</p>
      <p class="ways">
        <button type="button" class="button small primary" @click=${() => this.emit('retry')}>${icon('camera')}Try again</button>
        ${way('file', 'picture', 'Pictures')} ${way('video', 'film', 'A video')} ${way('drawing', 'pencil', 'Draw')}
      </p>
    </div>`;
  }
}
customElements.define('st-camera-problem', CameraProblemPanel);
