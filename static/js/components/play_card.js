import { html } from 'lit';
import { playUrl } from '../play/top.js';
import { Light } from './element.js';
import { icon } from './icons.js';
import './play_preview.js';

/** @param {import('../games/table.js').GameAbout} about */
function moves({ schemes }) {
  const sizes = schemes.map(({ actions }) => actions.length);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  return `${least === most ? least : `${least} to ${most}`} moves`;
}

/**
 * A game as a card. Properties: game (loaded), project ({id}|null), best (a score or null), isBound.
 */
export class PlayCard extends Light {
  static properties = { game: { attribute: false }, project: { attribute: false }, best: { attribute: false }, isBound: { type: Boolean } };

  constructor() {
    super();
    /** @type {import('../games/table.js').Game|null} */
    this.game = null;
    /** @type {{id: string}|null} */
    this.project = null;
    /** @type {{score: number, name: string}|null} */
    this.best = null;
    this.isBound = false;
  }

  render() {
    if (!this.game) return '';
    const { GAME } = this.game;
    const { name, title, line, players } = GAME;
    const { project, best } = this;
    return html`<article class="arcade-card" data-testid="game-card" data-game=${name}>
      <st-play-preview .game=${this.game}></st-play-preview>
      <div class="arcade-text">
        <h3 class="display"><a href=${playUrl(`/play/${name}`, project?.id)}>${title}</a></h3>
        <p>${line}</p>
        <p class="arcade-facts small muted"><span>${moves(GAME)}</span>${players.length > 1 ? html`<span>1 or 2 players</span>` : ''}${best ? html`<span class="best-score nums">${icon('podium')}Best ${best.score.toLocaleString('en-GB')}, ${best.name}</span>` : ''}</p>
        ${project ? html`<a class="button small ghost set-up" href=${`/control/${project.id}?game=${name}`} data-testid="set-up" aria-label=${`Controls for ${title}`}>${icon('dials')}Controls${this.isBound ? html`<span class="all-good" title="Set up">${icon('check')}</span>` : ''}</a>` : ''}
      </div>
    </article>`;
  }
}
customElements.define('st-play-card', PlayCard);
