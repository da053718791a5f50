import { count } from '../components/element.js';
import { Phones } from '../play/phones.js';

/** With phones that teach, this page saves so long after a change (ms). */
const SAVE_AFTER = 800;
/** Contributors are counted only this often (ms), also while pictures stream in. */
const COUNT_EVERY = 300;

/**
 * Phones that teach along, seen from the teach page: lets them in, counts what each has added, and keeps
 * the page in step with the server while they are there, so that nobody is asked about conflicts.
 */
export class Together {
  /**
   * @param {object} parts
   * @param {any} parts.page
   * @param {import('../store/session.js').Session} parts.session
   * @param {import('../net/api.js').Api} parts.api
   * @param {(text: string) => void} parts.offerUndo
   * @param {(error: any) => void} parts.complain
   * @param {(parts: {projectId: string, classIds: () => string[]}) => Phones} [parts.open]
   */
  constructor({ page, session, api, offerUndo, complain, open = (wish) => new Phones(wish) }) {
    this.page = page;
    this.session = session;
    this.api = api;
    this.offerUndo = offerUndo;
    this.complain = complain;
    this.open = open;
    /** @type {Phones|null} */
    this.phones = null;
    this.joining = false;
    this.saving = 0;
    this.counting = 0;
    session.addEventListener('status', () => this.keepUp());
    session.addEventListener('conflict', () => this.keepUp());
    session.addEventListener('change', (/** @type {any} */ event) => {
      if (event.detail.kind.startsWith('samples') || event.detail.kind === 'reset') this.countSoon();
    });
    this.count();
    void this.greet();
  }

  /** What the page asks for, by event. @type {Record<string, (detail: any) => any>} */
  get answers() {
    return {
      'open-phones': () => {
        this.listen();
        return this.page.phonesDialog.show({ role: 'teacher' });
      },
      'remove-contributor': (name) => {
        const ids = this.idsOf(name);
        this.session.deleteSamples(ids);
        this.offerUndo(`${name}’s ${count(ids.length, 'picture')} removed.`);
      },
    };
  }

  /** Phones that teach along now. */
  get live() {
    return this.phones?.links.filter(({ role, connected }) => role === 'teacher' && connected).length ?? 0;
  }

  /** After the page was loaded again its phones are still there. */
  async greet() {
    if (this.session.status.where !== 'server') return;
    const phones = await this.api.phones(this.session.id).catch(() => []);
    if (phones.length) this.listen();
  }

  listen() {
    if (this.phones) return;
    const { session, page } = this;
    this.phones = this.open({ projectId: session.id, classIds: () => session.classes.map(({ id }) => id) });
    page.phones = this.phones;
    this.phones.addEventListener('change', () => {
      page.live = this.live;
      this.keepUp();
    });
  }

  /** While others teach, save what is new here and take in what is new there. */
  keepUp() {
    const { session } = this;
    if (!this.live) return;
    const { conflict, dirty, saving, where } = session.status;
    if (conflict) {
      if (this.joining) return;
      this.joining = true;
      session.resolveConflict('join').catch(this.complain).finally(() => (this.joining = false));
    } else if (dirty && !saving && where === 'server') {
      this.saving ||= window.setTimeout(() => {
        this.saving = 0;
        if (this.live) session.save().catch(this.complain);
      }, SAVE_AFTER);
    }
  }

  countSoon() {
    this.counting ||= window.setTimeout(() => {
      this.counting = 0;
      this.count();
    }, COUNT_EVERY);
  }

  /** Sort the pictures by who has shown them. */
  count() {
    /** @type {Map<string, string[]>} */
    const people = new Map();
    let own = 0;
    for (const { id, contributor } of this.session.samples.values()) {
      if (!contributor) own += 1;
      else if (people.has(contributor)) people.get(contributor)?.push(id);
      else people.set(contributor, [id]);
    }
    this.page.people = Array.from(people, ([name, ids]) => ({ name, ids }));
    this.page.own = own;
  }

  /** @param {string} name */
  idsOf(name) {
    return Array.from(this.session.samples.values()).filter(({ contributor }) => contributor === name).map(({ id }) => id);
  }
}
