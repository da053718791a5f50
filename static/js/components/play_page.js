import { html } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { top } from '../play/top.js';
import { Light, count, inWords } from './element.js';
import { tint } from './colours.js';
import { icon } from './icons.js';
import './play_card.js';
import './theme.js';

const CLASSES_SHOWN = 8;

/**
 * The arcade: a project, five games, and what else a project can drive. pages/play.js sets the
 * properties and answers the events: choose-project with an id or null, teach-gestures, show-phones, copy
 * with a text.
 */
export class PlayPage extends Light {
  static properties = {
    projects: { attribute: false }, chosen: { attribute: false }, games: { attribute: false }, best: { attribute: false }, bound: { attribute: false },
    problem: { attribute: false }, busy: { type: Boolean },
  };

  constructor() {
    super();
    /** Items of Session.list; null while they are looked up. @type {any[]|null} */
    this.projects = null;
    /** @type {any} the one that is played with */
    this.chosen = null;
    /** @type {import('../games/table.js').Game[]} */
    this.games = [];
    /** Best score by game. @type {Record<string, {score: number, name: string}|null>} */
    this.best = {};
    /** Games for which the person has chosen what does what. @type {Set<string>} */
    this.bound = new Set();
    /** @type {any} */
    this.problem = null;
    this.busy = false;
  }

  render() {
    const { projects, chosen } = this;
    return html`${top({ project: chosen })}
      <main id="main" class="play-main">
        <section class="play-hero">
          <div><h1>Play. <em>You are the controller.</em></h1><p class="muted">Teach it a gesture, a face or a thing, and steer with it. Five games, all on this computer.</p></div>
          ${projects === null ? '' : projects.length ? this.choice() : this.firstTime()}
        </section>
        ${this.problem ? html`<p class="offline" role="alert">${icon('warning')}<span>${inWords(this.problem)}</span></p>` : ''}
        <section aria-labelledby="games-title"><h2 id="games-title" class="visually-hidden">Games</h2>
          <ul role="list" class="arcade" aria-busy=${!this.games.length}>${this.games.length
            ? repeat(this.games, (g) => g.GAME.name, (g) => html`<li><st-play-card .game=${g} .project=${chosen} .best=${this.best[g.GAME.name] ?? null} ?isBound=${this.bound.has(g.GAME.name)}></st-play-card></li>`)
            : [1, 2, 3, 4, 5].map(() => html`<li class="skeleton"></li>`)}</ul></section>
        ${this.more()}
      </main>`;
  }

  choice() {
    const { projects, chosen } = this;
    const taught = chosen?.classes.filter((/** @type {any} */ c) => c.count) ?? [];
    return html`<div class="play-project" data-testid="play-project">
      <label class="play-project-choice"><span>Play with</span><select class="select" data-testid="choose-project" @change=${(/** @type {any} */ e) => this.emit('choose-project', e.target.value || null)}>
        ${projects?.map((p) => html`<option value=${p.id} ?selected=${p.id === chosen?.id}>${p.name}</option>`)}
        <option value="" ?selected=${!chosen}>keyboard or touch only</option></select></label>
      ${chosen ? html`<ul role="list" class="chips" aria-label="Classes">${chosen.classes.slice(0, CLASSES_SHOWN).map((/** @type {any} */ c) => html`<li class="chip" .style=${tint(c)}><span class="swatch"></span><span class="chip-name">${c.label}</span><span class="nums muted">${c.count}</span></li>`)}
          ${chosen.classes.length > CLASSES_SHOWN ? html`<li class="chip muted">+${chosen.classes.length - CLASSES_SHOWN}</li>` : ''}</ul>
        ${taught.length < 2 ? html`<p class="small">It cannot tell anything apart yet. <a href=${`/control/${chosen.id}`}>Show it your moves</a>: it takes half a minute.</p>` : ''}`
        : html`<p class="small muted">Arrow keys, swipes or a gamepad play every game. <button type="button" class="play-link" data-testid="teach-gestures" ?disabled=${this.busy} @click=${() => this.emit('teach-gestures')}>Teach gestures</button> to play with the camera.</p>`}
    </div>`;
  }

  /** Nobody has taught anything yet. */
  firstTime() {
    return html`<div class="play-project first" data-testid="play-empty">
      <h2>Two ways to begin</h2>
      <p>Teach your moves: show left, right and nothing to the camera. It takes half a minute, and nothing leaves this computer.</p>
      <p class="part-does"><button type="button" class="button primary" data-testid="teach-gestures" ?disabled=${this.busy} @click=${() => this.emit('teach-gestures')}>${icon('camera')}Teach gestures</button>
        <a class="button" href="/play/${this.games[0]?.GAME.name ?? 'pong'}">${icon('play')}Play with the keyboard</a></p>
    </div>`;
  }

  more() {
    const { chosen } = this;
    const id = chosen?.id;
    const way = (/** @type {string} */ name, /** @type {string} */ title, /** @type {string} */ text, /** @type {string|null} */ href, /** @type {any} */ more = '') => html`<li class="drive" data-testid=${`way-${name}`}>
      <h3 class="display">${href ? html`<a href=${href}>${title}</a>` : title}</h3><p class="muted">${text}</p>${more}</li>`;
    return html`<section aria-labelledby="more-title"><div class="panel-head"><h2 id="more-title">What else it can drive</h2>${chosen ? html`<span class="small muted">${chosen.name}, ${count(chosen.classes.length, 'class', 'classes')}</span>` : html`<span class="small muted">Once you have taught something</span>`}</div>
      <ul role="list" class="drives">
        ${way('control', 'Controls', 'Which class does what in which game; how quick it is, measured in milliseconds.', id ? `/control/${id}` : null)}
        ${way('outputs', 'Outputs', 'Let each class play a sound, speak, show a picture, call an address, or send MIDI.', id ? `/outputs/${id}` : null)}
        ${way('machine', 'Machine', 'Nothing but the outputs, full screen: for an exhibition or a classroom.', id ? `/machine/${id}` : null)}
        ${way('phone', 'A phone as eyes', 'Show the phone a code: it teaches and plays by its own camera, also a second player.', null, id ? html`<p><button type="button" class="button small" data-testid="phones" ?disabled=${this.busy} @click=${() => this.emit('show-phones')}>${icon('phone')}Let a phone in</button></p>` : '')}
        ${way('stream', 'Your own program', 'Every answer as it comes, over a socket or as server-sent events, for Python, p5.js, Processing or curl.', null, id ? html`<code class="listen-command"><span>python -m server listen "${chosen.name}"</span><button type="button" class="button ghost icon small" aria-label="Copy the command" title="Copy" @click=${() => this.emit('copy', `python -m server listen "${chosen.name}"`)}>${icon('copy')}</button></code>` : '')}
      </ul></section>`;
  }
}
customElements.define('st-play', PlayPage);
