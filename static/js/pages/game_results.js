import { html } from 'lit';
import { Light, ago } from '../components/element.js';
import { scoreText } from '../games/shell/hud.js';
import { KINDS } from '../games/shell/seats.js';
import { gameIcon } from './game_icons.js';

const RANKS = ['A new best score!', 'Second best so far.', 'Third best so far.'];

/** How long a game took: '48 s', '2 min 5 s'. @param {number} seconds */
export const lasted = (seconds) => (seconds < 60 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`);

/** What is said at the end of a game. @param {import('./game_play.js').Result} result @returns {string} */
export function verdict({ scores, winner, rank, mode }) {
  if (mode === 'watch') return 'That was the bot. Can you do better?';
  if (mode === 'replay') return 'That was the recording.';
  if (scores.length > 1) return winner === null ? 'Nobody wins, nobody loses.' : `Player ${winner + 1} wins!`;
  if (rank !== null && scores[0] > 0 && rank <= RANKS.length) return RANKS[rank - 1];
  return rank !== null && rank <= 10 ? 'Among the best ten.' : 'Well played.';
}

/**
 * The best scores of a game. Properties: scores (best first), mine (id of the one just made).
 * Event: remove-score with an id.
 */
export class GameBest extends Light {
  static properties = { scores: { attribute: false }, mine: {} };

  constructor() {
    super();
    /** @type {import('../play/scores.js').Score[]} */
    this.scores = [];
    /** @type {string|null} */
    this.mine = null;
  }

  render() {
    const { scores } = this;
    return html`<section class="game-best" aria-labelledby="best-title"><h2 id="best-title">${gameIcon('trophy')}Best scores</h2>
      ${scores.length ? html`<table data-testid="best"><thead class="visually-hidden"><tr><th>Place</th><th>Name</th><th>Played with</th><th>Level</th><th>Score</th><th>When</th><th>Delete</th></tr></thead>
        <tbody>${scores.map((score, i) => html`<tr class=${score.id === this.mine ? 'mine' : ''} data-score=${score.score}>
          <td class="nums">${i + 1}</td><td class="game-best-name">${score.name}</td><td title=${KINDS[score.controller]?.title ?? score.controller}>${gameIcon(KINDS[score.controller]?.icon ?? 'play')}<span class="visually-hidden">${KINDS[score.controller]?.title ?? score.controller}</span></td>
          <td class="nums muted">level ${score.level}</td><td class="nums game-best-score">${scoreText([score.score])}</td><td class="muted game-best-when">${ago(score.created_at)}</td>
          <td><button type="button" class="button ghost icon small" aria-label=${`Delete ${score.name}’s score of ${score.score}`} @click=${() => this.emit('remove-score', score.id)}>${gameIcon('close')}</button></td></tr>`)}</tbody></table>`
        : html`<p class="muted">None yet. The first one is yours for the taking.</p>`}
    </section>`;
  }
}
customElements.define('st-game-best', GameBest);
