import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { tint } from '../components/colours.js';
import { Light, announce, calm, count, percent } from '../components/element.js';
import { icon } from '../components/icons.js';
import { doing } from '../components/phone_words.js';
import '../components/hold.js';
import '../components/theme.js';

/** What the line's state is called. @type {Record<import('./phone_line.js').LineState, string>} */
const LINE = {
  connecting: 'Connecting …', connected: 'Connected', lost: 'Connection lost, trying again', removed: 'Removed', elsewhere: 'Open in another tab',
};
/** @type {Record<import('../play/phones.js').ShownState, string>} */
const STATES = { idle: 'Ready', playing: 'Playing', paused: 'Paused', over: 'Game over' };
/** A message stands for so long (ms). */
const SAID = 5000;

/** The phone's page as a picture of its state; pages/phone.js sets the properties and answers the events. */
export class PhonePage extends Light {
  static properties = {
    step: {}, code: {}, person: {}, busy: { type: Boolean }, problem: {}, phone: { attribute: false }, line: {}, shown: { attribute: false }, trip: { attribute: false },
    loading: { attribute: false }, fault: {}, along: { attribute: false }, source: { attribute: false }, camera: { attribute: false }, canFlip: { type: Boolean },
    mirrored: { type: Boolean }, classes: { attribute: false }, canTell: { type: Boolean }, recording: { attribute: false }, said: { state: true },
  };

  constructor() {
    super();
    /** @type {'join'|'ready'|'away'|''} */
    this.step = '';
    this.code = '';
    this.person = '';
    this.busy = false;
    this.problem = '';
    /** @type {(import('../net/api.js').WirePhone & {project: string})|null} */
    this.phone = null;
    /** @type {import('./phone_line.js').LineState} */
    this.line = 'connecting';
    /** @type {import('../play/phones.js').Shown|null} */
    this.shown = null;
    /** @type {number|null} */
    this.trip = null;
    /** @type {{text: string, fraction: number}|null} */
    this.loading = null;
    this.fault = '';
    /** @type {import('./phone_teaching.js').TeachAlong|null} */
    this.along = null;
    /** @type {any} */
    this.source = null;
    /** @type {import('../capture/camera.js').Camera|null} */
    this.camera = null;
    this.canFlip = false;
    this.mirrored = false;
    /** @type {{id: string, label: string, color: string, mine: number, count: number}[]} */
    this.classes = [];
    this.canTell = false;
    /** @type {string|null} */
    this.recording = null;
    this.said = '';
    /** @type {Record<string, (detail: any) => any>} */
    this.answers = {};
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.saying = undefined;
    for (const name of ['flip-camera', 'retry-camera', 'hold-start', 'hold-stop', 'undo-burst', 'leave']) {
      this.addEventListener(name, (/** @type {any} */ event) => this.answers[name]?.(event.detail));
    }
  }

  render() {
    const views = /** @type {Record<string, () => any>} */ ({ join: () => this.joining(), ready: () => this.ready(), away: () => this.away() });
    return html`<main class="phone-page ${this.phone?.role ?? ''}" id="main">${views[this.step]?.() ?? ''}</main>`;
  }

  joining() {
    const scanned = !!this.code && !this.problem;
    return html`<section class="phone-join">
      <p class="phone-mark"><img src="/static/img/favicon.svg" alt="" width="56" height="56"></p>
      <h1 class="display">${scanned ? 'Who is this?' : 'Join with this phone'}</h1>
      <form @submit=${this.onJoin}>
        ${this.problem ? html`<p class="phone-problem" role="alert" data-testid="join-problem">${icon('warning')}<span>${this.problem}</span></p>` : ''}
        ${scanned ? '' : html`<label class="phone-field"><span>The code on the big screen</span>
          <input name="code" required maxlength="40" autocomplete="off" autocapitalize="characters" spellcheck="false" .value=${this.code} data-testid="join-code"></label>`}
        <label class="phone-field"><span>Your name</span>
          <input name="name" required maxlength="40" autocomplete="nickname" enterkeyhint="go" .value=${this.person} data-testid="join-name"></label>
        <button class="button primary phone-go" ?disabled=${this.busy} data-testid="join">${this.busy ? 'Joining …' : 'Join'}</button>
      </form>
      <p class="small muted">The camera’s pictures stay on this phone while you play. If you teach along, the pictures you record go to the computer that you join, and nowhere else.</p>
    </section>`;
  }

  away() {
    return html`<section class="phone-join" role="status"><p class="phone-mark"><img src="/static/img/favicon.svg" alt="" width="56" height="56"></p>
      <h1 class="display">Looking for the computer …</h1><p class="muted">It does not answer. Are both in the same Wi-Fi? This page goes on by itself.</p></section>`;
  }

  /** What a phone shows that was let in. */
  ready() {
    const { phone, line } = this;
    if (!phone) return '';
    if (line === 'removed' || line === 'elsewhere') return this.ended(line);
    return html`
      <h1 class="visually-hidden">Phone of ${phone.name}</h1>
      <header class="phone-top">
        <span class="phone-name"><strong>${phone.name}</strong><span class="small muted">${doing(phone)} · ${phone.project}</span></span>
        <span class="phone-line ${line}" role="status" data-testid="line" data-state=${line}><span class="phones-dot" aria-hidden="true"></span>${LINE[line]}${line === 'connected' && this.trip !== null ? html` <span class="nums muted" aria-hidden="true">${Math.max(1, Math.round(this.trip / 2))} ms</span>` : ''}</span>
      </header>
      ${this.view()}
      ${phone.role === 'teacher' ? this.teaching() : this.playing()}
      ${this.said ? html`<p class="phone-said" role="status">${this.said}</p>` : ''}`;
  }

  /** @param {'removed'|'elsewhere'} line */
  ended(line) {
    const removed = line === 'removed';
    return html`<section class="phone-join" role="alert" data-testid="phone-ended"><p class="phone-mark"><img src="/static/img/favicon.svg" alt="" width="56" height="56"></p>
      <h1 class="display">${removed ? 'See you!' : 'Open in another tab'}</h1>
      <p>${removed ? 'This phone has left the project. To come back, scan a new code on the big screen.' : 'This phone goes on there.'}</p>
      <p><button type="button" class="button primary phone-go" @click=${() => this.emit('again')}>${removed ? 'I have a code' : 'Go on here'}</button></p></section>`;
  }

  /** The camera's picture, with what it sees written on it. */
  view() {
    const { camera, recording } = this;
    const subject = this.classes.find(({ id }) => id === recording);
    return html`<div class="frame phone-frame ${this.mirrored ? 'mirrored' : ''} ${recording ? 'recording' : ''}" .style=${tint(subject ?? { color: '#777777' })} data-testid="frame">
      <div class="picture" ?hidden=${camera?.state === 'failed'}>${this.source?.element ?? ''}</div>
      <div class="flash" aria-hidden="true"></div>
      ${this.over()}
      <p class="phone-sees" hidden data-testid="phone-sees"><span class="phone-sees-name display"></span><span class="phone-sees-share nums"></span></p>
      ${this.canFlip && camera?.state === 'running' ? html`<button type="button" class="button icon phone-flip" aria-label="Other side: front or back camera" data-testid="flip-camera" @click=${() => this.emit('flip-camera')}>${icon('flip')}</button>` : ''}
    </div>`;
  }

  /** What lies over the picture while there is none, or nothing to tell. */
  over() {
    const { camera, loading, fault } = this;
    if (fault) return html`<div class="veil phone-veil" role="alert"><p>${fault}</p><button type="button" class="button" @click=${() => this.emit('again')}>Try again</button></div>`;
    if (camera?.state === 'failed') {
      const { title, explanation } = camera.error ?? { title: 'The camera did not start', explanation: '' };
      const way = isSecureContext ? '' : 'The computer must be started with HTTPS: HOST=0.0.0.0 SHOWTELL_TLS=1 make run';
      return html`<div class="veil phone-veil" role="alert" data-testid="camera-problem"><h2>${title}</h2><p>${explanation}</p>${way ? html`<p>${way}</p>` : ''}<button type="button" class="button" @click=${() => this.emit('retry-camera')}>${icon('camera')}Try again</button></div>`;
    }
    if (loading) return html`<div class="veil phone-veil"><p role="status">${loading.text} …</p><progress max="1" .value=${loading.fraction} aria-label=${loading.text}></progress></div>`;
    if (camera?.state !== 'running') return html`<p class="veil">Waking the camera. Your browser may ask for permission.</p>`;
    return '';
  }

  /** What the big screen says. */
  playing() {
    const { shown } = this;
    const state = shown?.state ?? 'idle';
    const lost = this.line === 'lost';
    return html`<section class="phone-card ${lost ? 'lost' : state}" aria-label="The big screen" data-testid="screen-says" data-state=${state}>
      ${shown && (shown.title || shown.text || state !== 'idle') ? html`
        <p class="phone-state"><span class="phone-badge">${lost ? 'Waiting' : STATES[state]}</span>${shown.title ? html`<strong>${shown.title}</strong>` : ''}</p>
        ${typeof shown.score === 'number' ? html`<p class="phone-score display nums" data-testid="phone-score">${shown.score.toLocaleString('en-GB')}</p>` : ''}
        ${lost ? html`<p class="muted">The game waits for this phone.</p>` : shown.text ? html`<p class="muted">${shown.text}</p>` : ''}`
        : html`<p class="phone-state"><strong>Look at the big screen</strong></p><p class="muted">${this.canTell || this.loading ? 'This phone is a controller now. Choose it there as the player’s controller.' : 'Nothing is taught yet. Teach two classes on the big screen first.'}</p>`}
    </section>
    <footer class="phone-foot"><button type="button" class="button small ghost" data-testid="leave" @click=${() => this.emit('leave')}>Leave</button><st-theme></st-theme></footer>`;
  }

  teaching() {
    const { along, classes } = this;
    const ready = this.camera?.state === 'running' && !this.loading;
    const waiting = along?.waiting ?? 0;
    const last = along?.last;
    return html`<section class="phone-teach" aria-label="Classes">
      <p class="muted phone-how">${classes.length ? 'Hold a button while you show it to the camera.' : 'There are no classes yet. Add some on the big screen.'}</p>
      ${repeat(classes, ({ id }) => id, (item) => html`<div class="phone-class" data-testid="phone-class" data-id=${item.id}>
        <st-hold .item=${{ ...item, label: 'hold to record' }} text=${item.label} ?recording=${this.recording === item.id} ?disabled=${!ready}></st-hold>
        <span class="small nums" data-testid="phone-count">${count(item.mine, 'picture')} of yours, ${item.count} in all</span></div>`)}
    </section>
    <footer class="phone-foot">
      <button type="button" class="button" data-testid="undo-burst" ?disabled=${!last || along?.isUndoing || this.recording !== null} @click=${() => this.emit('undo-burst')}>${icon('undo')}${along?.isUndoing ? 'Taking back …' : last ? `Take back ${last.ids.filter((id) => along?.isThere(id)).length} of ${last.label}` : 'Nothing to take back'}</button>
      <span class="small muted nums" role="status" data-testid="phone-waiting">${along?.isOffline && waiting ? `${count(waiting, 'picture')} wait for the connection` : ''}</span>
      <button type="button" class="button small ghost" data-testid="leave" @click=${() => this.emit('leave')}>Leave</button>
    </footer>`;
  }

  /**
   * Write what is seen on the picture.
   * @param {Float32Array|null} shares one for each class, then that of 'None of these'; null: nothing to tell
   * @param {boolean} unknown
   */
  tell(shares, unknown) {
    const place = /** @type {HTMLElement|null} */ (this.querySelector('.phone-sees'));
    if (!place) return;
    place.hidden = !shares;
    if (!shares) return;
    let best = 0;
    for (let i = 1; i < shares.length; i += 1) if (shares[i] > shares[best]) best = i;
    const item = unknown ? undefined : this.classes[best];
    this.need('.phone-sees-name').textContent = item?.label ?? 'None of these';
    this.need('.phone-sees-share').textContent = percent(shares[item ? best : shares.length - 1]);
    place.dataset.label = item?.label ?? '';
    place.style.cssText = tint(item ?? { color: '#7d7168' });
  }

  /** Say a sentence for a while. @param {string} text */
  say(text) {
    this.said = text;
    announce(text);
    clearTimeout(this.saying);
    this.saying = setTimeout(() => (this.said = ''), SAID);
  }

  /** One more picture was taken. */
  blink() {
    if (!calm()) this.querySelector('.flash')?.animate([{ opacity: 1 }, { opacity: 0.4 }], { duration: 180, easing: 'ease-out' });
  }

  /** @param {SubmitEvent} event */
  onJoin(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const name = String(form.get('name') ?? '').trim();
    const code = String(form.get('code') ?? this.code).trim();
    if (name && code) this.emit('join', { code, name });
  }
}
customElements.define('st-phone-page', PhonePage);
