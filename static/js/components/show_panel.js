import { html } from 'lit';
import { Light, calm } from './element.js';
import { icon } from './icons.js';
import { tint } from './colours.js';
import { pickFiles } from './pick.js';
import './camera_problem.js';

/** @type {[string, string, string][]} kind, icon, text */
const KINDS = [['camera', 'camera', 'Camera'], ['file', 'picture', 'Pictures'], ['video', 'film', 'Video'], ['drawing', 'pencil', 'Draw']];
const ACCEPT = { file: 'image/*', video: 'video/*' };

/**
 * The left side, Show: the square that is looked at, where it comes from and how.
 * Properties: source, kind, camera, devices, mirror, recording (the class being taught, or null),
 * taught (samples in this burst). Events: choose-source, choose-camera, flip-camera, set-mirror,
 * open-files, retry.
 */
export class ShowPanel extends Light {
  static properties = {
    source: { attribute: false }, kind: {}, camera: { attribute: false }, devices: { attribute: false },
    mirror: { type: Boolean }, recording: { attribute: false }, taught: { type: Number },
  };

  constructor() {
    super();
    /** @type {any} */
    this.source = null;
    this.kind = 'camera';
    /** @type {any} */
    this.camera = null;
    /** @type {{id: string, label: string, facing: string|null}[]} */
    this.devices = [];
    this.mirror = false;
    /** @type {{id: string, label: string, color: string}|null} */
    this.recording = null;
    this.taught = 0;
    this.onChange = () => this.requestUpdate();
  }

  /** @param {Map<string, any>} changed */
  willUpdate(changed) {
    for (const name of ['source', 'camera']) {
      if (!changed.has(name)) continue;
      for (const type of ['change', 'statechange']) {
        changed.get(name)?.removeEventListener?.(type, this.onChange);
        /** @type {any} */ (this)[name]?.addEventListener?.(type, this.onChange);
      }
    }
  }

  render() {
    const { kind, recording } = this;
    const failed = kind === 'camera' && this.camera?.state === 'failed';
    const mirrored = kind === 'camera' && this.mirror;
    return html`
      <header class="panel-head">
        <h2 id="show-title">Show</h2>
        <fieldset class="segments" @change=${this.onKind}>
          <legend class="visually-hidden">What to look at</legend>
          ${KINDS.map(([value, name, text]) => html`<label title=${text}><input type="radio" name="source" value=${value} .checked=${kind === value} data-testid=${`source-${value}`}>${icon(name)}<span>${text}</span></label>`)}
        </fieldset>
      </header>
      <div class="frame ${mirrored ? 'mirrored' : ''} ${recording ? 'recording' : ''} ${kind}" .style=${tint(recording ?? { color: '#777777' })} data-testid="frame">
        <div class="picture" ?hidden=${failed}>${this.source?.element ?? ''}</div>
        <svg class="corners" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true"><path d="M4 14V8a4 4 0 0 1 4-4h6M86 4h6a4 4 0 0 1 4 4v6M96 86v6a4 4 0 0 1-4 4h-6M14 96H8a4 4 0 0 1-4-4v-6" vector-effect="non-scaling-stroke"/></svg>
        <div class="flash" aria-hidden="true"></div>
        ${recording ? html`<p class="rec" data-testid="rec"><span class="rec-dot" aria-hidden="true"></span><span>${recording.label}</span><b class="nums">+${this.taught}</b></p>` : ''}
        ${failed ? html`<st-camera-problem .problem=${this.camera.error}></st-camera-problem>` : this.veil()}
      </div>
      <div class="show-controls">${this.controls()}</div>`;
  }

  /** What lies over the square while there is no picture yet. */
  veil() {
    const { kind, source, camera } = this;
    if (kind === 'camera') {
      const text = { off: 'The camera is off.', starting: 'Waking the camera. Your browser may ask for permission.', paused: 'Paused. Nothing is looked at.' }[/** @type {string} */ (camera?.state)];
      return text ? html`<p class="veil">${text}</p>` : '';
    }
    if (source?.problem) return html`<p class="veil" role="alert">${source.problem.message}</p>`;
    if (kind === 'drawing' || source?.ready) return '';
    return html`<div class="veil"><p>${kind === 'file' ? 'Pictures you choose are looked at one by one.' : 'A video plays here in a loop, as if it were the camera.'}</p>
      <button type="button" class="button primary" @click=${this.browse}>${icon('folder')}${kind === 'file' ? 'Choose pictures' : 'Choose a video'}</button></div>`;
  }

  controls() {
    const { kind, source, camera, devices } = this;
    const iconButton = (/** @type {string} */ name, /** @type {string} */ label, /** @type {() => void} */ run, /** @type {any} */ more = {}) => html`
      <button type="button" class="button icon small" aria-label=${label} title=${label} data-testid=${more.testid ?? ''} aria-pressed=${more.pressed ?? 'undefined'} ?disabled=${more.disabled} @click=${run}>${icon(name)}</button>`;
    if (kind === 'camera') {
      const running = camera?.state === 'running';
      const resting = ['off', 'failed', 'paused'].includes(camera?.state);
      return html`
        <select class="select small" aria-label="Camera" data-testid="camera-select" @change=${(/** @type {any} */ e) => this.emit('choose-camera', e.target.value)}>
          ${devices.length ? devices.map((d) => html`<option value=${d.id} ?selected=${d.id === camera?.deviceId}>${d.label}</option>`) : html`<option>Camera</option>`}
        </select>
        ${devices.length > 1 ? iconButton('flip', 'Other side: front or back camera', () => this.emit('flip-camera'), { testid: 'flip-camera' }) : ''}
        <button type="button" class="button small" aria-pressed=${this.mirror} title="Like a mirror: left is left" data-testid="mirror" @click=${() => this.emit('set-mirror', !this.mirror)}>${icon('mirror')}<span>Mirror</span></button>
        <button type="button" class="button small" data-testid="pause" ?disabled=${!running && !resting} @click=${() => this.emit('pause-camera')}>${icon(running ? 'pause' : 'play')}<span>${running ? 'Pause' : 'Start'}</span></button>`;
    }
    if (kind === 'file') {
      const n = source?.files.length ?? 0;
      return html`<button type="button" class="button small" @click=${this.browse}>${icon('folder')}<span>Choose</span></button>
        <span class="file-name small muted">${n ? `${source.at + 1} of ${n}: ${source.name}` : 'No picture yet'}</span>
        ${iconButton('left', 'Picture before', () => source.go(source.at - 1), { disabled: !n || source.at === 0 })}
        ${iconButton('right', 'Next picture', () => source.go(source.at + 1), { disabled: !n || source.at >= n - 1 })}`;
    }
    if (kind === 'video') {
      const v = source?.element;
      return html`<button type="button" class="button small" @click=${this.browse}>${icon('folder')}<span>Choose</span></button>
        <input class="seek" type="range" min="0" step="0.05" aria-label="Place in the video" max=${v?.duration || 0} .value=${String(v?.currentTime ?? 0)} ?disabled=${!source?.ready}
          @input=${(/** @type {any} */ e) => { v.currentTime = Number(e.target.value); }}>
        ${iconButton(v?.paused ? 'play' : 'pause', v?.paused ? 'Play' : 'Pause', () => source.toggle(), { disabled: !source?.ready })}`;
    }
    return html`<span class="small muted file-name">Draw with a finger, a pen or the mouse; with the keyboard: arrows move, Space draws.</span>
      <button type="button" class="button small" data-testid="clear-drawing" @click=${() => { source.clear(); }}>${icon('trash')}<span>Clear</span></button>`;
  }

  /** @param {Event} event */
  onKind(event) {
    this.emit('choose-source', /** @type {HTMLInputElement} */ (event.target).value);
  }

  async browse() {
    const files = await pickFiles({ multiple: this.kind === 'file', accept: ACCEPT[/** @type {'file'|'video'} */ (this.kind)] });
    if (files.length) this.emit('open-files', files);
  }

  /** A pulse of the frame's ring: one more sample was taken. */
  blink() {
    if (!calm()) this.need('.flash').animate([{ opacity: 1 }, { opacity: 0.45 }], { duration: 180, easing: 'ease-out' });
  }
}
customElements.define('st-show', ShowPanel);
