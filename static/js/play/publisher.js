/**
 * Tells programs what this page sees, through the server, while at least one of them listens
 * (docs/stream.md).
 *
 * @typedef {import('../core/knn.js').Result} Result
 * @typedef {{id: string, label: string}} Class
 * @typedef {Pick<Result, 'shown' | 'none' | 'unknown'> & {label: string | null} & Partial<Omit<Result, 'label'>>} Answer
 *   what a Result has, or as much of it as comes from a phone
 * @typedef {object} Seen
 * @property {Answer | null} result null: there is nothing to tell
 * @property {number} at when the camera had the picture (ms, as performance.now() tells)
 * @typedef {object} Prediction as docs/stream.md has it, but for its sequence, which the server adds
 * @property {string} project_id
 * @property {string} at ISO 8601 UTC
 * @property {string} page @property {string} page_id
 * @property {string | null} label @property {string | null} class_id
 * @property {number | null} confidence 0..1
 * @property {boolean} unknown @property {number} none 0..1
 * @property {{class_id: string, label: string, score: number}[]} scores best first
 * @property {number | null} value @property {string | null} classifier
 * @property {string | null} action @property {number | null} player
 */
import { enter } from '../net/live.js';
import { uuid } from '../store/ids.js';

/** The server takes no more scores than these, the best ones. */
const MOST_SCORES = 50;
/** With so many messages unsent the connection is too slow, and the latest picture is left out. */
const MOST_UNSENT = 16;
/** A picture that stands still is looked at once: who comes later than this (ms) is told of it again. */
const RESTING = 1000;

const short = (/** @type {number} */ share) => Math.round(Math.min(1, Math.max(0, share)) * 1e4) / 1e4;

/**
 * Put an answer into the form in which programs hear it.
 * @param {Answer} result
 * @param {readonly Class[]} classes of the project, in the order of `result.shown`
 * @param {{projectId: string, at: number, page: string, pageId: string, action?: string | null, player?: number | null}} about
 *   at: ms since 1970
 * @returns {Prediction}
 */
export function prediction(result, classes, { projectId, at, page, pageId, action = null, player = null }) {
  const isValue = typeof result.value === 'number';
  const best = isValue || result.unknown ? undefined : classes.find(({ id }) => id === result.label);
  const scores = isValue ? [] : classes.map(({ id, label }, i) => ({ class_id: id, label, score: short(result.shown[i]) }));
  scores.sort((a, b) => b.score - a.score);
  const confidence = best ? short(result.shown[classes.indexOf(best)]) : short(result.none);
  return {
    project_id: projectId,
    at: new Date(at).toISOString(),
    page,
    page_id: pageId,
    label: best?.label ?? null,
    class_id: best?.id ?? null,
    confidence: isValue ? null : confidence,
    unknown: !isValue && !best,
    none: short(result.none),
    scores: scores.slice(0, MOST_SCORES),
    value: isValue ? /** @type {number} */ (result.value) : null,
    classifier: result.by ?? null,
    action,
    player,
  };
}

/** How many publishers of this page tell of each project: the server knows only whether the page does. @type {Map<string, number>} */
const telling = new Map();

/** Give every answer to `see`, from the first on; it costs nothing while nobody listens. */
export class Publisher {
  /**
   * @param {object} parts
   * @param {{session: {id: string, classes: Class[]}}} [parts.recogniser] instead of a session
   * @param {{id: string, classes: Class[]}} [parts.session] the open project
   * @param {string} parts.page 'teach', 'play', 'machine', ...; at most 20 characters
   * @param {typeof enter} [parts.open] opens the line to the server
   */
  constructor({ recogniser, session = recogniser?.session, page, open = enter }) {
    if (!session) throw new TypeError('A Publisher needs a recogniser or a session.');
    this.session = session;
    this.projectId = session.id;
    this.page = page;
    this.pageId = uuid();
    /** How many listen. */
    this.count = 0;
    /** The last that was seen, whether or not somebody listened. @type {Seen | null} */
    this.last = null;
    /** @type {string | null} */
    this.lastAction = null;
    /** @type {number | null} */
    this.lastPlayer = null;
    this.closed = false;
    const { line, leave } = open('/stream');
    this.line = line;
    this.leave = leave;
    telling.set(this.projectId, (telling.get(this.projectId) ?? 0) + 1);
    line.on('connect', this.announce);
    line.on('disconnect', this.lost);
    line.on('listeners', this.hear);
    if (line.connected) this.announce();
  }

  announce = () => {
    this.line.emit('announce', { project_id: this.projectId });
  };

  lost = () => {
    this.count = 0;
  };

  hear = (/** @type {{project_id: string, count: number}} */ { project_id: projectId, count }) => {
    if (projectId !== this.projectId) return;
    const isMore = count > this.count;
    this.count = count;
    if (isMore && this.last && performance.now() - this.last.at > RESTING) this.tell(this.last);
  };

  /**
   * Take what was just seen; it may be used again by the caller.
   * @param {Seen} seen
   * @param {{action?: string | null, player?: number | null}} [about] the action that is decided, and whose it is (1, 2, ...)
   */
  see(seen, { action = null, player = null } = {}) {
    this.last = seen;
    this.lastAction = action;
    this.lastPlayer = player;
    if (this.count) this.tell(seen);
  }

  /** @param {Seen} seen */
  tell({ result, at }) {
    const { line, session } = this;
    // Between a new class and the first answer that knows of it, the answers are of other classes.
    if (!result || this.closed || (typeof result.value !== 'number' && result.shown.length !== session.classes.length)) return;
    if (line.io.engine.writeBuffer.length > MOST_UNSENT) return;
    const told = prediction(result, session.classes, {
      projectId: this.projectId,
      at: Date.now() - (performance.now() - at),
      page: this.page,
      pageId: this.pageId,
      action: this.lastAction,
      player: this.lastPlayer,
    });
    line.emit('prediction', told);
  }

  /** Tell no more. */
  close() {
    if (this.closed) return;
    this.closed = true;
    const { line } = this;
    line.off('connect', this.announce);
    line.off('disconnect', this.lost);
    line.off('listeners', this.hear);
    const left = (telling.get(this.projectId) ?? 1) - 1;
    if (left) telling.set(this.projectId, left);
    else {
      telling.delete(this.projectId);
      if (line.connected) line.emit('withdraw', { project_id: this.projectId });
    }
    this.leave();
  }
}
