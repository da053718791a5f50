/**
 * Trainings on the server, and the classifiers that come of them, for the page.
 *
 * What the components get: ONE property, `training` (a `TrainingView`, made anew at every change),
 * which teach.js sets on `st-teach` and teach_page.js hands on: `<st-trainings .training=${this.training}>`.
 * The dialog has `show()`; it sends `watch-trainings` with true when it opens and false when it closes.
 *
 * Events that the control answers (they bubble to `st-teach`; detail after the name):
 *   open-trainings      opens the dialog (for the button in the page)
 *   watch-trainings     boolean: the dialog is open, or no more
 *   train               {recipe: name | "all", options?: {}, name?: string}; saves the project first
 *   retrain             id of a classifier, or nothing for the one in use: same recipe, same options
 *   cancel-job          id
 *   open-job            id: its curves and log are read (for jobs that ended before the page came)
 *   open-classifier     id, or null to close: its report is read into `selected`
 *   use-classifier      id, or null to go back to the quick learner (the KNN)
 *   compare             boolean
 *   delete-classifier   id
 *   export-classifier   {id, format}: made in a job and downloaded
 *   open-exports        id: what it can be exported as is read, see `exportsOf`
 *   import-classifier   File
 *   dismiss-training-problem
 *
 * Live comparison: while `comparing`, `page.tell.compare(Comparison)` is called for every frame, and
 * `page.tell.compare(null)` when it ends. Arrays are used again for the next frame: copy, or draw at once.
 *
 * @typedef {import('./training_view.js').TrainingView} TrainingView
 * @typedef {import('./training_view.js').Comparison} Comparison
 * @typedef {import('./training_view.js').Answerer} Answerer
 * @typedef {import('../store/trainings.js').Job} Job
 */
import { percent } from '../components/element.js';
import { notify } from '../components/notices.js';
import { Trainings, isActive } from '../store/trainings.js';
import { ClassifierControl } from './classifier_control.js';

export class TrainingControl {
  /**
   * @param {object} parts
   * @param {import('./teach_page.js').TeachPage} parts.page
   * @param {any} parts.session
   * @param {import('../vision/engine.js').Engine} parts.engine
   * @param {import('../net/api.js').Api} parts.api
   * @param {typeof import('../net/live.js').watchAll} parts.watchAll
   * @param {import('./eyes_control.js').EyesControl} parts.eyes
   * @param {() => Promise<boolean>} parts.save
   * @param {() => void} parts.onUsed another one answers now
   */
  constructor({ page, session, engine, api, watchAll, eyes, save, onUsed }) {
    this.page = page;
    this.session = session;
    this.api = api;
    this.save = save;
    /** @type {any[]} */
    this.recipes = [];
    this.classifiers = new ClassifierControl({ page, session, engine, api, eyes, onUsed, recipes: () => this.recipes });
    this.trainings = new Trainings({ projectId: session.id, api, watchAll });
    this.open = false;
    /** @type {Map<string, any[]>} */
    this.exports = new Map();
    /** Exports that this page waits for: job id to what to download then. @type {Map<string, {id: string, format: string}>} */
    this.awaited = new Map();
    /** @type {string|null} */
    this.selected = null;
    /** @type {string|null} */
    this.opening = null;
    /** @type {string|null} */
    this.busy = null;
    /** @type {Error|null} */
    this.problem = null;
    this.started = false;
    this.listening = false;
    this.drawing = false;
    this.trainings.addEventListener('change', () => this.follow());
    this.trainings.addEventListener('ended', (/** @type {any} */ e) => this.ended(e.detail));
    this.classifiers.addEventListener('change', () => this.show());
    session.addEventListener('status', () => this.listen());
  }

  /** What the page may ask for. @type {Record<string, (detail: any) => any>} */
  answers = {
    'open-trainings': () => this.page.trainings.show(),
    'watch-trainings': (/** @type {boolean} */ open) => this.watch(open),
    train: (/** @type {any} */ wish) => this.wish(() => this.train(wish)),
    retrain: (/** @type {string|undefined} */ id) => this.wish(() => this.retrain(id ?? this.classifiers.inUse)),
    'cancel-job': (/** @type {string} */ id) => this.wish(async () => this.trainings.add(await this.api.cancelJob(id))),
    'open-job': (/** @type {string} */ id) => this.trainings.open(id),
    'open-classifier': (/** @type {string|null} */ id) => this.wish(() => this.select(id)),
    'use-classifier': (/** @type {string|null} */ id) => this.wish(() => this.classifiers.use(id)),
    compare: (/** @type {boolean} */ wanted) => this.classifiers.compare(wanted),
    'delete-classifier': (/** @type {string} */ id) => this.wish(() => this.remove(id)),
    'export-classifier': (/** @type {any} */ wish) => this.wish(() => this.exportAs(wish)),
    'open-exports': (/** @type {string} */ id) => this.wish(() => this.readExports(id)),
    'import-classifier': (/** @type {File} */ file) => this.wish(() => this.bringIn(file)),
    'dismiss-training-problem': () => {
      this.problem = null;
      this.show();
    },
  };

  /** The eyes are open: read what there is, and let the one answer that answered here the last time. */
  async start() {
    this.started = true;
    this.show();
    await this.listen();
  }

  /** Hear of trainings as soon as the server has the project. */
  async listen() {
    if (!this.started || this.session.status.where !== 'server' || this.listening) return;
    this.listening = true;
    await this.trainings.start();
    if (this.trainings.jobs.length || this.trainings.classifiers.length) await this.readRecipes().catch(() => {});
    // It may be here still, and only the server away: then nothing is forgotten.
    if (this.trainings.known) await this.classifiers.restore(this.trainings.classifiers);
  }

  /** @param {boolean} open the dialog is in sight, or no more */
  async watch(open) {
    this.open = open;
    if (!open) this.problem = null;
    this.show();
    if (!open) return;
    await this.wish(async () => {
      await this.readRecipes();
      if (this.listening) await this.trainings.read();
    });
  }

  async readRecipes() {
    if (!this.recipes.length) this.recipes = await this.api.recipes();
    this.show();
  }

  /**
   * Do what was asked for. What goes wrong is said in the dialog, where that is open.
   * @param {() => Promise<any>} work
   */
  async wish(work) {
    this.problem = null;
    try {
      return await work();
    } catch (error) {
      const { name } = /** @type {Error} */ (error);
      if (name === 'AbortError') return undefined;
      if (!this.open) throw error;
      this.problem = /** @type {Error} */ (error);
    } finally {
      this.show();
    }
  }

  /** @param {string|null} text what is being done */
  doing(text) {
    this.busy = text;
    this.show();
  }

  /**
   * Ask the server for a job that works on the project, as it is here.
   * @param {string} text what is being done
   * @param {() => Promise<Job>} request
   */
  async begin(text, request) {
    try {
      await this.saved();
      this.doing(text);
      const job = await request();
      await this.listen();
      await this.trainings.add(job);
    } finally {
      this.doing(null);
    }
  }

  /** A training works on the server's copy: see to it that this is the project as it is here. */
  async saved() {
    const { where, dirty, saving } = this.session.status;
    if (where === 'server' && !dirty) return;
    this.doing('Saving the project first …');
    if (await (saving ? this.session.save() : this.save())) return;
    const { problem, conflict } = this.session.status;
    throw problem ?? new Error(conflict ? 'The project was changed elsewhere as well. Settle that first: see the saving at the top.' : 'The project could not be saved, so the server cannot train on it.');
  }

  /** @param {{recipe: string, options?: Record<string, any>, name?: string}} wish */
  async train(wish) {
    await this.begin('Asking the server …', () => this.api.startTraining(this.session.id, wish));
  }

  /** @param {string|null} id */
  async retrain(id) {
    if (!id) return;
    const { recipe, report, name } = await this.classifiers.detail(id);
    if (!this.recipes.length) await this.readRecipes();
    if (!this.recipes.some((known) => known.name === recipe)) throw new Error(`${name} was brought in from elsewhere: choose a recipe to train this project by.`);
    await this.train({ recipe, options: wishedOptions(this.recipes, recipe, report?.options) });
  }

  /** @param {string|null} id */
  async select(id) {
    this.selected = null;
    this.opening = id;
    this.show();
    if (!id) return;
    try {
      await this.classifiers.detail(id);
      if (this.opening === id) this.selected = id;
    } finally {
      if (this.opening === id) this.opening = null;
    }
  }

  /** @param {string} id */
  async remove(id) {
    await this.api.deleteClassifier(id);
    await this.classifiers.forget(id);
    if (this.selected === id) this.selected = null;
    await this.trainings.read();
  }

  /** @param {string} id */
  async readExports(id) {
    this.exports.set(id, await this.api.exportsOf(id));
  }

  /** @param {{id: string, format: string}} wish */
  async exportAs({ id, format }) {
    const job = await this.api.startExport(id, format);
    this.awaited.set(job.id, { id, format });
    await this.trainings.add(job);
    // It may have ended before it was known here what for.
    const now = this.trainings.job(job.id) ?? job;
    if (!isActive(now) && this.awaited.has(job.id)) this.ended(now);
  }

  /** @param {File} file */
  async bringIn(file) {
    await this.begin(`Sending ${file.name} …`, () => this.api.importClassifier(file, { projectId: this.session.id }));
  }

  /** A job that was seen running here has ended. @param {Job} job */
  ended(job) {
    const awaited = this.awaited.get(job.id);
    this.awaited.delete(job.id);
    if (job.state === 'failed') return this.failed(job);
    if (awaited && job.state === 'done') return download(this.api.exportUrlOf(awaited.id, awaited.format));
    if (this.open || job.parent_id || job.state !== 'done' || job.kind === 'export') return undefined;
    const accuracy = job.accuracy === null ? '' : `: ${percent(job.accuracy)} right on pictures it had never seen`;
    return notify({ text: job.kind === 'import' ? `${job.name || 'The classifier'} is here.` : `The training is done${accuracy}.`, seconds: 30, action: { label: 'Look', run: () => this.page.trainings.show() } });
  }

  /** @param {Job} job */
  failed({ kind, parent_id: parent, problem }) {
    const error = Object.assign(new Error([problem?.detail, problem?.hint].filter(Boolean).join(' ')), { title: problem?.title });
    if (this.open) {
      // A training tells of itself in its own place; an export and an import have none.
      if (kind === 'export' || kind === 'import') this.problem = error;
      return this.show();
    }
    if (!parent) notify({ kind: 'bad', text: `${problem?.title ?? 'The training has failed'}. ${error.message}` });
    return undefined;
  }

  /** The server has said something new. */
  follow() {
    const { trainings, classifiers } = this;
    const { inUse } = classifiers;
    if (inUse && trainings.known && !trainings.problem && !trainings.classifiers.some((c) => c.id === inUse)) {
      notify({ text: `${classifiers.nameOf(classifiers.engine.classifier)} was deleted: the quick learner answers now.` });
      classifiers.forget(inUse).catch((error) => classifiers.complain('The quick learner does not answer', error));
    }
    this.show();
  }

  /** @param {string} id @param {string} format */
  exportJobOf(id, format) {
    return this.trainings.jobs.find((job) => job.kind === 'export' && job.format === format && isActive(job) && (job.classifier_id === id || this.awaited.get(job.id)?.id === id)) ?? null;
  }

  /** Hand the state to the page, once for any number of changes in one turn. */
  show() {
    if (this.drawing || !this.started) return;
    this.drawing = true;
    queueMicrotask(() => {
      this.drawing = false;
      this.page.training = this.view();
    });
  }

  /** @returns {TrainingView} */
  view() {
    const { trainings, classifiers } = this;
    const used = classifiers.engine.classifier;
    const since = used && classifiers.changesSince(used);
    return {
      recipes: this.recipes,
      jobs: trainings.jobs,
      classifiers: trainings.classifiers,
      curvesOf: (id) => trainings.curvesOf(id),
      eventsOf: (id) => trainings.eventsOf(id),
      selected: (this.selected && classifiers.details.get(this.selected)) ?? null,
      opening: this.opening,
      inUse: classifiers.inUse,
      used,
      changingTo: classifiers.changingTo,
      comparing: classifiers.comparing,
      busy: this.busy,
      stale: since?.text ?? null,
      missing: since?.missing ?? [],
      staleOf: (classifier) => classifiers.changesSince(classifier).text,
      cannotUse: (classifier) => classifiers.cannotUse(classifier),
      otherEyes: (classifier) => classifiers.otherEyes(classifier),
      exportsOf: (id) => this.exports.get(id) ?? null,
      exportJobOf: (id, format) => this.exportJobOf(id, format),
      reportUrl: (id, format) => this.api.reportUrl(id, format),
      problem: this.problem ?? trainings.problem,
    };
  }
}

/**
 * The options that a person set, of those that a report lists: a recipe may know more of itself.
 * @param {any[]} recipes @param {string} name @param {Record<string, any>|undefined} options
 */
function wishedOptions(recipes, name, options = {}) {
  const known = new Set(recipes.find((recipe) => recipe.name === name)?.options.map((/** @type {any} */ option) => option.name));
  return Object.fromEntries(Object.entries(options).filter(([key]) => known.has(key)));
}

/** @param {string} url */
function download(url) {
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  link.click();
}
