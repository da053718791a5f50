import { Agreement, changesSince, matchClasses, QUICK, whyNotInPage, winnerOf } from '../core/classifiers.js';
import { inWords } from '../components/element.js';
import { notify } from '../components/notices.js';
import { answeredLast, rememberAnswering } from '../store/answering.js';
import { Shares } from './shares.js';

/**
 * Which classifier answers in the page, the one that a training made or the KNN, and both side by side.
 * Event: 'change'.
 */
export class ClassifierControl extends EventTarget {
  /**
   * @param {object} parts
   * @param {import('./teach_page.js').TeachPage} parts.page
   * @param {any} parts.session
   * @param {import('../vision/engine.js').Engine} parts.engine
   * @param {import('../net/api.js').Api} parts.api
   * @param {import('./eyes_control.js').EyesControl} parts.eyes
   * @param {() => any[]} parts.recipes
   * @param {() => void} parts.onUsed another one answers now
   */
  constructor({ page, session, engine, api, eyes, recipes, onUsed }) {
    super();
    this.page = page;
    this.session = session;
    this.engine = engine;
    this.api = api;
    this.eyes = eyes;
    this.recipes = recipes;
    this.onUsed = onUsed;
    /** With their reports, as far as they were read. @type {Map<string, any>} */
    this.details = new Map();
    /** @type {string|null} */
    this.changingTo = null;
    /** Counts wishes: the latest holds. */
    this.wishes = 0;
    this.comparing = false;
    this.agreement = new Agreement();
    this.otherShares = new Shares(session.settings.smoothing_ms);
    engine.addEventListener('classifier', () => this.answering());
    session.addEventListener('change', (/** @type {any} */ e) => this.follow(e.detail.kind));
  }

  /** @returns {string|null} */
  get inUse() {
    return this.engine.classifier?.id ?? null;
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }

  /** @param {string} id @returns {Promise<any>} with its report */
  async detail(id) {
    const known = this.details.get(id) ?? (await this.api.classifier(id));
    this.details.set(id, known);
    return known;
  }

  /**
   * Let a classifier answer; the eyes are changed first where it needs others.
   * @param {string|null} id null for the KNN
   * @throws {Error} AbortError where another was chosen meanwhile
   */
  async use(id) {
    const { engine, api, session } = this;
    const mine = ++this.wishes;
    const latest = () => {
      if (mine !== this.wishes) throw new DOMException('Another classifier was chosen meanwhile.', 'AbortError');
    };
    this.changingTo = id;
    this.changed();
    try {
      if (!id) {
        rememberAnswering(session.id, null);
        await engine.useClassifier(null);
        return;
      }
      const classifier = await this.detail(id);
      latest();
      await this.changeEyes(classifier);
      latest();
      const isNetwork = classifier.model.kind === 'network';
      const source = isNetwork ? { url: api.networkUrl(id) } : { weights: await api.classifierWeights(id) };
      latest();
      await engine.useClassifier(classifier, { ...source, classIds: this.classIds(classifier) });
      rememberAnswering(session.id, id);
    } finally {
      if (mine === this.wishes) this.changingTo = null;
      this.changed();
    }
  }

  /** @param {any} classifier */
  async changeEyes(classifier) {
    const why = this.cannotUse(classifier);
    if (why) throw new Error(why);
    const wanted = this.eyesOf(classifier);
    if (!wanted || !this.otherEyes(classifier)) return;
    await this.eyes.use(wanted.name);
    if (this.otherEyes(classifier)) throw new DOMException('The eyes were not changed.', 'AbortError');
  }

  /**
   * Let the one answer that answered here the last time.
   * @param {any[]} classifiers that there are
   */
  async restore(classifiers) {
    const id = answeredLast(this.session.id);
    if (!id || this.inUse || this.changingTo) return;
    const known = classifiers.find((c) => c.id === id);
    if (!known || this.otherEyes(known)) rememberAnswering(this.session.id, null);
    else await this.use(id).catch((error) => this.complain(`${this.nameOf(known)} could not be brought back`, error));
  }

  /** @param {string} what @param {any} error */
  complain(what, error) {
    if (error?.name !== 'AbortError') notify({ kind: 'bad', text: `${what}: ${inWords(error)}` });
  }

  /** Another one answers; or other eyes have taken over, and left a trained one behind. */
  answering() {
    const left = this.inUse ? null : this.details.get(answeredLast(this.session.id) ?? '');
    if (left && !this.changingTo) this.leftBehind(left);
    if (!this.inUse) this.compare(false);
    this.beginComparison();
    this.onUsed();
    this.changed();
  }

  /** @param {any} classifier */
  leftBehind(classifier) {
    if (!this.otherEyes(classifier)) {
      // A network looks for itself, whatever the eyes.
      this.use(classifier.id).catch((error) => this.complain(`${this.nameOf(classifier)} does not answer any more`, error));
      return;
    }
    rememberAnswering(this.session.id, null);
    const again = () => void this.use(classifier.id).catch((error) => this.complain(`${this.nameOf(classifier)} cannot answer`, error));
    notify({ text: `${this.nameOf(classifier)} was trained with other eyes: the quick learner answers now.`, seconds: 20, action: { label: 'Use it again', run: again } });
  }

  /** @param {string} kind of a change of the project */
  follow(kind) {
    const { classifier } = this.engine;
    if (kind === 'settings' || kind === 'reset') this.otherShares.setSmoothing(this.session.settings.smoothing_ms);
    if (kind === 'classes' || kind === 'reset') {
      this.beginComparison();
      if (classifier) this.engine.mapClasses(this.classIds(classifier)).catch((error) => this.complain('The classes could not be followed', error));
    }
    this.changed();
  }

  /** Forget one that is deleted; if it answers, the KNN does again. @param {string} id */
  async forget(id) {
    this.details.delete(id);
    if (this.inUse === id || this.changingTo === id) await this.use(null);
    else if (answeredLast(this.session.id) === id) rememberAnswering(this.session.id, null);
  }

  // Side by side -----------------------------------------------------------------------------

  /** @param {boolean} wanted */
  compare(wanted) {
    const before = this.comparing;
    this.comparing = wanted && this.inUse !== null;
    if (this.comparing === before) return;
    this.beginComparison();
    if (!this.comparing) this.page.tell.compare(null);
    this.onUsed(); // a picture that stands still is looked at again
    this.changed();
  }

  beginComparison() {
    this.agreement = new Agreement();
    this.otherShares.reset();
  }

  /**
   * Tell the page what both say of a frame.
   * @param {import('../vision/engine.js').Seen} look
   * @param {Float32Array|null} shares of the one in use, as the page shows them; null where it gives a value
   * @param {boolean} still whether there is nothing to smooth
   * @param {number} now ms
   */
  tell({ result, other }, shares, still, now) {
    if (!this.comparing || !result?.by || other === undefined) return;
    const same = this.agreement.add(result, other);
    if (still) this.otherShares.reset();
    const { agreed, looked } = this.agreement;
    this.page.tell.compare({
      used: this.answerer(this.nameOf(this.engine.classifier), this.inUse, result, shares),
      other: this.answerer(QUICK, null, other, other && this.otherShares.push(other, now)),
      same, agreed, looked, now,
    });
  }

  /**
   * @param {string} name @param {string|null} id
   * @param {import('../core/knn.js').Result|null} result @param {Float32Array|null} shares
   * @returns {import('./training_view.js').Answerer}
   */
  answerer(name, id, result, shares) {
    const winner = result && result.value === null ? this.session.classes[winnerOf(result)]?.id ?? null : null;
    return { name, id, shares, value: result?.value ?? null, winner };
  }

  // What the page says of each -----------------------------------------------------------------

  /** @param {any} classifier */
  classIds(classifier) {
    return matchClasses(classifier.classes, this.session.classes);
  }

  /** What a classifier misses of the project as it is now. @param {any} classifier */
  changesSince(classifier) {
    const { session } = this;
    return changesSince(this.details.get(classifier.id) ?? classifier, {
      classes: session.classes,
      counts: new Map(session.classes.map((/** @type {any} */ c) => [c.id, session.samplesOf(c.id).length])),
      revision: revisionOf(session),
      dirty: session.status.dirty,
    });
  }

  /** @param {any} classifier @returns {any|null} the backbone that it needs, if that is here */
  eyesOf({ backbone }) {
    return backbone ? this.eyes.choice.here.find(({ fingerprint }) => fingerprint === backbone.fingerprint) ?? null : null;
  }

  /** @param {any} classifier @returns {string|null} title of the eyes that it needs, if others are in use */
  otherEyes(classifier) {
    const { backbone } = classifier;
    if (!backbone || backbone.fingerprint === this.engine.backbone?.fingerprint) return null;
    return this.eyesOf(classifier)?.title ?? backbone.name;
  }

  /** @param {any} classifier @returns {string|null} why it cannot answer here */
  cannotUse(classifier) {
    const why = whyNotInPage(classifier);
    if (why || !this.otherEyes(classifier) || this.eyesOf(classifier)) return why;
    return `It was trained with the eyes ${classifier.backbone.name}, which are not on this computer.`;
  }

  /** @param {any} classifier */
  nameOf(classifier) {
    return this.recipes().find(({ name }) => name === classifier?.recipe)?.title ?? classifier?.name ?? QUICK;
  }
}

/** The revision that the server has, as far as is known here. @param {any} session @returns {number|null} */
function revisionOf(session) {
  const etag = session.state.base?.etag;
  return etag ? Number(etag.replace(/\D/g, '')) : null;
}
