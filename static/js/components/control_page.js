import { html } from 'lit';
import { playUrl, top } from '../play/top.js';
import { Light, ago, count, inWords, percent } from './element.js';
import { tint } from './colours.js';
import { icon } from './icons.js';
import './control_bind.js';
import './control_levels.js';
import './control_result.js';
import './control_see.js';
import './control_tune.js';
import './theme.js';

/**
 * The page that makes a controller of a project, as a picture of its state; pages/control.js sets the
 * properties and answers the events. Those are: choose-game, choose-scheme, bind, set-control,
 * reset-control, undo, redo, teach, teach-again, teach-stop, record-more, calibrate, calibrate-cancel, use-values,
 * go-play, set-sound, and those of the camera.
 */
export class ControlPage extends Light {
  static properties = {
    recogniser: { attribute: false }, games: { attribute: false }, game: { attribute: false }, scheme: { attribute: false }, map: { attribute: false }, control: { attribute: false },
    thresholds: { attribute: false }, delays: { attribute: false }, isDefault: { type: Boolean }, controller: { attribute: false }, loading: { attribute: false }, teaching: { attribute: false },
    calibrating: { attribute: false }, result: { attribute: false }, proposal: { attribute: false }, isUsed: { type: Boolean }, calibrated: { attribute: false }, problem: { attribute: false },
    version: { type: Number }, taken: { type: Number }, sound: { type: Boolean }, decided: { state: true },
  };

  constructor() {
    super();
    /** @type {import('../recognition/recogniser.js').Recogniser|null} */
    this.recogniser = null;
    /** @type {import('../games/table.js').GameAbout[]} */
    this.games = [];
    /** @type {import('../games/table.js').GameAbout|null} */
    this.game = null;
    /** @type {import('../games/table.js').Scheme|null} */
    this.scheme = null;
    /** @type {Record<string, string|null>} */
    this.map = {};
    /** @type {import('../control/decider.js').Control} */
    this.control = { smoothing_ms: 0, hold_ms: 0, repeat_ms: 0, repeat_delay_ms: 0, thresholds: {} };
    /** @type {Record<string, {on: number, off: number}>} */
    this.thresholds = {};
    /** @type {Record<string, import('../control/decider.js').Delay>} */
    this.delays = {};
    this.isDefault = true;
    /** @type {import('../control/camera.js').CameraController|null} */
    this.controller = null;
    /** @type {{text: string, fraction: number}|null} */
    this.loading = null;
    /** @type {import('../play/teaching.js').GuidedTeaching|null} */
    this.teaching = null;
    /** @type {import('../play/calibrating.js').Calibrating|null} */
    this.calibrating = null;
    /** @type {import('../control/round.js').RoundResult|null} */
    this.result = null;
    /** @type {import('../control/propose.js').Proposal|null} */
    this.proposal = null;
    this.isUsed = false;
    /** @type {import('../store/class_settings.js').Calibrated|null} */
    this.calibrated = null;
    /** @type {any} */
    this.problem = null;
    this.version = 0;
    /** How fast one is asked; tests are in more of a hurry than people. @type {{teaching?: Partial<import('../play/teaching.js').Times>, times?: number}} */
    this.pace = {};
    this.taken = 0;
    this.sound = true;
    /** @type {string|null} */
    this.decided = null;
  }

  get see() {
    return /** @type {import('./control_see.js').ControlSee} */ (this.need('st-control-see'));
  }

  render() {
    const session = this.recogniser?.session ?? null;
    return html`${top({ project: session, trail: [{ text: 'Controls' }], extra: session ? this.turns(session) : '' })}
      <main id="main" class="control-main">${this.problem ? this.problemPanel() : session && this.game && this.scheme ? this.body() : html`<p class="muted">Opening the project …</p>`}</main>`;
  }

  /** @param {any} session */
  turns({ undoLabel, redoLabel }) {
    return html`<button type="button" class="button ghost icon small" aria-label=${`Undo ${undoLabel ?? ''}`} title=${undoLabel ? `Undo: ${undoLabel}` : 'Nothing to undo'} data-testid="undo" ?disabled=${!undoLabel} @click=${() => this.emit('undo')}>${icon('undo')}</button>
      <button type="button" class="button ghost icon small redo" aria-label=${`Redo ${redoLabel ?? ''}`} title=${redoLabel ? `Redo: ${redoLabel}` : 'Nothing to redo'} data-testid="redo" ?disabled=${!redoLabel} @click=${() => this.emit('redo')}>${icon('redo')}</button>`;
  }

  body() {
    return html`${this.head()}
      <div class="control-desk">
        <section class="control-seeing" aria-label="What the camera sees">${this.seeing()}</section>
        <div class="control-parts">${this.teach()}${this.bind()}${this.calibrate()}${this.goOn()}</div>
      </div>`;
  }

  head() {
    const { game, scheme, games } = this;
    return html`<div class="control-head">
      <div><h1>Controls for ${game?.title}</h1><p class="muted">Choose what each class does, try it, and measure how well it works.</p></div>
      <div class="control-choice">
        <label>Game <select class="select" data-testid="choose-game" @change=${(/** @type {any} */ e) => this.emit('choose-game', e.target.value)}>${games.map(({ name, title }) => html`<option value=${name} ?selected=${name === game?.name}>${title}</option>`)}</select></label>
        ${(game?.schemes.length ?? 0) > 1 ? html`<label>Moves <select class="select" data-testid="choose-scheme" @change=${(/** @type {any} */ e) => this.emit('choose-scheme', e.target.value)}>${game?.schemes.map(({ id, title }) => html`<option value=${id} ?selected=${id === scheme?.id}>${title}</option>`)}</select></label>` : ''}
      </div></div>`;
  }

  seeing() {
    const { recogniser, teaching, calibrating, decided, scheme } = this;
    if (!recogniser || !scheme) return '';
    const { eyes, session } = recogniser;
    const action = scheme.actions.find(({ id }) => id === decided);
    return html`
      <st-control-see .element=${eyes.source.element} .camera=${eyes.camera} ?mirror=${session.settings.mirror} .loading=${this.loading} .teaching=${teaching} .calibrating=${calibrating}
        .actions=${scheme.actions} .classes=${session.classes} .taken=${this.taken} .version=${this.version}></st-control-see>
      ${recogniser.canTell ? html`
        <p class="decision ${action ? 'on' : ''}" data-testid="decided" data-action=${decided ?? ''} .style=${tint({ color: this.colorOf(decided) })}>
          <span class="sign" aria-hidden="true">${action?.icon ?? '·'}</span><b class="display">${action?.title ?? 'Nothing'}</b><span class="spacer"></span><span class="small muted">${recogniser.classifierName}</span></p>
        <st-control-levels .actions=${scheme.actions.map((a) => ({ ...a, color: this.colorOf(a.id) }))} .controller=${this.controller} .thresholds=${this.thresholds} .delays=${this.delays} @decided=${(/** @type {CustomEvent} */ e) => { this.decided = e.detail; }}></st-control-levels>
        <st-control-tune .control=${this.control} .actions=${scheme.actions} .thresholds=${this.thresholds} .delays=${this.delays} ?isDefault=${this.isDefault}></st-control-tune>` : ''}`;
  }

  /** @param {string|null} action @returns {string} the colour of the class that does it */
  colorOf(action) {
    const classes = this.recogniser?.classes ?? [];
    return (action && classes.find(({ id }) => this.map[id] === action)?.color) || '#7d7168';
  }

  /** How many pictures an action has, over its classes. @param {string|null} action */
  picturesOf(action) {
    const session = this.recogniser?.session;
    return session?.classes.filter(({ id }) => (this.map[id] ?? null) === action).reduce((n, { id }) => n + session.samplesOf(id).length, 0) ?? 0;
  }

  teach() {
    const { teaching, scheme, recogniser } = this;
    if (!scheme || !recogniser) return '';
    const missing = scheme.actions.filter(({ id }) => !this.picturesOf(id));
    const begun = scheme.actions.length - missing.length;
    const busy = !!teaching?.running || !!this.calibrating?.running;
    const ready = recogniser.ready && recogniser.eyes.source.ready;
    const names = [...scheme.actions.map(({ title }) => title), 'nothing'];
    const told = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
    const done = teaching?.phase === 'done';
    return html`<section class="control-part ${missing.length ? 'wanted' : ''}" aria-labelledby="teach-title" data-testid="part-teach" data-phase=${teaching?.phase ?? ''}>
      <header class="panel-head"><h2 id="teach-title"><span class="step-number" aria-hidden="true">1</span>Teach</h2>${missing.length ? '' : html`<span class="small all-good">${icon('check')}Every move is taught</span>`}</header>
      <p>${done ? 'That was it. Try it: the bars follow you already.' : missing.length
        ? html`Show it <b>${told}</b>, twice each. It says what to do and records by itself, so your hands are free. It takes ${this.howLong()}.`
        : 'It knows every move. Teach again to add pictures, from where you play and in the light you play in.'}</p>
      <div class="part-does">
        <button type="button" class="button ${missing.length ? 'primary' : ''}" data-testid="teach" ?disabled=${busy || !ready} @click=${() => this.emit('teach')}>${icon('camera')}${done || !missing.length ? 'Teach again' : 'Show it now'}</button>
        <label class="check small"><input type="checkbox" .checked=${this.sound} data-testid="sound" @change=${(/** @type {any} */ e) => this.emit('set-sound', e.target.checked)}>Count aloud</label>
        ${ready || !recogniser.ready ? '' : html`<span class="small muted">It needs a camera.</span>`}
      </div>
      ${begun || done ? this.taughtList(busy || !ready) : ''}
    </section>`;
  }

  /** Seconds that the guided teaching takes. */
  howLong() {
    const lessons = (this.scheme?.actions.length ?? 2) + 1;
    const seconds = Math.ceil((4 + (lessons - 1) * 2.6 + lessons * 6) / 5) * 5;
    return seconds < 60 ? `about ${seconds} seconds` : 'a little over a minute';
  }

  /** @param {boolean} busy */
  taughtList(busy) {
    const session = this.recogniser?.session;
    if (!session) return '';
    const shown = session.classes.filter(({ id }) => session.samplesOf(id).length || this.map[id]);
    return html`<ul role="list" class="taught-list">${shown.map((c) => html`<li class="chip" .style=${tint(c)}><span class="swatch"></span><span class="chip-name">${c.label}</span><span class="muted nums">${count(session.samplesOf(c.id).length, 'picture')}</span>
      <button type="button" class="button ghost icon small" aria-label=${`Record ${c.label} again`} title=${`Record ${c.label} again`} data-testid="record-class" data-id=${c.id} ?disabled=${busy} @click=${() => this.emit('record-more', c.id)}>${icon('camera')}</button></li>`)}</ul>`;
  }

  bind() {
    const { scheme, recogniser } = this;
    const session = recogniser?.session;
    if (!scheme || !session) return '';
    const classes = session.classes.map(({ id, label, color }) => ({ id, label, color, count: session.samplesOf(id).length }));
    return html`<section class="control-part" aria-labelledby="bind-title" data-testid="part-bind">
      <header class="panel-head"><h2 id="bind-title"><span class="step-number" aria-hidden="true">2</span>What does what</h2></header>
      <p class="muted">Drag a class to a move, or choose the move on the class. Several classes may do the same.</p>
      <st-control-bind .classes=${classes} .actions=${scheme.actions} .map=${this.map}></st-control-bind>
    </section>`;
  }

  calibrate() {
    const { scheme, recogniser, calibrating, calibrated, result } = this;
    if (!scheme || !recogniser) return '';
    const ready = recogniser.ready && recogniser.eyes.source.ready && recogniser.canTell && scheme.actions.some(({ id }) => Object.values(this.map).includes(id));
    const busy = !!calibrating?.running || !!this.teaching?.running;
    return html`<section class="control-part" aria-labelledby="calibrate-title" data-testid="part-calibrate">
      <header class="panel-head"><h2 id="calibrate-title"><span class="step-number" aria-hidden="true">3</span>Measure</h2>
        ${calibrated && !result ? html`<span class="small muted nums" data-testid="calibrated">${percent(calibrated.accuracy)} right${calibrated.median_ms === null ? '' : `, ${Math.round(calibrated.median_ms)} ms`}, ${ago(calibrated.at)}</span>` : ''}</header>
      <p>${recogniser.canTell ? 'It asks for each move a few times, in half a minute, and tells how often it was right and how many milliseconds pass from your movement to the action.' : 'Teach it first; then it can be measured.'}</p>
      <div class="part-does"><button type="button" class="button ${result ? '' : 'primary'}" data-testid="calibrate" ?disabled=${!ready || busy} @click=${() => this.emit('calibrate')}>${icon('gauge')}${result || calibrated ? 'Measure again' : 'Measure'}</button></div>
      ${result ? html`<st-control-result .result=${result} .proposal=${this.proposal} .actions=${scheme.actions} .classes=${recogniser.classes} .map=${this.map} ?isUsed=${this.isUsed}></st-control-result>` : ''}
    </section>`;
  }

  goOn() {
    const { game, recogniser } = this;
    return html`<div class="go-on"><a class="button primary big" data-testid="go-play" href=${playUrl(`/play/${game?.name}`, recogniser?.session.id)} @click=${(/** @type {Event} */ e) => this.onPlay(e)}>${icon('play')}Play ${game?.title}</a></div>`;
  }

  /** What was just bound must be on the disk before the game opens it. @param {Event} event */
  onPlay(event) {
    event.preventDefault();
    this.emit('go-play', /** @type {HTMLAnchorElement} */ (event.currentTarget).href);
  }

  problemPanel() {
    return html`<section class="control-part" role="alert" data-testid="page-problem"><h2>${this.problem.title ?? 'This project cannot be played with'}</h2>
      <p>${inWords({ detail: this.problem.detail, message: this.problem.message })}</p><p><a class="button" href="/play">${icon('left')}All games</a></p></section>`;
  }
}
customElements.define('st-control', ControlPage);
