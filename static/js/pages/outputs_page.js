import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Light } from '../components/element.js';
import { icon } from '../components/icons.js';
import { outputIcon } from '../components/output_icons.js';
import { tint } from '../components/colours.js';
import { volumeSlider } from '../components/output_volume.js';
import { STARTERS, isEmpty, outputsOf } from '../outputs/edit.js';
import { top } from '../play/top.js';
import '../components/camera_problem.js';
import '../components/output_card.js';
import '../components/output_stage.js';
import '../components/save_bar.js';
import '../components/theme.js';

/**
 * What each class sets off, as a picture of its state; pages/outputs.js sets the properties and answers
 * the events.
 */
export class OutputsPage extends Light {
  static properties = {
    session: { attribute: false }, cache: { attribute: false }, covers: { attribute: false }, parts: { attribute: false }, assets: { attribute: false }, hooks: { attribute: false },
    open: { attribute: false }, told: { attribute: false }, uploading: { attribute: false }, scene: { attribute: false }, active: { attribute: false }, live: { attribute: false },
    camera: { attribute: false }, picture: { attribute: false }, loading: { attribute: false }, muted: { type: Boolean }, problem: { attribute: false }, version: { type: Number },
  };

  constructor() {
    super();
    /** @type {any} */
    this.session = null;
    /** @type {any} */
    this.cache = null;
    /** Newest picture of each class. @type {Map<string, string>} */
    this.covers = new Map();
    /** @type {import('../outputs/kinds.js').Parts} */
    this.parts = {};
    /** @type {Map<string, import('../outputs/server.js').Asset>} */
    this.assets = new Map();
    /** By class. @type {Map<string, import('../outputs/server.js').Hook>} */
    this.hooks = new Map();
    /** What is edited. @type {{id: string, at: number}|null} */
    this.open = null;
    /** @type {{id: string, text: string, isBad: boolean}|null} */
    this.told = null;
    /** @type {{id: string, fraction: number}|null} */
    this.uploading = null;
    /** @type {import('../outputs/screen.js').Scene|null} */
    this.scene = null;
    /** @type {string|null} id of the class that is seen */
    this.active = null;
    /** Whether the camera is wanted. */
    this.live = false;
    /** @type {any} */
    this.camera = null;
    /** @type {HTMLElement|null} */
    this.picture = null;
    /** @type {{text: string, fraction: number}|null} */
    this.loading = null;
    this.muted = false;
    /** @type {any} */
    this.problem = null;
    this.version = 0;
  }

  render() {
    const { session } = this;
    const buttons = session ? html`
      <button type="button" class="button ghost icon small" aria-label=${`Undo ${session.undoLabel ?? ''}`} title=${session.undoLabel ? `Undo: ${session.undoLabel}` : 'Nothing to undo'} data-testid="undo" ?disabled=${!session.undoLabel} @click=${() => this.emit('undo')}>${icon('undo')}</button>
      <button type="button" class="button ghost icon small" aria-label=${`Redo ${session.redoLabel ?? ''}`} title=${session.redoLabel ? `Redo: ${session.redoLabel}` : 'Nothing to redo'} ?disabled=${!session.redoLabel} @click=${() => this.emit('redo')}>${icon('redo')}</button>
      <st-save .session=${session}></st-save>` : '';
    return html`${top({ project: session, trail: [{ text: 'Outputs' }], extra: buttons })}
      <main id="main" class="outputs ${session && isEmpty(session.settings, session.classes) ? 'is-empty' : ''}">${this.problem ? this.problemPanel() : session ? this.desk() : html`<p class="muted">Opening the project …</p>`}</main>`;
  }

  desk() {
    const { session } = this;
    const { classes } = session;
    const empty = isEmpty(session.settings, classes);
    return html`
      <div class="outputs-head">
        <h1>What should happen?</h1>
        <p class="muted">Give each class a sound, a voice, a picture or a signal. Then let the camera set it off.</p>
      </div>
      ${this.tryPanel(empty)}
      <section class="outputs-classes" aria-label="Classes">
        ${classes.length ? '' : html`<div class="outputs-empty"><p>This project has no classes yet.</p><p><a class="button primary" href=${`/teach/${session.id}`}>${icon('plus')}Teach some</a></p></div>`}
        ${empty && classes.length ? this.starters() : ''}
        <div class="output-cards">${repeat(classes, (/** @type {any} */ c) => c.id, (/** @type {any} */ c) => html`<st-output-card .item=${c} .outputs=${outputsOf(session.settings, c.id)} .cover=${this.covers.get(c.id) ?? ''} .cache=${this.cache}
          .open=${this.open?.id === c.id ? this.open?.at : -1} ?on=${this.active === c.id} .assets=${this.assets} .hook=${this.hooks.get(c.id) ?? null} .told=${this.told?.id === c.id ? this.told : null}
          .uploading=${this.uploading?.id === c.id ? this.uploading?.fraction : null} .parts=${this.parts} .version=${this.version}></st-output-card>`)}</div>
        ${session.status.where === 'local' ? html`<p class="small muted outputs-note" data-testid="local-note">${icon('here')}<span>This project is only in this browser so far. All outputs work but sound files, pictures and web hooks: those need the server, so save it first.</span></p>` : ''}
      </section>`;
  }

  starters() {
    return html`<div class="starters" data-testid="starters"><h2>Start with one click</h2><p class="muted small">Take one, or all of them. Everything can be changed afterwards.</p>
      <div class="starter-row">${STARTERS.map((s) => html`<button type="button" class="starter" data-testid=${`starter-${s.id}`} @click=${() => this.emit('start-with', s)}>
        <span class="starter-sign">${outputIcon(s.icon)}</span><strong>${s.title}</strong><span>${s.id === 'names' && !this.hasVoice ? 'This browser has no voice to speak with.' : s.line}</span></button>`)}</div></div>`;
  }

  /** Whether a voice of this computer can speak. */
  get hasVoice() {
    return !!this.parts.speech?.voices().some(({ isLocal }) => isLocal);
  }

  /** @param {boolean} empty */
  tryPanel(empty) {
    const { session, live, camera, loading, muted } = this;
    const failed = live && camera?.state === 'failed';
    return html`<section class="try-out" aria-labelledby="try-title">
      <header class="panel-head"><h2 id="try-title">Try it</h2>
        <button type="button" class="button ghost icon small" aria-pressed=${muted} aria-label="Mute" title=${muted ? 'Sound on' : 'Sound off'} data-testid="mute" @click=${() => this.emit('mute')}>${outputIcon(muted ? 'mute' : 'loud')}</button></header>
      <div class="try-stage">
        <st-stage .scene=${this.scene} .classes=${session.classes}></st-stage>
        ${live && !failed ? html`<div class="try-camera ${session.settings.mirror ? 'mirrored' : ''}" data-testid="frame">${this.picture}</div>` : ''}
        ${failed ? html`<st-camera-problem .problem=${camera.error}></st-camera-problem>` : ''}
        ${live && loading && !failed ? html`<div class="veil" role="status"><p>${loading.text}</p><progress max="1" .value=${loading.fraction} aria-label=${loading.text}></progress></div>` : ''}
      </div>
      ${live ? html`<div class="levels" aria-hidden="true">${session.classes.slice(0, 12).map((/** @type {any} */ c, /** @type {number} */ i) => html`<span class="level ${this.active === c.id ? 'on' : ''}" .style=${tint(c)} data-index=${i}><i></i><span>${c.label}</span></span>`)}</div>
        <p class="visually-hidden" role="status" data-testid="active">${session.classes.find((/** @type {any} */ c) => c.id === this.active)?.label ?? ''}</p>` : ''}
      ${volumeSlider(this.parts.synth?.volume ?? 0, (value, done) => this.emit('volume', { value, done }))}
      <div class="try-buttons">
        <button type="button" class="button ${live ? '' : 'primary'}" data-testid="live" @click=${() => this.emit('live', !live)}>${icon(live ? 'stop' : 'camera')}${live ? 'Stop the camera' : 'Try with the camera'}</button>
        <a class="button" href=${`/machine/${session.id}`} data-testid="open-machine">${outputIcon('screen')}Open the machine</a>
      </div>
      <p class="small muted">${empty ? 'Nothing is set off yet: add something to a class.' : html`The machine shows only this, full screen: for a stand, a window, a stage.`}</p>
    </section>`;
  }

  /** Move the bars; called with every picture. @param {Float32Array} levels */
  showLevels(levels) {
    this.levelBars ??= /** @type {HTMLElement[]} */ ([]);
    if (this.levelBars.length !== Math.min(12, levels.length) || !this.levelBars[0]?.isConnected) this.levelBars = [...this.querySelectorAll('.level i')].map((e) => /** @type {HTMLElement} */ (e));
    for (let i = 0; i < this.levelBars.length; i++) this.levelBars[i].style.setProperty('--level', levels[i].toFixed(3));
  }

  problemPanel() {
    const { title, detail, message } = this.problem;
    return html`<section class="outputs-empty" role="alert" data-testid="page-problem"><h2>${title ?? 'This project could not be opened'}</h2>
      <p>${detail ?? message}</p><p><a class="button" href="/">${icon('left')}All projects</a></p></section>`;
  }

  /** @param {string} id @param {number} at */
  focusOutput(id, at) {
    const card = this.querySelector(`[data-testid=output-card][data-id="${id}"]`);
    /** @type {HTMLElement|null} */ (card?.querySelectorAll('[data-testid=edit-output]')[at])?.focus();
  }

}
customElements.define('st-outputs', OutputsPage);
