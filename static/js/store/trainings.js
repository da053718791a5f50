/**
 * The trainings of a project and what came of them, as the server has them. Rows are read first and
 * are the truth; what the server tells over the socket brings them up to date in between. Whoever
 * comes late, or was cut off, reads what was missed.
 *
 * Events: 'change' (once a turn, however much changed), 'ended' with a job that was seen running here.
 *
 * @typedef {import('../net/api.js').WireJob} Job
 * @typedef {import('../net/api.js').WireClassifier} Classifier
 * @typedef {import('./story.js').JobEvent} JobEvent
 * @typedef {import('./story.js').Curves} Curves
 */
import { ApiError } from '../net/errors.js';
import { Story, noCurves } from './story.js';

/** Silence after which rows are read again while something runs (ms): a hint may have been lost. */
const SILENCE = 5000;

/** @param {Pick<Job, 'state'>} job */
export const isActive = ({ state }) => state === 'queued' || state === 'running';

export class Trainings extends EventTarget {
  /** Flat: children too. @type {Map<string, Job>} */
  #jobs = new Map();
  /** @type {Map<string, Story>} */
  #stories = new Map();
  /** Requests for events that are under way, by job. @type {Map<string, Promise<void>>} */
  #asking = new Map();
  /** @type {(() => void)|null} */
  #deafen = null;
  /** @type {Promise<void>|null} */
  #reading = null;
  #again = false;
  /** Jobs that were heard of while rows were on their way. @type {Set<string>} */
  #fresh = new Set();
  #announced = false;
  /** @type {ReturnType<typeof setTimeout>|null} */
  #timer = null;

  /**
   * @param {object} parts
   * @param {string} parts.projectId
   * @param {Pick<import('../net/api.js').Api, 'jobs'|'job'|'jobEvents'|'classifiers'>} parts.api
   * @param {typeof import('../net/live.js').watchAll} parts.watchAll
   * @param {number} [parts.silence] ms
   */
  constructor({ projectId, api, watchAll, silence = SILENCE }) {
    super();
    this.projectId = projectId;
    this.api = api;
    this.watchAll = watchAll;
    this.silence = silence;
    /** Newest first. @type {Classifier[]} */
    this.classifiers = [];
    /** Whether rows have been read at all. */
    this.known = false;
    /** Why they could not be. @type {Error|null} */
    this.problem = null;
  }

  /** Newest first; those that belong to another are its `children`, in the order in which they were made. @returns {Job[]} */
  get jobs() {
    const all = [...this.#jobs.values()];
    const children = new Map(all.map((job) => [job.id, /** @type {Job[]} */ ([])]));
    const tops = all.filter((job) => !(job.parent_id && children.get(job.parent_id)?.push(job)));
    const byAge = (/** @type {Job} */ a, /** @type {Job} */ b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0);
    return tops.sort((a, b) => byAge(b, a)).map((job) => ({ ...job, children: (children.get(job.id) ?? []).sort(byAge) }));
  }

  /** @param {string} id @returns {Job|null} one of them, children too */
  job(id) {
    return this.#jobs.get(id) ?? null;
  }

  get active() {
    return [...this.#jobs.values()].some(isActive);
  }

  /** @param {string} jobId @returns {Curves} the arrays grow; copy what must stay */
  curvesOf(jobId) {
    return this.#stories.get(jobId)?.curves ?? noCurves();
  }

  /** @param {string} jobId @returns {JobEvent[]} */
  eventsOf(jobId) {
    return this.#stories.get(jobId)?.events ?? [];
  }

  /** Listen from now on. @returns {Promise<void>} when the rows have been read for the first time */
  async start() {
    if (!this.#deafen) {
      const listeners = { job: (/** @type {Job} */ job) => this.hearJob(job), job_event: (/** @type {JobEvent} */ event) => this.hearEvent(event),
        // Nothing more is told: asking finds out whether the server is gone, and `problem` says so until it is back.
        disconnect: () => void this.read() };
      this.#deafen = this.watchAll(this.projectId, listeners, () => void this.read());
    }
    await this.read();
  }

  stop() {
    this.#deafen?.();
    this.#deafen = null;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Read the rows; what was asked for while they were on their way is read once more. */
  read() {
    this.#again = this.#reading !== null;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read() {
    do {
      this.#again = false;
      this.#fresh.clear();
      try {
        const [jobs, classifiers] = await Promise.all([this.api.jobs(this.projectId), this.api.classifiers(this.projectId)]);
        const found = new Set(jobs.flatMap((job) => [job.id, ...job.children.map(({ id }) => id)]));
        for (const id of this.#jobs.keys()) if (!found.has(id) && !this.#fresh.has(id)) this.#drop(id);
        for (const job of jobs) this.#take(job);
        this.classifiers = classifiers;
        this.known = true;
        this.problem = null;
      } catch (error) {
        // A project that the server has not got yet has no trainings.
        this.problem = error instanceof ApiError && error.status === 404 ? null : /** @type {Error} */ (error);
      }
      this.#changed();
      const wanted = [...this.#jobs.values()].filter((job) => isActive(job) || this.#stories.has(job.id));
      await Promise.all(wanted.map(({ id }) => this.open(id)));
    } while (this.#again);
  }

  /** Take in what the server has answered to a wish. @param {Job} job */
  add(job) {
    this.hearJob(job);
    return this.open(job.id);
  }

  /** @param {Job} job */
  hearJob(job) {
    if (job.project_id !== this.projectId) return;
    this.#fresh.add(job.id);
    this.#take(job);
    // Its events are told one by one; after its end nothing would fill a gap.
    if (this.#stories.has(job.id) && !isActive(job)) void this.open(job.id);
    this.#changed();
  }

  /** @param {JobEvent} event */
  hearEvent(event) {
    const job = this.#jobs.get(event.job_id);
    if (!job) return; // of another project, or its row comes with the next reading
    const story = this.#stories.get(event.job_id);
    if (!story) {
      if (isActive(job)) void this.open(job.id);
      return;
    }
    if (!story.take(event) && !story.complete) void this.#ask(event.job_id, story);
    this.#changed();
  }

  /**
   * Read the whole story of a job, and go on with it.
   * @param {string} jobId
   */
  open(jobId) {
    let story = this.#stories.get(jobId);
    if (!story) this.#stories.set(jobId, (story = new Story()));
    story.heard = Math.max(story.heard, this.#jobs.get(jobId)?.sequence ?? 0);
    return story.complete ? Promise.resolve() : this.#ask(jobId, story);
  }

  /** Ask for the events that are missing. @param {string} jobId @param {Story} story @returns {Promise<void>} */
  #ask(jobId, story) {
    const asking = this.#asking.get(jobId) ?? this.#fetch(jobId, story).finally(() => this.#asking.delete(jobId));
    this.#asking.set(jobId, asking);
    return asking;
  }

  /** @param {string} jobId @param {Story} story */
  async #fetch(jobId, story) {
    try {
      while (!story.complete) {
        const { last } = story;
        for (const event of await this.api.jobEvents(jobId, last)) story.take(event);
        this.#changed();
        if (story.last === last) return; // the server has no more than we have
      }
    } catch (error) {
      this.problem = /** @type {Error} */ (error); // the next reading tries again
      this.#changed();
    }
  }

  /** @param {Job} job */
  #take({ children, ...job }) {
    const before = this.#jobs.get(job.id);
    for (const child of children ?? []) this.#take({ ...child, parent_id: child.parent_id ?? job.id });
    if (before && isOlder(job, before)) return;
    this.#jobs.set(job.id, { ...job, children: [] });
    if (!before || !isActive(before) || isActive(job)) return;
    if (job.state === 'done' && job.classifier_id) void this.read();
    this.dispatchEvent(new CustomEvent('ended', { detail: job }));
  }

  /** @param {string} id */
  #drop(id) {
    this.#jobs.delete(id);
    this.#stories.delete(id);
  }

  #changed() {
    if (this.#timer) clearTimeout(this.#timer);
    const wanted = this.#deafen !== null && this.active;
    this.#timer = wanted ? setTimeout(() => void this.read(), this.silence) : null;
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      this.dispatchEvent(new Event('change'));
    });
  }
}

/**
 * Whether news of a job are older than what is known: a row that was read before a hint came, say.
 * @param {Omit<Job, 'children'>} news @param {Job} known
 */
function isOlder(news, known) {
  if (news.attempt !== known.attempt) return news.attempt < known.attempt;
  if (news.sequence !== known.sequence) return news.sequence < known.sequence;
  return isActive(news) && !isActive(known);
}
