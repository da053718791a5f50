/**
 * From a project to answers, without the teach page: its examples, its eyes, the classifier that
 * answered last, and a camera. What games, outputs, the phone and the stream look through.
 *
 * @typedef {object} Seen used again for the next picture: copy what must stay
 * @property {import('../core/knn.js').Result|null} result null while there is nothing to tell apart
 * @property {number} at when the camera had the picture (ms, as performance.now() tells)
 * @property {number} done when the answer was here (ms)
 * @property {number} fps answers a second, over about the last second
 */
import { matchClasses, QUICK, whyNotInPage } from '../core/classifiers.js';
import { findEyes, NO_EYES, openingText } from '../core/eyes.js';
import { Api } from '../net/api.js';
import { Binding } from './binding.js';
import { Eyes } from './camera_control.js';
import { LiveLoop } from './live_loop.js';
import { Recorder } from './recorder.js';
import { answeredLast, answeringKey, rememberAnswering } from '../store/answering.js';
import { openDatabase } from '../store/database.js';
import { Session } from '../store/session.js';
import { Engine } from '../vision/engine.js';

/**
 * Events: 'progress' {text, fraction 0..1} while it gets ready or looks again at pictures, 'ready' once,
 * 'change' whenever classes, examples, settings, the camera or the classifier have changed, 'sample' when
 * the recorder took one, 'error' with the error.
 */
export class Recogniser extends EventTarget {
  /**
   * Open a project: this browser's copy, else the server's.
   * @param {string} projectId
   * @param {{api?: Api, database?: import('../store/database.js').AnyDatabase, live?: boolean}} [parts] live: whether
   *   changes that others save are followed
   * @returns {Promise<Recogniser>}
   * @throws {import('../net/errors.js').ApiError|import('../net/errors.js').NetworkError} where it is not here and the
   *   server has it not, or does not answer
   */
  static async open(projectId, { api = new Api(), database, live = true } = {}) {
    const session = await Session.open(projectId, { api, database: database ?? (await openDatabase()), live });
    return new Recogniser(session, { api });
  }

  /**
   * @param {Session} session it is closed with the recogniser
   * @param {{api?: Api, engine?: Engine}} [parts]
   * @throws {Error} where the browser is too old
   */
  constructor(session, { api = session.api, engine = Engine.begin() } = {}) {
    super();
    this.session = session;
    this.api = api;
    this.engine = engine;
    this.binding = new Binding(session, engine);
    this.recorder = new Recorder({ engine, session, remember: this.binding.remember.bind(this.binding) });
    this.eyes = new Eyes(() => this.changed());
    this.ready = false;
    this.closed = false;
    this.paused = false;
    this.classifierName = QUICK;
    /** How many classes have pictures: asked for with every frame, so counted at every change. */
    this.taught = 0;
    /** What the project was last known to remember. @type {string|null} */
    this.backbone = null;
    /** Counts wishes for a classifier: the latest holds. */
    this.wishes = 0;
    this.announced = false;
    /** @type {Set<(seen: Seen) => void>} */
    this.listeners = new Set();
    /** @type {Seen} */
    this.seen = { result: null, at: 0, done: 0, fps: 0 };
    this.loop = new LiveLoop({
      engine, recorder: this.recorder,
      source: () => (this.paused || (!this.listeners.size && this.recorder.classId === null) ? null : this.eyes.source),
      wishes: () => ({ mirror: session.settings.mirror, top: false, embedding: false, compare: false }),
      onLook: (look, fps, now, takenAt) => this.tell(look.result, fps, now, takenAt),
      onError: (error) => this.fail(error),
    });
    this.onStorage = (/** @type {StorageEvent} */ event) => {
      if (event.key === answeringKey(session.id) && this.ready) void this.restore();
    };
    this.follow();
    this.count();
  }

  follow() {
    const { session, engine, binding, recorder } = this;
    session.addEventListener('change', (/** @type {any} */ event) => this.onChange(event.detail.kind));
    engine.addEventListener('progress', (/** @type {any} */ e) => this.emit('progress', { text: openingText(e.detail.phase), fraction: e.detail.fraction }));
    engine.addEventListener('error', (/** @type {any} */ e) => this.fail(e.detail));
    engine.addEventListener('classifier', () => this.changed());
    binding.addEventListener('progress', (/** @type {any} */ e) => this.emit('progress', { text: e.detail.text, fraction: e.detail.fraction }));
    binding.addEventListener('error', (/** @type {any} */ e) => this.fail(e.detail));
    recorder.addEventListener('change', () => this.changed());
    recorder.addEventListener('sample', (/** @type {any} */ e) => this.emit('sample', e.detail));
    window.addEventListener('storage', this.onStorage);
  }

  /** In their order. @returns {{id: string, label: string, color: string}[]} */
  get classes() {
    return this.session.classes;
  }

  /** Whether there is something to tell apart: two classes with pictures, or a classifier that was trained. */
  get canTell() {
    return this.taught > 1 || this.engine.classifier !== null;
  }

  /** Id of the trained classifier that answers; null for the KNN. @returns {string|null} */
  get classifier() {
    return this.engine.classifier?.id ?? null;
  }

  /**
   * Open the eyes, give them the examples, let the classifier answer that answered last, and start the camera.
   * @param {{facing?: 'user'|'environment'|null}} [wish] which camera, where there are several; null: the one used last
   * @returns {Promise<void>} when it can answer; the camera may still wait for the person's leave
   * @throws {Error} where there are no eyes, or they cannot be opened
   */
  async start({ facing = null } = {}) {
    this.loop.start();
    if (facing) this.eyes.facing = facing;
    this.eyes.start({ facing }).catch((error) => this.fail(error));
    await this.openEyes();
    await this.restore();
    if (this.closed) return;
    this.ready = true;
    this.emit('ready');
    this.changed();
  }

  /** Look through the eyes that the project remembers. */
  async openEyes() {
    const { session, api } = this;
    this.backbone = session.backbone;
    const { found } = findEyes(await api.backbones(), session.backbone);
    if (!found) throw new Error(NO_EYES);
    const outcome = await this.binding.useBackbone(found);
    // `useBackbone` tells what went wrong by an event; without eyes nothing can go on.
    if (outcome === 'failed' && !this.engine.backbone) throw this.engine.dead ?? new Error(`${found.title ?? found.name} could not be opened. Reload the page.`);
    if (session.backbone === null) {
      this.backbone = found.name;
      session.apply([{ op: 'backbone', value: found.name }]);
    }
  }

  /** Let the one answer that answered in this project the last time; the KNN where that cannot be. */
  async restore() {
    const id = answeredLast(this.session.id);
    try {
      await this.useClassifier(id, { remember: false });
    } catch (error) {
      // It may be deleted, or the server away: then there is still the KNN.
      if (id && /** @type {Error} */ (error).name !== 'AbortError') await this.useClassifier(null, { remember: false }).catch((problem) => this.fail(problem));
    }
  }

  /**
   * Let a classifier answer. One of values, or of other eyes than those in use, cannot play.
   * @param {string|null} id null for the KNN
   * @param {{remember?: boolean}} [options] remember: for the teach page too
   * @throws {Error} in words why it cannot
   */
  async useClassifier(id, { remember = true } = {}) {
    const { engine, api, session } = this;
    const mine = ++this.wishes;
    const latest = () => {
      if (mine !== this.wishes || this.closed) throw new DOMException('Another classifier was chosen meanwhile.', 'AbortError');
    };
    if (!id) {
      if (engine.classifier) await engine.useClassifier(null);
      latest();
      this.classifierName = QUICK;
    } else if (id !== this.classifier) {
      const classifier = await api.classifier(id);
      const why = this.cannotUse(classifier);
      if (why) throw new Error(why);
      const [source, name] = await Promise.all([
        classifier.model.kind === 'network' ? { url: api.networkUrl(id) } : api.classifierWeights(id).then((weights) => ({ weights })),
        titleOf(api, classifier),
      ]);
      latest();
      await engine.useClassifier(classifier, { ...source, classIds: matchClasses(classifier.classes, session.classes) });
      latest();
      this.classifierName = name;
    }
    if (remember) rememberAnswering(session.id, id);
    this.changed();
  }

  /** @param {import('../net/api.js').WireClassifier} classifier @returns {string|null} why it cannot answer here */
  cannotUse(classifier) {
    if (classifier.is_regression) return `${classifier.name} gives a number, not a class: it cannot steer.`;
    const { backbone } = classifier;
    if (backbone && backbone.fingerprint !== this.engine.backbone?.fingerprint) return `${classifier.name} was trained with other eyes. Use it in the teach page first.`;
    return whyNotInPage(classifier);
  }

  /** Stop looking; the camera's picture goes on. */
  pause() {
    this.paused = true;
    this.recorder.end();
    this.changed();
  }

  resume() {
    this.paused = false;
    this.changed();
  }

  /** End everything: camera, Worker, project. @returns {Promise<void>} when what was taught is on the disk */
  async close() {
    this.release();
    await this.session.close();
  }

  /** End the camera and the Worker; the project stays open, for a page that goes on without looking. */
  release() {
    if (this.closed) return;
    this.closed = true;
    this.loop.stop();
    this.recorder.end();
    this.listeners.clear();
    window.removeEventListener('storage', this.onStorage);
    this.eyes.close();
    this.binding.close();
    this.engine.dispose();
  }

  /**
   * Hear of every answer. While nobody listens, nobody looks.
   * @param {(seen: Seen) => void} listener
   * @returns {() => void} stops
   */
  onSeen(listener) {
    this.listeners.add(listener);
    this.eyes.source.touch();
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** @param {Seen['result']} result @param {number} fps @param {number} now @param {number} takenAt */
  tell(result, fps, now, takenAt) {
    const { seen } = this;
    seen.result = result && (result.by || this.taught > 1) ? result : null;
    seen.at = takenAt;
    seen.done = now;
    seen.fps = fps;
    for (const listener of this.listeners) listener(seen);
  }

  /** @param {string} kind of a change of the project */
  onChange(kind) {
    if (this.closed) return;
    const { session, engine, recorder } = this;
    const { classifier } = engine;
    this.count();
    if (recorder.classId !== null && !session.classes.some(({ id }) => id === recorder.classId)) recorder.end();
    if (classifier && (kind === 'classes' || kind === 'reset')) engine.mapClasses(matchClasses(classifier.classes, session.classes)).catch((error) => this.fail(error));
    if ((kind === 'backbone' || kind === 'reset') && this.ready && session.backbone !== this.backbone) {
      this.openEyes().then(() => this.restore()).catch((error) => this.fail(error));
    }
    this.changed();
  }

  count() {
    const { session } = this;
    this.taught = session.classes.filter(({ id }) => session.samplesOf(id).length).length;
  }

  /** Say so once for any number of changes in one turn. */
  changed() {
    if (this.announced) return;
    this.announced = true;
    queueMicrotask(() => {
      this.announced = false;
      if (!this.closed) this.emit('change');
    });
  }

  /** @param {Error} error */
  fail(error) {
    if (!this.closed && error?.name !== 'AbortError') this.emit('error', error);
  }

  /** @param {string} type @param {any} [detail] */
  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/**
 * What a classifier is called: its recipe's title, as in the teach page.
 * @param {Api} api @param {import('../net/api.js').WireClassifier} classifier
 */
async function titleOf(api, { recipe, name }) {
  const recipes = await api.recipes().catch(() => []);
  return recipes.find((known) => known.name === recipe)?.title ?? name;
}
