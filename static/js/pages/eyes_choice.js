import { NetworkError } from '../net/errors.js';
import { takeNews } from '../core/eyes.js';

/** The server tells of a fetch as it goes on; what it had no reason to tell is asked for so often (ms). */
const ASK_EVERY = 2000;

/**
 * Which eyes are here, which can be fetched, how far a fetch is, and how fast each is on the server.
 * Events: 'change' whenever any of it has; 'arrived' and 'failed' with the fetch that this page saw
 * running until then.
 */
export class EyesChoice extends EventTarget {
  /**
   * @param {object} parts
   * @param {import('../net/api.js').Api} parts.api
   * @param {typeof import('../net/live.js').hear} parts.hear
   */
  constructor({ api, hear }) {
    super();
    this.api = api;
    this.hear = hear;
    /** @type {any[]} */
    this.here = [];
    /** @type {any[]} */
    this.catalogue = [];
    /** Why it is not known what can be fetched. @type {Error|null} */
    this.problem = null;
    /** Why the last press of a button came to nothing, by name of the eyes. @type {Map<string, Error>} */
    this.refusals = new Map();
    /** Milliseconds a picture on the server; null where they could not be had. @type {Map<string, number|null>} */
    this.speeds = new Map();
    this.measuring = false;
    this.open = false;
    /** @type {(() => void)|null} */
    this.deafen = null;
    /** @type {ReturnType<typeof setTimeout>|null} */
    this.asking = null;
  }

  /** The fetch that is running, if one is. @returns {import('../core/eyes.js').Fetch|null} */
  get running() {
    return this.catalogue.find(({ fetch }) => fetch?.state === 'running')?.fetch ?? null;
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }

  /** Ask which are here. */
  async findHere() {
    this.here = await this.api.backbones();
    this.changed();
    return this.here;
  }

  /** Ask what can be fetched and how far that is; what goes wrong becomes `problem`. */
  async findOffers() {
    try {
      const fresh = await this.api.catalogue();
      const before = new Map(this.catalogue.map(({ name, fetch }) => [name, fetch]));
      // What was known stays for `take` to compare with; a server that was started anew knows of none.
      this.catalogue = fresh.map((item) => ({ ...item, fetch: item.fetch && (before.get(item.name) ?? item.fetch) }));
      this.problem = null;
      for (const { fetch } of fresh) if (fetch) await this.take(fetch);
    } catch (error) {
      this.problem = /** @type {Error} */ (error);
    }
    this.listen();
    this.changed();
  }

  /** The list is in sight, or no more. @param {boolean} open */
  async watch(open) {
    this.open = open;
    this.refusals.clear();
    this.listen();
    if (!open) return;
    await Promise.all([this.findHere().catch((error) => { this.problem = error; }), this.findOffers()]);
    await this.measure();
  }

  /** Hear of fetches while there is anything to hear of; what was missed before is asked for. */
  listen() {
    const wanted = this.open || this.running !== null;
    if (wanted && !this.deafen) {
      let first = true;
      this.deafen = this.hear('backbone_fetch', (news) => void this.take(news), () => {
        if (!first) void this.findOffers();
        first = false;
      });
    } else if (!wanted && this.deafen) {
      this.deafen();
      this.deafen = null;
    }
    if (this.running && !this.asking) {
      this.asking = setTimeout(async () => {
        const { running } = this;
        if (running) await this.api.backboneFetch(running.name).then((fetch) => this.take(fetch), () => this.findOffers());
        this.asking = null;
        this.listen();
      }, ASK_EVERY);
    }
  }

  /** @param {import('../core/eyes.js').Fetch} news */
  async take(news) {
    const { catalogue, ended } = takeNews(this.catalogue, news);
    this.catalogue = catalogue;
    const done = news.state === 'done';
    if (done && !this.here.some(({ name }) => name === news.name)) await this.findHere().catch(() => {});
    this.listen();
    this.changed();
    const event = /** @type {Record<string, string>} */ ({ done: 'arrived', failed: 'failed' })[news.state];
    if (ended && event) this.dispatchEvent(new CustomEvent(event, { detail: news }));
    if (ended && done && this.open) await this.measure();
  }

  /** @param {string} name */
  fetch(name) {
    return this.press(name, () => this.api.fetchBackbone(name));
  }

  /** @param {string} name */
  cancel(name) {
    return this.press(name, () => this.api.cancelBackboneFetch(name));
  }

  /** @param {string} name @param {() => Promise<import('../core/eyes.js').Fetch>} request */
  async press(name, request) {
    this.refusals.delete(name);
    try {
      await this.take(await request());
    } catch (error) {
      this.refusals.set(name, /** @type {Error} */ (error));
      // Somebody else may be at it: see what the server says now.
      if (!(error instanceof NetworkError)) await this.findOffers();
      this.changed();
    }
  }

  /** Ask the server how fast those are that are here: one after the other, each once. */
  async measure() {
    if (this.measuring) return;
    this.measuring = true;
    try {
      for (;;) {
        const next = this.here.find(({ name }) => !this.speeds.has(name));
        if (!next || !this.open) return;
        const speed = await this.api.backboneSpeed(next.name).catch(() => null);
        this.speeds.set(next.name, speed?.milliseconds ?? null);
        this.changed();
      }
    } finally {
      this.measuring = false;
    }
  }
}
