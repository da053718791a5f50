import { findEyes, joinEyes, NO_EYES } from '../core/eyes.js';
import { hear } from '../net/live.js';
import { count, inWords } from '../components/element.js';
import { notify } from '../components/notices.js';
import { EyesChoice } from './eyes_choice.js';

/** Seconds that the news of eyes that have arrived stays: time enough to finish what one is doing. */
const ARRIVED_STAYS = 30;

/**
 * Which eyes the page looks through: those that the project remembers, those that a person chooses
 * instead, and those that are being fetched.
 */
export class EyesControl {
  /**
   * @param {object} parts
   * @param {import('./teach_page.js').TeachPage} parts.page
   * @param {any} parts.session
   * @param {any} parts.engine
   * @param {import('../recognition/binding.js').Binding} parts.binding
   * @param {import('../net/api.js').Api} parts.api
   * @param {() => void} parts.onUsed other eyes look now
   * @param {(text: string) => void} parts.offerUndo
   */
  constructor({ page, session, engine, binding, api, onUsed, offerUndo }) {
    this.page = page;
    this.session = session;
    this.engine = engine;
    this.binding = binding;
    this.onUsed = onUsed;
    this.offerUndo = offerUndo;
    this.choice = new EyesChoice({ api, hear });
    /** What the project was last known to remember. @type {string|null} */
    this.remembered = session.backbone;
    this.choice.addEventListener('change', () => this.show());
    this.choice.addEventListener('arrived', (/** @type {any} */ e) => this.arrived(e.detail));
    this.choice.addEventListener('failed', (/** @type {any} */ e) => this.failed(e.detail));
    binding.addEventListener('progress', (/** @type {any} */ e) => this.progress(e.detail));
    binding.addEventListener('settled', () => this.progress(null));
    binding.addEventListener('unseen', (/** @type {any} */ e) => this.unseen(e.detail.ids.length));
  }

  /** What the page may ask for. @type {Record<string, (detail: any) => any>} */
  answers = {
    'choose-eyes': () => this.page.eyes.show(),
    'watch-eyes': (/** @type {boolean} */ open) => this.choice.watch(open),
    'choose-backbone': (/** @type {string} */ name) => this.use(name),
    'fetch-eyes': (/** @type {string} */ name) => this.choice.fetch(name),
    'cancel-fetch': (/** @type {string} */ name) => this.choice.cancel(name),
    'cancel-embedding': () => this.binding.cancel(),
  };

  /** Open the eyes that the project remembers, and see whether others are being fetched. */
  async start() {
    await this.choice.findHere();
    await this.use(this.session.backbone, false);
    await this.follow(); // it may have changed meanwhile
    await this.choice.findOffers();
  }

  /** The project has changed, here or elsewhere: follow it, if it means other eyes now. */
  async follow() {
    const { backbone } = this.session;
    if (backbone === this.remembered || !this.engine.backbone) return;
    this.remembered = backbone;
    await this.use(backbone, false);
  }

  /**
   * Let the project remember its eyes; `follow` has nothing to do then.
   * @param {string} name
   * @param {boolean} [quietly] the choice is the page's, not the person's: nothing to undo
   */
  remember(name, quietly = this.session.backbone === null) {
    const { session } = this;
    this.remembered = name;
    if (quietly) session.apply([{ op: 'backbone', value: name }]);
    else session.setBackbone(name);
  }

  /**
   * Look through other eyes.
   * @param {string|null} name null for the server's own choice
   * @param {boolean} [chosen] by a person, here and now: the project remembers it, and it can be undone
   */
  async use(name, chosen = true) {
    const { page, session, engine, binding } = this;
    const wanted = await this.find(name);
    if (!engine.backbone) page.loading = { text: `Opening ${wanted.title}`, fraction: 0 };
    const outcome = await binding.useBackbone(wanted);
    if (outcome === 'used' && session.backbone === null) this.remember(wanted.name);
    else if (outcome === 'used' && !chosen && wanted.replaces?.includes(name)) {
      this.remember(wanted.name, true);
      notify({ text: `${wanted.title} have taken the place of the eyes this project had: they see better.`, action: this.toList() });
    } else if (outcome === 'used' && chosen && session.backbone !== wanted.name) {
      this.remember(wanted.name);
      this.offerUndo(`Looking through ${this.titleOf(wanted.name)} now.`);
    }
    // Whoever cancels what undo or another page has begun stays with the eyes in use: so does the project.
    if (outcome === 'cancelled' && !chosen) this.remember(engine.backbone.name);
    Object.assign(page, { backbone: engine.backbone, backend: engine.backend ?? '', size: engine.embeddingSize ?? 0, loading: null });
    this.show();
    this.onUsed();
  }

  /** @param {string|null} name */
  async find(name) {
    const { choice, page } = this;
    // Another page may have fetched them.
    if (name && !findEyes(choice.here, name).isNamed) await choice.findHere();
    const { found, isNamed } = findEyes(choice.here, name, page.dataset.defaultBackbone);
    if (!found) throw new Error(NO_EYES);
    if (name && !isNamed) {
      notify({ kind: 'bad', text: `The eyes ${name} are not on this computer: looking through ${found.title} instead.`, action: this.toList() });
    }
    return found;
  }

  toList() {
    return { label: 'Choose eyes', run: () => this.page.eyes.show() };
  }

  /** @param {string} name */
  titleOf(name) {
    return this.items().find((item) => item.name === name)?.title ?? name;
  }

  items() {
    const { choice, engine, page } = this;
    return joinEyes(choice.here, choice.catalogue, { inUse: engine.backbone?.name ?? null, gettingReady: page.changing?.eyes ?? null });
  }

  /** Hand the state to the page. */
  show() {
    const { choice, page } = this;
    const items = this.items();
    page.choice = {
      items,
      fetching: items.find(({ state }) => state === 'fetching') ?? null,
      speeds: choice.speeds,
      refusals: choice.refusals,
      problem: choice.problem,
    };
  }

  /** @param {import('../recognition/binding.js').Progress|null} progress */
  progress(progress) {
    this.page.changing = progress;
    if (this.choice.open || !progress) this.show();
  }

  /** @param {import('../core/eyes.js').Fetch} fetch */
  arrived({ name }) {
    if (this.choice.open) return; // it is said there
    notify({ text: `${this.titleOf(name)} is here.`, seconds: ARRIVED_STAYS, action: { label: 'Use', run: () => void this.use(name).catch((error) => notify({ kind: 'bad', text: inWords(error) })) } });
  }

  /** @param {import('../core/eyes.js').Fetch} fetch */
  failed({ name, problem }) {
    if (this.choice.open) return;
    notify({ kind: 'bad', text: `${this.titleOf(name)} could not be fetched. ${problem?.title ?? ''}`, action: { label: 'Show', run: () => this.page.eyes.show() } });
  }

  /** @param {number} n */
  unseen(n) {
    notify({ kind: 'bad', text: `${count(n, 'example')} could not be looked at, for want of a picture. They are kept, and vote again with the eyes that made their numbers.` });
  }
}
