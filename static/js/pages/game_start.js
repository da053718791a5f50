import { html } from 'lit';
import { Light } from '../components/element.js';
import { tint } from '../components/colours.js';
import { volumeSlider } from '../components/output_volume.js';
import { keyName, keysOf, kindOf } from '../games/shell/seats.js';
import { gameIcon } from './game_icons.js';
import './game_parts.js';

const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/**
 * The start screen of a game: what it is, what one does, who plays with what. Property: play.
 * Events: begin, watch, seat {player, value}, players, scheme, level, name, volume {value, done}, add-phone.
 */
export class GameStart extends Light {
  static properties = { play: { attribute: false } };

  constructor() {
    super();
    /** @type {import('./game_play.js').GamePlay|null} */
    this.play = null;
  }

  render() {
    const { play } = this;
    if (!play) return html``;
    const { GAME } = play.game;
    return html`
      <div class="game-intro"><h1>${GAME.title}</h1><p class="game-line">${GAME.line}</p></div>
      <div class="game-go">
        <button type="button" class="button primary game-start" data-testid="start" @click=${() => this.emit('begin')}>${gameIcon('play')}Play</button>
        <button type="button" class="button" data-testid="watch" @click=${() => this.emit('watch')}>${gameIcon('bot')}Watch it play</button>
      </div>
      ${this.seats()}
      ${this.moves()}
      <section aria-labelledby="how-title"><h2 id="how-title">How it goes</h2>
        <ol class="game-how">${GAME.how.map((line) => html`<li>${line}</li>`)}</ol>
        <st-game-parts .play=${play}></st-game-parts>
        <p class="small muted">${GAME.levels}</p>
      </section>
      ${this.options()}`;
  }

  /** Who plays with what. */
  seats() {
    const play = /** @type {import('./game_play.js').GamePlay} */ (this.play);
    const { players } = play.game.GAME;
    return html`<section aria-labelledby="seats-title" class="game-seats"><h2 id="seats-title">Play with</h2>
      ${players.length > 1 ? html`<div class="segments" role="radiogroup" aria-label="How many play" data-testid="players">${players.map((n) => html`<label><input type="radio" name="players" .checked=${play.players === n} @change=${() => this.emit('players', n)}>${n === 1 ? 'One player' : 'Two players'}</label>`)}</div>` : ''}
      ${Array.from({ length: play.players }, (_, player) => this.seat(player))}
      ${this.project()}
    </section>`;
  }

  /** @param {number} player */
  seat(player) {
    const play = /** @type {import('./game_play.js').GamePlay} */ (this.play);
    const chosen = play.seats[player];
    const choices = play.choices(player);
    return html`<div class="game-seat">${play.players > 1 ? html`<h3>Player ${player + 1}</h3>` : ''}
      <div class="game-kinds" role="radiogroup" aria-label=${`What player ${player + 1} plays with`} data-testid=${`seat-${player}`}>
        ${choices.map(({ value, title, icon, why }) => html`<label class="game-kind" title=${why}><input type="radio" name=${`seat-${player}`} value=${value} ?disabled=${why !== ''} .checked=${chosen === value} @change=${() => this.emit('seat', { player, value })}>${gameIcon(icon)}<span>${title}</span></label>`)}
        ${play.project && player === 0 ? html`<button type="button" class="game-kind game-add" data-testid="add-phone" @click=${() => this.emit('add-phone')}>${gameIcon('phone')}<span>Add phone</span></button>` : ''}
      </div></div>`;
  }

  /** What the camera knows, or how it comes to know something. */
  project() {
    const { project, name } = /** @type {import('./game_play.js').GamePlay} */ (this.play);
    if (!project) return html`<p class="small muted">To play with the camera, <a href="/play">choose a project</a> or <a href="/">teach a new one</a>: it takes a minute.</p>`;
    if (project.taught < 2) return html`<p class="small muted"><a href=${`/teach/${project.id}`}>Teach ${project.name} two classes</a>, and you can play with the camera.</p>`;
    return html`<p class="small muted">With <a href=${`/teach/${project.id}`}>${project.name}</a>. <a href=${`/control/${project.id}?game=${name}`} data-testid="controls">Who does what, and try it out</a> · <a href="/play">another project</a></p>`;
  }

  /** The moves, and what does them. */
  moves() {
    const play = /** @type {import('./game_play.js').GamePlay} */ (this.play);
    const { schemes } = play.game.GAME;
    const byAction = play.classesByAction();
    const seen = play.seats.slice(0, play.players).some((seat) => ['camera', 'phone'].includes(kindOf(seat)));
    const players = Array.from({ length: play.players }, (_, player) => Object.entries(keysOf(play.actions, player, play.players)).filter(([code]) => !code.startsWith('Numpad')));
    /** The keys of a move; of two players each has some of their own. @param {string} id */
    const keys = (id) => players.map((list, player) => html`${play.players > 1 ? html`<span class="small muted">${player + 1}:</span>` : ''}${list.filter(([, action]) => action === id).map(([code]) => html`<kbd>${keyName(code)}</kbd>`)}`);
    return html`<section aria-labelledby="moves-title" class="game-moves-part"><div class="panel-head"><h2 id="moves-title">Your moves</h2>
      ${schemes.length > 1 ? html`<select class="select small" aria-label="Which moves" data-testid="scheme" @change=${(/** @type {Event} */ e) => this.emit('scheme', /** @type {HTMLSelectElement} */ (e.target).value)}>${schemes.map(({ id, title }) => html`<option value=${id} ?selected=${id === play.scheme.id}>${title}</option>`)}</select>` : ''}</div>
      <ul role="list" class="game-moves">${play.actions.map(({ id, title, does, icon }) => html`<li>
        <b class="game-move-icon" aria-hidden="true">${icon}</b><span><strong>${title}</strong> ${does}</span>
        <span class="game-drivers">${seen ? (byAction.get(id) ?? []).map((item) => html`<span class="chip" .style=${tint(item)}><span class="swatch"></span><span class="chip-name">${item.label}</span></span>`) : ''}${seen && !byAction.has(id) ? html`<span class="small muted">no class yet</span>` : ''}${keys(id)}</span></li>`)}</ul></section>`;
  }

  options() {
    const play = /** @type {import('./game_play.js').GamePlay} */ (this.play);
    return html`<section class="game-options" aria-label="Name, level and volume">
      <label><span>Your name</span><input class="game-name" type="text" maxlength="40" autocomplete="nickname" placeholder="for the best scores" data-testid="name" .value=${play.person} @change=${(/** @type {Event} */ e) => this.emit('name', /** @type {HTMLInputElement} */ (e.target).value)}></label>
      <label><span>Begin at level</span><select class="select" data-testid="game-level" @change=${(/** @type {Event} */ e) => this.emit('level', Number(/** @type {HTMLSelectElement} */ (e.target).value))}>${LEVELS.map((n) => html`<option value=${n} ?selected=${n === play.level}>${n}</option>`)}</select></label>
      ${volumeSlider(play.sound.volume, (value, done) => this.emit('volume', { value, done }))}
    </section>`;
  }
}
customElements.define('st-game-start', GameStart);
