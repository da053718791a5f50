import { html } from 'lit';
import { Light } from '../components/element.js';

/** Device pixels of a picture's side; it is shown half as wide. */
const SIDE = 96;
/** Logical units of a picture's side. */
const UNITS = 56;

/** What there is in a game, each with its picture where the game draws one. Property: play. */
export class GameParts extends Light {
  static properties = { play: { attribute: false } };

  constructor() {
    super();
    /** @type {import('./game_play.js').GamePlay|null} */
    this.play = null;
  }

  render() {
    if (!this.play?.game.GAME.parts?.length) return html``;
    const { GAME, part } = this.play.game;
    return html`<ul class="game-parts small" role="list">${GAME.parts?.map(({ draw, text }) => html`<li class=${part && draw ? 'drawn' : ''}>
      ${part && draw ? html`<canvas width=${SIDE} height=${SIDE} data-draw=${draw} aria-hidden="true"></canvas>` : ''}<span>${text}</span></li>`)}</ul>`;
  }

  updated() {
    if (!this.play) return;
    const { game, view } = this.play;
    for (const canvas of /** @type {NodeListOf<HTMLCanvasElement>} */ (this.querySelectorAll('canvas[data-draw]'))) {
      const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      ctx.setTransform(SIDE / UNITS, 0, 0, SIDE / UNITS, SIDE / 2, SIDE / 2);
      game.part?.(ctx, canvas.dataset.draw ?? '', view);
    }
  }
}
customElements.define('st-game-parts', GameParts);
