import { html } from 'lit';
import { Light } from './element.js';
import { icon } from './icons.js';
import { tint } from './colours.js';
import { ring, setRing } from './control_ring.js';
import './camera_problem.js';

/**
 * The camera's square, and over it what one is asked to show, in guided teaching and in calibration.
 * Properties: element (the camera's picture), camera, mirror, loading ({text, fraction} or null), teaching
 * and calibrating while they run, actions, classes, taken (pictures of this burst), now (a function).
 * Events: retry, choose-source, teach-again, teach-stop, calibrate-cancel.
 */
export class ControlSee extends Light {
  static properties = {
    element: { attribute: false }, camera: { attribute: false }, mirror: { type: Boolean }, loading: { attribute: false }, teaching: { attribute: false },
    calibrating: { attribute: false }, actions: { attribute: false }, classes: { attribute: false }, taken: { type: Number }, version: { type: Number },
  };

  constructor() {
    super();
    /** @type {HTMLElement|null} */
    this.element = null;
    /** @type {any} */
    this.camera = null;
    this.mirror = false;
    /** @type {{text: string, fraction: number}|null} */
    this.loading = null;
    /** @type {import('../play/teaching.js').GuidedTeaching|null} */
    this.teaching = null;
    /** @type {import('../play/calibrating.js').Calibrating|null} */
    this.calibrating = null;
    /** @type {{id: string, title: string, icon: string}[]} */
    this.actions = [];
    /** @type {{id: string, label: string, color: string}[]} */
    this.classes = [];
    this.taken = 0;
    /** Grows with every change of what is asked. */
    this.version = 0;
    this.frame = 0;
    this.shownSeconds = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    const draw = (/** @type {number} */ now) => {
      this.frame = requestAnimationFrame(draw);
      this.move(now);
    };
    this.frame = requestAnimationFrame(draw);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    cancelAnimationFrame(this.frame);
  }

  render() {
    const { camera, teaching, calibrating } = this;
    const failed = camera?.state === 'failed';
    const asked = teaching?.running ? teaching.step?.lesson.classId : null;
    const subject = this.classes.find(({ id }) => id === asked) ?? null;
    return html`<div class="frame control-frame ${this.mirror ? 'mirrored' : ''} ${teaching?.phase === 'recording' ? 'recording' : ''}" .style=${tint(subject ?? { color: '#777777' })} data-testid="frame">
      <div class="picture" ?hidden=${failed}>${this.element ?? ''}</div>
      <svg class="corners" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true"><path d="M4 14V8a4 4 0 0 1 4-4h6M86 4h6a4 4 0 0 1 4 4v6M96 86v6a4 4 0 0 1-4 4h-6M14 96H8a4 4 0 0 1-4-4v-6" vector-effect="non-scaling-stroke"/></svg>
      ${failed ? html`<st-camera-problem .problem=${camera.error}></st-camera-problem>` : teaching?.running ? this.lesson() : calibrating?.running ? this.question() : this.veil()}
    </div>`;
  }

  veil() {
    const text = { off: 'The camera is off.', starting: 'Waking the camera. Your browser may ask for permission.', paused: 'Paused. Nothing is looked at.' }[/** @type {string} */ (this.camera?.state)];
    if (text) return html`<p class="veil">${text}</p>`;
    const { loading } = this;
    return loading ? html`<div class="veil" role="status"><p>${loading.text}</p><progress max="1" .value=${loading.fraction ?? 0} aria-label=${loading.text}></progress></div>` : '';
  }

  lesson() {
    const teaching = /** @type {import('../play/teaching.js').GuidedTeaching} */ (this.teaching);
    const { lesson, round } = /** @type {import('../play/teaching.js').Step} */ (teaching.step);
    const { phase, index, steps } = teaching;
    const recording = phase === 'recording';
    const nothing = lesson.action === null;
    const text = phase === 'waiting' ? 'Waiting for the camera.'
      : recording ? (nothing ? 'Just be there.' : 'Keep doing it, and move a little.')
      : nothing ? 'Do nothing: sit as you do between two moves.' : round ? 'Once more, a step to the side.' : 'Show it in a way of your own.';
    return html`<div class="prompt ${phase}" data-testid="prompt" data-phase=${phase} data-asked=${lesson.action ?? ''} data-class=${lesson.classId} data-round=${round}>
      ${ring(recording ? html`<b class="nums">${this.taken}</b>` : phase === 'countdown' ? html`<b class="nums seconds">${this.shownSeconds || ''}</b>` : icon('camera'))}
      <div class="prompt-words" role="status"><span class="small">${recording ? 'Recording' : round ? 'Again' : 'Show me'}</span>
        <strong class="display">${lesson.icon ? html`<span class="sign" aria-hidden="true">${lesson.icon}</span> ` : ''}${lesson.title}</strong><span>${text}</span></div>
      <div class="prompt-foot"><span class="small nums">${index + 1} of ${steps.length}</span><span class="spacer"></span>
        <button type="button" class="button small" data-testid="teach-again" @click=${() => this.emit('teach-again')}>${icon('undo')}${recording || !index ? 'Start over' : 'Redo the last'}</button>
        <button type="button" class="button small" data-testid="teach-stop" @click=${() => this.emit('teach-stop')}>${icon('stop')}Stop</button></div>
    </div>`;
  }

  question() {
    const { prompt } = /** @type {import('../play/calibrating.js').Calibrating} */ (this.calibrating);
    if (!prompt) return '';
    const action = this.actions.find(({ id }) => id === prompt.action);
    return html`<div class="prompt question" data-testid="prompt" data-phase="question" data-asked=${prompt.action ?? ''} data-index=${prompt.index}>
      ${ring(html`<span class="sign" aria-hidden="true">${action?.icon ?? '·'}</span>`)}
      <div class="prompt-words" role="status"><span class="small">Now</span><strong class="display">${action?.title ?? 'Nothing'}</strong><span>${action ? 'As quickly as you can.' : 'Let go, and rest.'}</span></div>
      <div class="prompt-foot"><span class="small nums">${prompt.index + 1} of ${prompt.of}</span><span class="spacer"></span>
        <button type="button" class="button small" data-testid="calibrate-cancel" @click=${() => this.emit('calibrate-cancel')}>${icon('close')}Cancel</button></div>
    </div>`;
  }

  /** What moves with every frame: the ring and the seconds. @param {number} now ms */
  move(now) {
    const { teaching, calibrating } = this;
    if (teaching?.running) {
      setRing(this, teaching.phase === 'waiting' ? 0 : teaching.fraction(now));
      const seconds = teaching.phase === 'countdown' ? teaching.secondsLeft(now) : 0;
      if (seconds === this.shownSeconds) return;
      this.shownSeconds = seconds;
      this.requestUpdate();
    } else if (calibrating?.running && calibrating.prompt) {
      setRing(this, (calibrating.prompt.index + 0.5) / calibrating.prompt.of);
    }
  }
}
customElements.define('st-control-see', ControlSee);
