import { html } from 'lit';
import { Light } from '../components/element.js';
import { tint } from '../components/colours.js';
import { keyName, keysOf } from '../games/shell/seats.js';
import { thresholdOf } from '../control/decider.js';
import { SeenController } from '../control/seen.js';
import { gameIcon } from './game_icons.js';

/** How often the numbers are written (ms). */
const EVERY = 200;

/**
 * What steers the game, beside it: the camera's picture, how strongly each action is seen, the input's
 * age. Property: play. Event: retry-camera. Drawn by Lit when something changes, never for a picture; `show` moves the bars.
 */
export class GameSide extends Light {
  static properties = { play: { attribute: false } };

  constructor() {
    super();
    /** @type {import('./game_play.js').GamePlay|null} */
    this.play = null;
    this.written = 0;
    /** Controllers that look. @type {SeenController[]} */
    this.seeing = [];
    /** Rows of moves that light up, for who plays with keys or fingers. @type {{row: Element, player: number, action: string, on: boolean}[]} */
    this.moves = [];
    /** @type {{bar: HTMLElement, row: HTMLElement, level: number, on: boolean}[][]} bars of each controller */
    this.bars = [];
    /** @type {Record<string, string>} */
    this.texts = {};
  }


  render() {
    const { play } = this;
    if (!play) return html``;
    this.seeing = play.connected.map(({ controller }) => controller).filter((controller) => controller instanceof SeenController);
    const { project } = play;
    const camera = this.seeing.some(({ kind }) => kind === 'camera');
    const byAction = play.classesByAction();
    return html`
      ${camera && project ? html`<div class="game-eye" data-testid="eye">${project.picture}
        ${project.waiting ? html`<div class="game-eye-wait" role="status"><span>${project.waiting.text}</span>${project.waiting.fraction === null ? html`<progress aria-label=${project.waiting.text}></progress>` : html`<progress max="1" .value=${project.waiting.fraction} aria-label=${project.waiting.text}></progress>`}</div>` : ''}
        ${project.trouble ? html`<div class="game-eye-wait" role="alert" data-testid="camera-problem"><span>${project.trouble.title}. ${project.trouble.wayOn}</span><button type="button" class="button small" @click=${() => this.emit('retry-camera')}>Try again</button></div>` : ''}
        ${project.problem ? html`<div class="game-eye-wait" role="alert"><span>${project.problem.message}</span><a class="button small" href=${`/teach/${project.id}`}>Look in the teach page</a></div>` : ''}
      </div>` : ''}
      ${this.seeing.map((controller) => html`<div class="game-levels" role="group" aria-label=${`How strongly ${controller.title} sees each move`}>
        ${play.players > 1 || controller.kind === 'remote' ? html`<h3>${controller.title}${play.players > 1 ? `, player ${controller.player + 1}` : ''}</h3>` : ''}
        ${play.actions.map((action) => this.row(action, byAction.get(action.id) ?? [], thresholdOf(play.project?.control ?? null, action.id)))}
        ${controller.state !== 'ready' && controller.text && !(controller.kind === 'camera' && project?.waiting) ? html`<p class="small muted">${controller.text}</p>` : ''}
      </div>`)}
      ${this.seeing.length ? '' : Array.from({ length: play.players }, (_, player) => this.movesOf(player))}
      <dl class="game-numbers small">
        <div><dt>Input</dt><dd class="nums" data-testid="age">–</dd></div>
        <div><dt>Drawing</dt><dd class="nums" data-testid="fps">–</dd></div>
        ${this.seeing.length ? html`<div><dt>Seeing</dt><dd class="nums" data-testid="predictions">–</dd></div>` : ''}
      </dl>`;
  }

  /** @param {import('../games/table.js').Action} action @param {{label: string, color: string}[]} classes @param {{on: number, off: number}} threshold */
  row(action, classes, { on, off }) {
    const mark = (/** @type {number} */ at) => `left:${Math.round(at * 100)}%`;
    return html`<div class="game-level" data-action-level=${action.id} .style=${classes[0] ? tint(classes[0]) : ''}>
      <span class="game-level-name"><b aria-hidden="true">${action.icon}</b>${action.title}</span>
      <span class="game-level-bar"><span class="game-level-fill"></span><i class="mark off" .style=${mark(off)}></i><i class="mark on" .style=${mark(on)}></i></span>
    </div>`;
  }

  /** Which keys do what. @param {number} player from 0 */
  movesOf(player) {
    const play = /** @type {import('./game_play.js').GamePlay} */ (this.play);
    const keys = Object.entries(keysOf(play.actions, player, play.players)).filter(([code]) => !code.startsWith('Numpad'));
    return html`<div class="game-levels">${play.players > 1 ? html`<h3>Player ${player + 1}</h3>` : ''}
      ${play.actions.map(({ id, title, icon }) => html`<div class="game-level" data-move=${id} data-player=${player}>
        <span class="game-level-name"><b aria-hidden="true">${icon}</b>${title}</span>
        <span class="game-drivers">${keys.filter(([, action]) => action === id).map(([code]) => html`<kbd>${keyName(code)}</kbd>`)}</span></div>`)}</div>`;
  }

  updated() {
    this.bars = [...this.querySelectorAll('.game-levels')].map((group) => [...group.querySelectorAll('.game-level')].map((row) => ({
      row: /** @type {HTMLElement} */ (row), bar: /** @type {HTMLElement} */ (row.querySelector('.game-level-fill')), level: -1, on: false,
    })));
    this.moves = [...this.querySelectorAll('[data-move]')].map((row) => ({ row, player: Number(row.getAttribute('data-player')), action: row.getAttribute('data-move') ?? '', on: false }));
    this.texts = {};
    const picture = this.play?.project?.picture;
    picture?.classList.toggle('mirrored', this.play?.project?.session.settings.mirror !== false);
  }

  /** Bars and numbers as they are now; called for each picture. @param {number} now ms */
  show(now) {
    const { play } = this;
    if (!play) return;
    const { seeing, bars } = this;
    for (let i = 0; i < bars.length; i++) {
      const controller = seeing[i];
      if (!controller) continue;
      for (let k = 0; k < bars[i].length; k++) {
        const each = bars[i][k];
        const level = Math.round((controller.levels[k] ?? 0) * 100) / 100;
        if (level !== each.level) {
          each.level = level;
          each.bar.style.transform = `scaleX(${level})`;
        }
        const on = controller.active === controller.actions[k];
        if (on !== each.on) {
          each.on = on;
          each.row.classList.toggle('on', on);
        }
      }
    }
    for (const move of this.moves) {
      const on = play.input.players[move.player]?.taken.held.has(move.action) ?? false;
      if (on === move.on) continue;
      move.on = on;
      move.row.classList.toggle('on', on);
    }
    if (now - this.written < EVERY) return;
    this.written = now;
    const age = play.input.age(0) ?? seeing[0]?.age ?? null;
    const seen = play.project?.recogniser?.seen;
    const way = play.mode === 'watch' ? 'for the bot to react' : seeing.length ? 'from picture to action' : 'from key to action';
    this.write('age', age === null ? 'nothing yet' : `${Math.round(age)} ms ${way}`);
    this.write('fps', play.round.loop.fps ? `${Math.round(play.round.loop.fps)} frames a second` : '–');
    if (seen) this.write('predictions', seen.fps ? `${Math.round(seen.fps)} pictures a second` : '–');
  }

  /** @param {string} place @param {string} text */
  write(place, text) {
    if (this.texts[place] === text) return;
    this.texts[place] = text;
    const element = this.querySelector(`[data-testid=${place}]`);
    if (element) element.textContent = text;
  }
}
customElements.define('st-game-side', GameSide);
