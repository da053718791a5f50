import { html } from 'lit';
import { Light } from '../components/element.js';
import { icon } from '../components/icons.js';
import { outputIcon } from '../components/output_icons.js';
import { tint } from '../components/colours.js';
import '../components/output_stage.js';

/**
 * Only the output, full screen; pages/machine.js sets the properties and answers the events: begin,
 * full-screen, mute, show-camera, stop.
 */
export class MachinePage extends Light {
  static properties = {
    session: { attribute: false }, scene: { attribute: false }, begun: { type: Boolean }, awake: { type: Boolean }, hint: {}, loading: { attribute: false },
    picture: { attribute: false }, corner: { type: Boolean }, muted: { type: Boolean }, problem: { attribute: false }, taught: { type: Number }, wants: { attribute: false },
    isEmpty: { type: Boolean }, isFull: { type: Boolean },
  };

  constructor() {
    super();
    /** @type {any} */
    this.session = null;
    /** @type {import('../outputs/screen.js').Scene|null} */
    this.scene = null;
    this.begun = false;
    /** Whether controls and pointer are shown. */
    this.awake = true;
    /** What is amiss, in a few words. */
    this.hint = '';
    /** @type {{text: string, fraction: number}|null} */
    this.loading = null;
    /** @type {HTMLElement|null} */
    this.picture = null;
    this.corner = false;
    this.muted = false;
    /** @type {any} */
    this.problem = null;
    this.taught = 0;
    /** Kinds of outputs that are used. @type {Set<string>} */
    this.wants = new Set();
    this.isEmpty = false;
    this.isFull = false;
  }

  render() {
    const { session } = this;
    if (this.problem) return this.problemPanel();
    if (!session) return html`<main id="main" class="machine"><p class="machine-wait muted">Opening the project …</p></main>`;
    return html`<main id="main" class="machine ${this.begun ? 'begun' : ''} ${this.begun && !this.awake ? 'asleep' : ''}" data-testid="machine" data-awake=${this.awake}>
      <st-stage .scene=${this.scene} .classes=${session.classes}></st-stage>
      <div class="machine-camera ${this.corner ? '' : 'away'} ${session.settings.mirror ? 'mirrored' : ''}" data-testid="frame" aria-hidden=${!this.corner}>${this.begun ? this.picture : ''}</div>
      ${this.begun ? html`
        ${this.loading ? html`<div class="machine-hint" role="status"><span>${this.loading.text}</span><progress max="1" .value=${this.loading.fraction} aria-label=${this.loading.text}></progress></div>`
          : this.hint ? html`<div class="machine-hint" role="status" data-testid="hint">${icon('warning')}<span>${this.hint}</span></div>` : ''}
        ${this.controls()}` : this.door()}
    </main>`;
  }

  /** What is shown before the person's first press: sound may not begin without one. */
  door() {
    const { session, wants } = this;
    const ready = this.taught > 1;
    const asks = wants.has('midi') ? 'MIDI' : '';
    return html`<div class="machine-door">
      <p class="machine-colours" aria-hidden="true">${session.classes.slice(0, 12).map((/** @type {any} */ c) => html`<i .style=${tint(c)}></i>`)}</p>
      <h1>${session.name}</h1>
      ${!ready ? html`<p>It has not been taught yet: it needs pictures of two classes.</p><p><a class="button primary big" href=${`/teach/${session.id}`}>${icon('camera')}Teach it</a></p>`
        : this.isEmpty ? html`<p>Nothing is set off yet.</p><p><a class="button primary big" href=${`/outputs/${session.id}`}>${icon('plus')}Choose what happens</a></p>`
        : html`<p class="muted">Sound and pictures, as the camera sees things. Nothing else is shown.</p>
          <p><button type="button" class="button primary big" data-testid="begin" @click=${() => this.emit('begin')}>${icon('play')}Start the machine</button></p>
          ${asks ? html`<p class="small muted">It uses ${asks}: the browser may ask you.</p>` : ''}
          ${wants.has('hook') ? html`<p class="small muted">Web hooks that are switched on are called.</p>` : ''}`}
      ${ready && !this.isEmpty ? html`<p class="small"><a href=${`/outputs/${session.id}`}>Change what happens</a></p>` : ''}
    </div>`;
  }

  controls() {
    const { muted, corner, isFull } = this;
    const button = (/** @type {string} */ event, /** @type {string} */ text, /** @type {any} */ sign, pressed = false) => html`<button type="button" class="button icon" aria-label=${text} title=${text} aria-pressed=${pressed} data-testid=${event} @click=${() => this.emit(event)}>${sign}</button>`;
    return html`<div class="machine-controls" role="toolbar" aria-label="Machine">
      ${button('mute', muted ? 'Sound on' : 'Sound off', outputIcon(muted ? 'mute' : 'loud'), muted)}
      ${button('show-camera', corner ? 'Hide the camera' : 'Show the camera', icon('camera'), corner)}
      ${document.fullscreenEnabled ? button('full-screen', isFull ? 'Leave full screen' : 'Full screen', outputIcon('screen'), isFull) : ''}
      ${button('stop', 'Stop', icon('close'))}
    </div>`;
  }

  problemPanel() {
    const { title, detail, message } = this.problem;
    return html`<main id="main" class="machine"><div class="machine-door" role="alert" data-testid="page-problem"><h1>${title ?? 'This project could not be opened'}</h1>
      <p>${detail ?? message}</p><p><a class="button" href="/">${icon('left')}All projects</a></p></div></main>`;
  }
}
customElements.define('st-machine', MachinePage);
