// Score, level and lives beside the picture: text that is written only when it has changed.

/** @typedef {{score: HTMLElement, level: HTMLElement, lives: HTMLElement|null}} Places */

const whole = new Intl.NumberFormat('en-GB');

/** What a score looks like: one number, or two with a colon. @param {number[]} scores */
export const scoreText = (scores) => scores.map((score) => whole.format(score)).join(' : ');

/** Lives as signs; more than five as a number. @param {number} lives */
export const livesText = (lives) => (lives > 5 ? `${lives}` : '♥'.repeat(Math.max(0, lives)) || '–');

export class Hud {
  /** @param {Places} places */
  constructor(places) {
    this.places = places;
    this.forget();
  }

  /** Write everything anew the next time. */
  forget() {
    /** @type {number[]} */
    this.scores = [];
    this.level = NaN;
    this.lives = NaN;
  }

  /** @param {import('../table.js').GameState} state @returns {boolean} whether anything was written */
  show({ scores, level, lives }) {
    let wrote = false;
    let same = this.scores.length === scores.length;
    for (let i = 0; same && i < scores.length; i++) same = this.scores[i] === scores[i];
    if (!same) {
      this.scores = scores.slice();
      this.places.score.textContent = scoreText(scores);
      wrote = true;
    }
    if (level !== this.level) {
      this.level = level;
      this.places.level.textContent = String(level);
      wrote = true;
    }
    if (this.places.lives && lives !== undefined && lives !== this.lives) {
      this.lives = lives;
      this.places.lives.textContent = livesText(lives);
      this.places.lives.setAttribute('aria-label', `${lives} left`);
      wrote = true;
    }
    return wrote;
  }
}
