// Best scores: kept in this browser at once, and with the project on the server as soon as it is there.
import { ApiError } from '../net/errors.js';
import { asJson, send } from '../net/transport.js';
import { uuid } from '../store/ids.js';

/**
 * @typedef {object} Score
 * @property {string} id @property {string} game
 * @property {number} score whole, 0 to MOST_SCORE
 * @property {number} level from 1 @property {string} name at most 40 characters @property {string} controller
 * @property {number} seconds @property {string} created_at ISO 8601 UTC
 */
/**
 * @typedef {{items: Score[], unsent: string[], gone: string[], refused: string[]}} Kept gone: deleted here, perhaps
 *   not yet on the server; refused: the server will never take them
 */

/** As server/storage/scores.py has them. */
export const MOST_SCORE = 1_000_000_000;
const MOST_LEVEL = 10_000;
const MOST_SECONDS = 7 * 24 * 3600;
const MOST_NAME = 40;
/** This many of each game are kept in this browser. */
export const MOST_KEPT = 100;
/** Where one keeps what was played without a project. */
const NOBODY = 'none';

const clamp = (/** @type {number} */ x, /** @type {number} */ least, /** @type {number} */ most) => (Number.isFinite(x) ? Math.min(most, Math.max(least, x)) : least);

/** The better one first; of two alike the older one. @param {Score} a @param {Score} b */
const better = (a, b) => b.score - a.score || (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0) || (a.id < b.id ? -1 : 1);

/**
 * Put two lists of scores together.
 * @param {Score[]} here @param {Score[]} there @param {Iterable<string>} [gone] ids to leave out
 * @returns {Score[]} each once, the best first, at most MOST_KEPT of each game
 */
export function merged(here, there, gone = []) {
  const left = new Set(gone);
  const byId = new Map();
  for (const score of [...here, ...there]) if (!left.has(score.id)) byId.set(score.id, score);
  /** @type {Map<string, number>} */
  const counts = new Map();
  return [...byId.values()].sort(better).filter(({ game }) => {
    const n = (counts.get(game) ?? 0) + 1;
    counts.set(game, n);
    return n <= MOST_KEPT;
  });
}

/**
 * Make a score that the server will take: whole numbers in their ranges, a name of at most 40 characters.
 * @param {{game: string, score: number, level: number, name: string, controller: string, seconds: number}} played
 * @param {{id?: string, now?: Date}} [parts]
 * @returns {Score}
 */
export function asScore({ game, score, level, name, controller, seconds }, { id = uuid(), now = new Date() } = {}) {
  const plain = [...name.normalize('NFC').replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim()].slice(0, MOST_NAME).join('').trim();
  return {
    id, game, controller,
    score: Math.round(clamp(score, 0, MOST_SCORE)),
    level: Math.round(clamp(level, 1, MOST_LEVEL)),
    name: plain || 'Somebody',
    seconds: Math.round(clamp(seconds, 0, MOST_SECONDS) * 10) / 10,
    created_at: now.toISOString(),
  };
}

export class Scores {
  /**
   * @param {object} parts
   * @param {string|null} parts.projectId null: played without a project
   * @param {Pick<Storage, 'getItem'|'setItem'>|null} [parts.storage] localStorage
   * @param {string} [parts.base] of the API
   * @param {() => boolean} [parts.saved] whether the server has the project, as far as is known
   * @param {typeof send} [parts.request]
   */
  constructor({ projectId, storage = null, base = '/api/v1', saved = () => true, request = send }) {
    this.projectId = projectId;
    this.storage = storage;
    this.base = base;
    this.saved = saved;
    this.request = request;
    /** Used where storage is forbidden. @type {Kept} */
    this.memory = { items: [], unsent: [], gone: [], refused: [] };
  }

  get key() {
    return `showtell.scores.${this.projectId ?? NOBODY}`;
  }

  /** @returns {Kept} */
  read() {
    try {
      const found = JSON.parse(this.storage?.getItem(this.key) ?? 'null');
      if (Array.isArray(found?.items)) return { items: found.items.filter(isScore), unsent: texts(found.unsent), gone: texts(found.gone), refused: texts(found.refused) };
    } catch {
      // Damaged or forbidden: what is in memory is all there is.
    }
    return this.memory;
  }

  /** @param {Kept} kept */
  write(kept) {
    this.memory = kept;
    try {
      this.storage?.setItem(this.key, JSON.stringify(kept));
    } catch {
      // Storage is full or forbidden; the server may still have them.
    }
  }

  /**
   * Best scores that this browser knows.
   * @param {string} game @param {number} [most]
   */
  best(game, most = 10) {
    return merged(this.read().items.filter((score) => score.game === game), []).slice(0, most);
  }

  /**
   * Keep a score. It is sent in the background; what cannot be sent now is sent later.
   * @param {Parameters<typeof asScore>[0]} played
   * @returns {{score: Score, rank: number, sent: Promise<boolean>}} rank: from 1 among those of its game
   */
  add(played) {
    const score = asScore(played);
    this.change((kept) => ({ ...kept, items: merged([...kept.items, score], []), unsent: [...kept.unsent, score.id] }));
    const rank = this.best(score.game, MOST_KEPT).findIndex(({ id }) => id === score.id) + 1;
    return { score, rank: rank || MOST_KEPT + 1, sent: this.sync(score.game) };
  }

  /** Delete a score, here and on the server. @param {string} id */
  remove(id) {
    const { items, unsent, gone, refused } = this.read();
    const game = items.find((score) => score.id === id)?.game;
    const known = !unsent.includes(id);
    this.write({ items: items.filter((score) => score.id !== id), unsent: unsent.filter((other) => other !== id), gone: known && this.projectId ? [...gone, id] : gone, refused: refused.filter((other) => other !== id) });
    return game && known ? this.sync(game) : Promise.resolve(true);
  }

  /**
   * Send what the server has not, and fetch what it has.
   * @param {string} game
   * @returns {Promise<boolean>} false where the server has no such project or does not answer: nothing is lost
   */
  async sync(game) {
    if (!this.projectId || !this.saved()) return false;
    const address = `${this.base}/projects/${encodeURIComponent(this.projectId)}/scores`;
    try {
      for (const id of this.read().gone) {
        await this.request(`${address}/${encodeURIComponent(id)}`, { method: 'DELETE' }).catch(already(404));
        this.change((kept) => ({ ...kept, gone: kept.gone.filter((other) => other !== id) }));
      }
      for (const score of this.read().items.filter(({ id }) => this.read().unsent.includes(id))) {
        // One that the server refuses for good stays here, and it is asked no more.
        const refused = await this.request(address, { method: 'POST', json: score }).then(() => false, already(409, 422));
        this.change((kept) => ({ ...kept, unsent: kept.unsent.filter((other) => other !== score.id), refused: refused ? [...kept.refused, score.id] : kept.refused }));
      }
      const there = asJson(await this.request(`${address}?game=${encodeURIComponent(game)}&page_size=${MOST_KEPT}`)).items.filter(isScore);
      const known = new Set(there.map((/** @type {Score} */ { id }) => id));
      this.change((kept) => {
        const own = new Set([...kept.unsent, ...kept.refused]);
        // What the server had and has no longer was deleted elsewhere.
        const here = kept.items.filter((score) => score.game !== game || own.has(score.id) || known.has(score.id));
        return { ...kept, items: merged(here, there, kept.gone) };
      });
      return true;
    } catch {
      return false;
    }
  }

  /** @param {(kept: Kept) => Kept} how */
  change(how) {
    this.write(how(this.read()));
  }
}

/** Take an answer of the server for done. @param {...number} statuses */
const already = (...statuses) => (/** @type {unknown} */ error) => {
  if (!(error instanceof ApiError && statuses.includes(error.status))) throw error;
  return true;
};

/** @param {any} list @returns {string[]} */
const texts = (list) => (Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : []);

/** @param {any} score @returns {score is Score} */
function isScore(score) {
  return typeof score?.id === 'string' && typeof score.game === 'string' && Number.isInteger(score.score) && score.score >= 0
    && Number.isInteger(score.level) && typeof score.name === 'string' && typeof score.created_at === 'string';
}
