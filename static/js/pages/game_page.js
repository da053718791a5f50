import { html } from 'lit';
import { Light, announce } from '../components/element.js';
import { volumeSlider } from '../components/output_volume.js';
import { Hud, scoreText } from '../games/shell/hud.js';
import { gameIcon } from './game_icons.js';
import { lasted, verdict } from './game_results.js';
import { top } from '../play/top.js';
import '../components/theme.js';
import './game_side.js';
import './game_start.js';

/** Keys that pause and go on. */
const PAUSES = ['KeyP', 'Escape'];
/** Keys that begin a game, where nothing else has the focus. */
const STARTS = ['Enter', 'Space'];
/** For so long after the end keys that are still hammered do nothing (ms). */
const GRACE = 700;

/**
 * A game in its frame: start screen, picture, score, pause, results. Properties: play, problem, others
 * (the other games, as links). Everything that moves is written by `show`, not by Lit.
 */
export class GamePage extends Light {
  static properties = { play: { attribute: false }, problem: { attribute: false }, others: { attribute: false }, full: { state: true } };

  constructor() {
    super();
    /** @type {import('./game_play.js').GamePlay|null} */
    this.play = null;
    /** @type {any} */
    this.problem = null;
    /** @type {{name: string, title: string}[]} */
    this.others = [];
    this.full = false;
    this.shown = '';
    this.overAt = 0;
    /** @type {Hud|null} */
    this.hud = null;
    /** @type {import('./game_side.js').GameSide|null} */
    this.side = null;
    window.addEventListener('keydown', (event) => this.onKey(event));
    document.addEventListener('fullscreenchange', () => {
      this.full = document.fullscreenElement !== null;
    });
  }

  render() {
    const { play, problem } = this;
    return html`${this.top()}
      <main id="main" class="game-main ${play ? `is-${play.phase}` : 'is-loading'}" data-phase=${play?.phase ?? 'loading'} data-testid="game">
        ${problem ? html`<section class="game-problem" role="alert" data-testid="page-problem"><h1>${problem.title ?? 'This game could not be opened'}</h1><p>${problem.detail || problem.message}</p><p><a class="button" href="/play">${gameIcon('left')}All games</a></p></section>`
          : play ? this.cabinet(play) : html`<div class="game-frame skeleton" aria-busy="true"></div>`}
      </main>`;
  }

  top() {
    const { play } = this;
    const sound = play?.sound;
    const muted = sound?.muted;
    const extra = html`${sound ? html`<button type="button" class="button ghost icon" aria-label=${muted ? 'Switch the sound on' : 'Switch the sound off'} title=${muted ? 'Sound on (M)' : 'Sound off (M)'} data-testid="sound" @click=${() => this.toggleSound()}>${gameIcon(muted ? 'mute' : 'sound')}</button>
        ${sound.bars.length ? html`<button type="button" class="button ghost icon" aria-pressed=${sound.music} aria-label="Music" title=${sound.music ? 'Music off' : 'Music on'} data-testid="music" @click=${() => this.toggleMusic()}>${gameIcon('music')}</button>` : ''}` : ''}
      ${document.fullscreenEnabled ? html`<button type="button" class="button ghost icon" aria-label=${this.full ? 'Leave full screen' : 'Full screen'} title=${this.full ? 'Leave full screen' : 'Full screen'} data-testid="full" @click=${() => this.toggleFull()}>${gameIcon(this.full ? 'small' : 'full')}</button>` : ''}`;
    return top({ project: play?.project ?? null, trail: [{ text: play?.game.GAME.title ?? 'Game' }], extra });
  }

  /** @param {import('./game_play.js').GamePlay} play */
  cabinet(play) {
    const { GAME } = play.game;
    const { phase } = play;
    const running = phase !== 'idle';
    const [best] = play.players === 1 ? play.scores.best(play.name, 1) : [];
    const lives = running && play.round.match?.state.lives !== undefined;
    return html`${running ? html`<h1 class="visually-hidden">${GAME.title}</h1>` : ''}<div class="game-cabinet">
      <div class="game-hud" ?hidden=${!running}>
        <span class="game-hud-item"><small>Score</small><b class="nums" data-testid="score"></b></span>
        <span class="game-hud-item"><small>Level</small><b class="nums" data-testid="level"></b></span>
        <span class="game-hud-item" ?hidden=${!lives}><small>Lives</small><b class="game-lives" role="img" data-testid="lives"></b></span>
        ${running && play.mode === 'play' && best ? html`<span class="game-hud-item game-hud-best"><small>Best</small><b class="nums">${scoreText([best.score])}</b></span>` : ''}
        <span class="spacer"></span>
        ${play.mode === 'play' ? '' : html`<span class="game-hud-note">${play.mode === 'watch' ? 'Bot' : 'Recording'}</span>`}
        <button type="button" class="button small" data-testid=${phase === 'paused' ? 'resume-small' : 'pause'} ?disabled=${phase !== 'play' && phase !== 'count' && phase !== 'paused'} @click=${() => this.togglePause()}>${gameIcon(phase === 'paused' ? 'play' : 'pause')}${phase === 'paused' ? 'Go on' : 'Pause'}</button>
      </div>
      <div class="game-field">
        <div class="game-frame" role="group" aria-label=${`${GAME.title}, the game`} tabindex="-1">
          <canvas data-testid="canvas" role="img" aria-label=${GAME.title}></canvas>
          ${this.overlay(play)}
        </div>
        ${running ? html`<div class="game-pad" aria-label="Moves" role="group">${play.actions.map(({ id, title, icon }) => html`<button type="button" class="game-pad-button" data-action=${id} aria-label=${/^\d$/.test(icon) ? `${icon}: ${title}` : title}>${icon}</button>`)}</div>` : ''}
      </div>
    </div>
    <st-game-side class="game-aside" .play=${play} ?hidden=${!running && !play.connected.length}></st-game-side>
    ${running ? '' : html`<st-game-start class="game-aside" .play=${play}></st-game-start>`}
    <div class="game-below"><st-game-best .scores=${play.scores.best(play.name)} .mine=${play.result?.id ?? null}></st-game-best>
      ${running && phase !== 'over' ? '' : html`<nav class="game-others" aria-label="Other games"><h2>Other games</h2><p>${this.others.map(({ name, title }) => html`<a class="button small" href=${`/play/${name}${location.search}`}>${title}</a>`)}</p></nav>`}</div>`;
  }

  /** What lies over the picture. @param {import('./game_play.js').GamePlay} play */
  overlay(play) {
    const { phase, round } = play;
    if (phase === 'count') return html`<div class="game-count" data-testid="count">${round.left}</div>`;
    if (phase === 'paused') {
      return html`<div class="game-card" data-testid="paused"><h2>Pause</h2>${round.why ? html`<p>${round.why}</p>` : ''}
        <div class="game-card-buttons"><button type="button" class="button primary" data-testid="resume" @click=${() => play.resume()}>${gameIcon('play')}Go on</button>
        <button type="button" class="button" data-testid="leave" @click=${() => play.leave()}>End this game</button></div>
        <p class="small muted"><kbd>P</kbd> or <kbd>Esc</kbd> goes on too</p>
        ${volumeSlider(play.sound.volume, (value, done) => this.emit('volume', { value, done }))}</div>`;
    }
    if (phase === 'over' && play.result) {
      const { result } = play;
      return html`<div class="game-card" data-testid="over" tabindex="-1"><h2>${verdict(result)}</h2>
        <p class="game-final nums" data-testid="over-score">${scoreText(result.scores)}</p>
        <p class="muted">Level ${result.level} · ${lasted(result.seconds)}</p>
        <div class="game-card-buttons"><button type="button" class="button primary" data-testid="again" @click=${() => play.begin('play')}>${gameIcon('play')}${result.mode === 'play' ? 'Again' : 'Play it yourself'}</button>
          <button type="button" class="button" data-testid="replay" @click=${() => play.begin('replay', result.recording)}>${gameIcon('redo')}See it again</button>
          <button type="button" class="button ghost" data-testid="leave" @click=${() => play.leave()}>Change something</button></div></div>`;
    }
    return '';
  }

  updated() {
    const { play } = this;
    if (!play) return;
    const { phase } = play;
    if (!this.hud && this.querySelector('[data-testid=score]')) {
      this.hud = new Hud({ score: this.need('[data-testid=score]'), level: this.need('[data-testid=level]'), lives: this.need('[data-testid=lives]') });
    }
    this.side ??= this.querySelector('st-game-side');
    if (play.round.match) this.hud?.show(play.round.match.state);
    if (phase === this.shown) return;
    const before = this.shown;
    this.shown = phase;
    this.onPhase(phase, before);
  }

  /** Where the focus goes, and what is said. @param {string} phase @param {string} before */
  onPhase(phase, before) {
    const { play } = this;
    if (!play) return;
    const score = () => (play.round.match ? scoreText(play.round.match.state.scores) : '');
    /** @type {Record<string, () => void>} */
    const arrive = {
      idle: () => {
        if (!before) return;
        // The start screen draws itself after this page.
        void /** @type {import('./game_start.js').GameStart} */ (this.need('st-game-start')).updateComplete.then(() => /** @type {HTMLElement|null} */ (this.querySelector('[data-testid=start]'))?.focus());
      },
      count: () => this.need('.game-frame').focus({ preventScroll: true }),
      play: () => {},
      paused: () => {
        this.need('[data-testid=resume]').focus({ preventScroll: true });
        announce(`Pause. ${play.round.why} Score ${score()}.`);
      },
      over: () => {
        this.overAt = performance.now();
        this.need('[data-testid=over]').focus({ preventScroll: true });
        if (play.result) announce(`The game is over. ${verdict(play.result)} Score ${score()}, level ${play.result.level}.`);
      },
    };
    arrive[phase]?.();
    if ((phase === 'count') && ['idle', 'over', ''].includes(before)) this.need('.game-cabinet').scrollIntoView({ block: 'start' });
  }

  /** Score and bars as they are now. @param {number} now ms */
  show(now) {
    const { play } = this;
    if (!play) return;
    if (play.round.match) this.hud?.show(play.round.match.state);
    this.side?.show(now);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { play } = this;
    if (!play || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target instanceof Element && event.target.closest('input:not([type=radio]), select, textarea, dialog')) return;
    if (event.code === 'KeyM') this.toggleSound();
    else if (PAUSES.includes(event.code)) this.togglePause();
    else if (STARTS.includes(event.code) && play.phase === 'idle' && event.target === document.body) play.begin('play');
    else if (event.code === 'Enter' && play.phase === 'over' && event.target instanceof Element && event.target.matches('[data-testid=over]') && performance.now() - this.overAt > GRACE) play.begin('play');
    else return;
    event.preventDefault();
  }

  togglePause() {
    const { play } = this;
    if (play?.phase === 'paused') play.resume();
    else play?.pause();
  }

  toggleSound() {
    const { play } = this;
    if (!play) return;
    play.sound.muted = !play.sound.muted;
    void play.sound.wake();
    this.requestUpdate();
  }

  toggleMusic() {
    const { play } = this;
    if (!play) return;
    play.sound.music = !play.sound.music;
    if (play.sound.music) play.sound.muted = false;
    void play.sound.wake();
    this.requestUpdate();
  }

  toggleFull() {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void this.need('.game-main').requestFullscreen().catch(() => {});
  }
}
customElements.define('st-game', GamePage);
