import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Api } from '../net/api.js';
import { outside } from './dialogs.js';
import { Light, inWords } from './element.js';
import { icon } from './icons.js';
import { doing } from './phone_words.js';

/**
 * @typedef {import('../play/phones.js').Phones} Phones
 * @typedef {import('../play/phones.js').PhoneLink} PhoneLink
 * @typedef {import('../net/api.js').WirePairing} WirePairing
 * @typedef {'player'|'teacher'} Role
 * @typedef {object} Savable a session: phones get the project from the server, so it must be there
 * @property {string} id
 * @property {{where: 'local'|'server', dirty: boolean, conflict: unknown, problem: Error|null}} status
 * @property {() => Promise<boolean>} save
 */

const PLAYERS = [1, 2, 3, 4];
/** A code is renewed so long before it ends (s): typing takes a while. */
const RENEW_BEFORE = 20;
/** Bytes of the fingerprint that are shown; the page about the certificate has all. */
const BYTES_SHOWN = 6;

/** @param {number} seconds */
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/**
 * A dialog that lets phones in by a QR code and lists those that are there. Properties: phones (a
 * `Phones`, which the page keeps); session (saved before a code is shown); api. Method: show(role).
 * Events: phones-open, phones-closed.
 */
export class PhonesDialog extends Light {
  static properties = {
    phones: { attribute: false }, session: { attribute: false }, api: { attribute: false },
    open: { state: true }, role: { state: true }, player: { state: true }, pairing: { state: true }, left: { state: true }, busy: { state: true }, problem: { state: true },
  };

  constructor() {
    super();
    /** @type {Phones|null} */
    this.phones = null;
    /** @type {Savable|null} */
    this.session = null;
    this.api = new Api();
    this.open = false;
    /** @type {Role} */
    this.role = 'player';
    this.player = 1;
    /** @type {WirePairing|null} */
    this.pairing = null;
    /** Seconds that the code is still good for. */
    this.left = 0;
    this.busy = '';
    /** @type {any} */
    this.problem = null;
    /** When the code ends, by performance.now(). */
    this.ends = 0;
    /** Counts wishes for a code: the latest holds. */
    this.wishes = 0;
    /** Phones that were there when the code was made; null until the list has come. @type {Set<string>|null} */
    this.known = null;
    /** @type {ReturnType<typeof setInterval>|null} */
    this.timer = null;
    this.onPhones = () => this.heardPhones();
  }

  /** @param {Map<string, any>} changed */
  willUpdate(changed) {
    if (!changed.has('phones')) return;
    changed.get('phones')?.removeEventListener('change', this.onPhones);
    this.phones?.addEventListener('change', this.onPhones);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.rest();
  }

  render() {
    return html`<dialog class="phones" aria-labelledby="phones-title" data-testid="phones-dialog" @click=${this.onClick} @close=${this.onClose}>
      ${this.open ? html`
        <header><h2 id="phones-title">Phones</h2>
          <button type="button" class="button icon ghost" aria-label="Close" data-testid="close-phones" @click=${this.close}>${icon('close')}</button></header>
        <div class="phones-body">
          <div class="phones-way">${this.way()}</div>
          <div class="phones-side">
            ${this.wishesView()}
            ${this.warning()}
            ${this.list()}
          </div>
        </div>` : ''}
    </dialog>`;
  }

  /** What the phone is to do. */
  wishesView() {
    const roles = /** @type {[Role, string][]} */ ([['player', 'Plays'], ['teacher', 'Teaches along']]);
    return html`<div class="phones-wish">
      <fieldset class="segments" @change=${(/** @type {any} */ e) => this.wish({ role: e.target.value })}><legend class="visually-hidden">What the next phone does</legend>
        ${roles.map(([value, text]) => html`<label><input type="radio" name="phone-role" value=${value} .checked=${this.role === value} data-testid=${`role-${value}`}><span>${text}</span></label>`)}</fieldset>
      ${this.role === 'player' ? html`<fieldset class="segments" @change=${(/** @type {any} */ e) => this.wish({ player: Number(e.target.value) })}><legend class="visually-hidden">Which player it is</legend>
        ${PLAYERS.map((n) => html`<label><input type="radio" name="phone-player" value=${n} .checked=${this.player === n} aria-label=${`Player ${n}`}><span aria-hidden="true">${n}</span></label>`)}</fieldset>` : ''}
      <p class="small muted">${this.role === 'player'
        ? `The next phone is player ${this.player}: it looks with its own camera and tells this screen which class it sees. It sends no pictures.`
        : 'The next phone adds pictures to this project with its own camera. Each picture says whose it is.'}</p>
    </div>`;
  }

  /** The code, or what to do first. */
  way() {
    const { pairing, problem, busy } = this;
    if (problem) {
      return html`<div class="phones-note bad" role="alert" data-testid="phones-problem">${icon('warning')}<p>${inWords(problem)}</p>
        <button type="button" class="button small" @click=${() => this.renew()}>Try again</button></div>`;
    }
    if (!pairing) return html`<div class="phones-qr waiting" role="status"><p class="small muted">${busy || 'Making a code …'}</p></div>`;
    if (!pairing.reachable) {
      return html`<div class="phones-note" data-testid="phones-unreachable">${icon('lock')}<p>${this.hint(pairing.hint)}</p>
        <p><a class="button small" href=${pairing.url} target="_blank" rel="noopener" data-testid="phone-url">${icon('phone')}Try it in a window here</a></p>
        ${this.remaining()}</div>`;
    }
    return html`<img class="phones-qr" src=${pairing.qr} alt=${`QR code of ${pairing.page}`} width="240" height="240" data-testid="qr" data-url=${pairing.url}>
      <p class="phones-say display">Scan this with the phone’s camera.</p>
      <p class="small muted">Or open <a href=${pairing.url} target="_blank" rel="noopener" class="phones-page" data-testid="phone-url">${pairing.page.replace(/^https?:\/\//, '')}</a> and type</p>
      <p class="phones-code nums" data-testid="phone-code">${pairing.code}</p>
      ${this.remaining()}`;
  }

  /** Commands in a hint stand out. @param {string} text */
  hint(text) {
    const [before, command] = text.split(/(?=HOST=)/);
    return command ? html`${before}<code class="phones-command">${command}</code>` : text;
  }

  remaining() {
    return html`<p class="small muted nums" data-testid="phone-left">For one phone, good for ${clock(this.left)}.</p>`;
  }

  /** Before any page of ours is shown the phone's browser warns: so it is said here. */
  warning() {
    const { pairing } = this;
    if (!pairing?.reachable || !pairing.certificate?.is_own) return '';
    const print = pairing.certificate.sha256.split(':').slice(0, BYTES_SHOWN).join(':');
    return html`<details class="phones-warning small" open><summary>The phone will warn you first</summary>
      <p>It does not know this computer’s certificate, which was made here. On Android press <b>Advanced</b>, then <b>Proceed</b>; on an iPhone <b>Show Details</b>, then <b>visit this website</b>.
        Its SHA-256 fingerprint begins with <span class="nums phones-print">${print}</span>. <a href="/certificate" target="_blank" rel="noopener">More about the warning</a></p></details>`;
  }

  list() {
    const links = this.phones?.links ?? [];
    return html`<section aria-labelledby="phones-here"><h3 id="phones-here" class="small">${links.length ? 'Phones of this project' : 'No phone is here yet'}</h3>
      ${links.length ? html`<ul role="list" class="phones-list">${repeat(links, ({ id }) => id, (link) => this.row(link))}</ul>`
        : html`<p class="small muted">Several may come: each gets a code of its own.</p>`}</section>`;
  }

  /** @param {PhoneLink} link */
  row(link) {
    const { id, name, connected, rtt_ms: trip } = link;
    return html`<li class="phones-row ${connected ? 'here' : ''}" data-testid="phone-row" data-id=${id} data-connected=${connected}>
      <span class="phones-dot" aria-hidden="true"></span>
      <span class="phones-who"><strong>${name}</strong><span class="small muted">${doing(link)} · ${connected ? html`here${trip === null ? '' : html`, <span class="nums" data-testid="phone-delay">${Math.max(1, Math.round(trip / 2))} ms away</span>`}` : 'not here now'}</span></span>
      <button type="button" class="button small" data-testid="remove-phone" aria-label=${`Remove ${name}`} @click=${() => this.shutOut(link)}>Remove</button></li>`;
  }

  /**
   * Show the dialog with a fresh code.
   * @param {{role?: Role, player?: number}} [wish] without a player: the first that no phone is
   */
  async show({ role = this.role, player } = {}) {
    this.open = true;
    this.role = role;
    this.player = player ?? this.freePlayer();
    this.known = this.phones?.ready ? new Set(this.phones.links.map(({ id }) => id)) : null;
    this.timer ??= setInterval(() => this.tick(), 1000);
    await this.updateComplete;
    const dialog = /** @type {HTMLDialogElement} */ (this.need('dialog'));
    if (!dialog.open) dialog.showModal();
    this.emit('phones-open');
    await this.renew();
  }

  close() {
    /** @type {HTMLDialogElement} */ (this.need('dialog')).close();
  }

  onClose() {
    this.rest();
    this.emit('phones-closed');
  }

  rest() {
    this.open = false;
    this.pairing = null;
    this.wishes += 1;
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  /** The first player that no phone is. */
  freePlayer() {
    const taken = new Set(this.phones?.links.map(({ player }) => player));
    return PLAYERS.find((n) => !taken.has(n)) ?? 1;
  }

  /** @param {{role?: Role, player?: number}} wish */
  wish({ role = this.role, player = this.player }) {
    this.role = role;
    this.player = player;
    void this.renew();
  }

  /** Get a new code; the one before is good until its time is over. */
  async renew() {
    const mine = ++this.wishes;
    const { session, phones } = this;
    this.problem = null;
    try {
      if (session && (session.status.where === 'local' || session.status.dirty)) {
        this.busy = 'Saving the project, so that phones can fetch it …';
        this.pairing = null;
        if (!(await session.save()) && session.status.where === 'local') {
          throw session.status.problem ?? new Error('The project could not be saved, and phones fetch it from the server. Save it, then try again.');
        }
        this.busy = '';
      }
      const id = session?.id ?? phones?.projectId;
      if (!id || mine !== this.wishes) return;
      const pairing = await this.api.pair(id, { role: this.role, ...(this.role === 'player' && { player: this.player }) });
      if (mine !== this.wishes) return;
      this.pairing = pairing;
      this.ends = performance.now() + pairing.seconds_left * 1000;
      this.tick();
    } catch (error) {
      if (mine === this.wishes) this.problem = error;
    } finally {
      this.busy = '';
    }
  }

  tick() {
    if (!this.pairing) return;
    this.left = Math.max(0, Math.ceil((this.ends - performance.now()) / 1000));
    if (this.left <= RENEW_BEFORE) void this.renew();
  }

  /** A phone that is new has used the code up: the next one needs another. */
  heardPhones() {
    if (!this.open || !this.phones?.ready) return;
    const ids = this.phones.links.map(({ id }) => id);
    const { known } = this;
    this.known = new Set(ids);
    if (known && ids.some((id) => !known.has(id))) {
      if (this.role === 'player') this.player = this.freePlayer();
      void this.renew();
    }
    this.requestUpdate();
  }

  /** @param {PhoneLink} link */
  async shutOut(link) {
    try {
      await this.api.removePhone(link.id);
    } catch (error) {
      if (/** @type {any} */ (error).status !== 404) this.problem = error;
    }
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const dialog = /** @type {HTMLDialogElement} */ (this.need('dialog'));
    if (event.target === dialog && outside(dialog, event)) dialog.close();
  }
}
customElements.define('st-phones', PhonesDialog);
