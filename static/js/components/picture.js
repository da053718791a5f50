import { html } from 'lit';
import { Light } from './element.js';

/** Object URLs of sample pictures, made when first shown, the least used ones revoked. */
export class PictureCache {
  /**
   * @param {(id: string) => Promise<Blob>} load
   * @param {number} [limit] how many to keep
   */
  constructor(load, limit = 600) {
    this.load = load;
    this.limit = limit;
    /** @type {Map<string, Promise<string>>} */
    this.urls = new Map();
  }

  /**
   * Address of a sample's picture.
   * @param {string} id
   * @returns {Promise<string>}
   */
  url(id) {
    let url = this.urls.get(id);
    if (url) this.urls.delete(id);
    else {
      url = this.load(id).then((blob) => URL.createObjectURL(blob));
      // A failed load is tried again the next time it is asked for.
      url.catch(() => this.urls.delete(id));
    }
    this.urls.set(id, url);
    if (this.urls.size > this.limit) this.forget(/** @type {string} */ (this.urls.keys().next().value));
    return url;
  }

  /** @param {string} id */
  forget(id) {
    // Not at once: an <img> that was just given the address may still be loading it.
    this.urls.get(id)?.then((url) => setTimeout(() => URL.revokeObjectURL(url), 10_000), () => {});
    this.urls.delete(id);
  }

  clear() {
    for (const id of [...this.urls.keys()]) this.forget(id);
  }
}

/** A sample's picture. Properties: cache, sample (its id), alt. */
export class Picture extends Light {
  static properties = { cache: { attribute: false }, sample: { attribute: false }, alt: {} };

  constructor() {
    super();
    /** @type {PictureCache|null} */
    this.cache = null;
    this.sample = '';
    this.alt = '';
  }

  render() {
    return html`<img alt=${this.alt} decoding="async" width="224" height="224" draggable="false">`;
  }

  /** @param {Map<string, unknown>} changed */
  async updated(changed) {
    if (!(changed.has('sample') || changed.has('cache')) || !this.cache || !this.sample) return;
    const { sample } = this;
    try {
      const url = await this.cache.url(sample);
      if (sample === this.sample) /** @type {HTMLImageElement} */ (this.need('img')).src = url;
      this.classList.remove('missing');
    } catch {
      this.classList.add('missing');
    }
  }
}
customElements.define('st-picture', Picture);
