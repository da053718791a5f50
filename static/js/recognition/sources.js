/**
 * What can stand before the eyes: a camera, or one of its substitutes. All answer the same few
 * questions, so that the page knows no difference.
 *
 * @typedef {object} Source
 * @property {'camera'|'file'|'video'|'drawing'} kind
 * @property {HTMLElement} element what the page shows
 * @property {boolean} still true if the picture only changes when a person changes it: then one
 *   press records one sample
 * @property {boolean} ready true if there is a picture
 * @property {() => Promise<ImageBitmap|VideoFrame|null>} frame the next new picture, null while there is none
 * @property {number} [takenAt] when the camera had the picture that `frame` gave last (ms, as performance.now() tells)
 * @property {() => void} touch makes the present picture new again (its answer may have changed)
 * @property {() => void} close
 */
import { pictureOf } from '../capture/camera.js';
import { bitmapOf } from '../capture/files.js';

/** Pictures that a person chose, looked at one by one. @implements {Source} */
export class PicturesSource extends EventTarget {
  constructor() {
    super();
    /** @type {'file'} */
    this.kind = 'file';
    this.element = document.createElement('img');
    this.element.alt = 'The chosen picture';
    this.still = true;
    /** @type {File[]} */
    this.files = [];
    this.at = 0;
    this.fresh = false;
    /** @type {string} */
    this.url = '';
    /** @type {Error|null} */
    this.problem = null;
  }

  get ready() {
    return this.at < this.files.length;
  }

  get name() {
    return this.files[this.at]?.name ?? '';
  }

  /** @param {File[]} files */
  open(files) {
    this.files = files;
    this.go(0);
  }

  /** @param {number} at */
  go(at) {
    this.at = Math.max(0, Math.min(this.files.length - 1, at));
    this.problem = null;
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = this.ready ? URL.createObjectURL(this.files[this.at]) : '';
    if (this.url) this.element.src = this.url;
    this.touch();
    this.dispatchEvent(new Event('change'));
  }

  touch() {
    this.fresh = true;
  }

  async frame() {
    if (!this.fresh || !this.ready) return null;
    this.fresh = false;
    try {
      return await bitmapOf(this.files[this.at]);
    } catch (error) {
      this.problem = /** @type {Error} */ (error);
      this.dispatchEvent(new Event('change'));
      return null;
    }
  }

  close() {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = '';
    this.files = [];
  }
}

/** A video file that plays in a loop, as if it were a camera. @implements {Source} */
export class VideoSource extends EventTarget {
  constructor() {
    super();
    /** @type {'video'} */
    this.kind = 'video';
    this.element = document.createElement('video');
    Object.assign(this.element, { muted: true, loop: true, playsInline: true, controls: false });
    this.element.setAttribute('aria-label', 'The chosen video');
    this.still = false;
    this.name = '';
    this.seen = -1;
    this.url = '';
    /** @type {Error|null} */
    this.problem = null;
    for (const type of ['play', 'pause', 'loadeddata', 'timeupdate']) {
      this.element.addEventListener(type, () => this.dispatchEvent(new Event('change')));
    }
    this.element.addEventListener('error', () => {
      if (!this.url) return;
      this.problem = new Error(`${this.name} cannot be played here. Try an MP4 (H.264) or WebM file.`);
      this.dispatchEvent(new Event('change'));
    });
  }

  get ready() {
    return this.element.readyState >= 2 && !this.problem;
  }

  /** @param {File} file */
  open(file) {
    this.close();
    this.problem = null;
    this.name = file.name;
    this.url = URL.createObjectURL(file);
    this.element.src = this.url;
    this.element.play().catch(() => {});
  }

  touch() {
    this.seen = -1;
  }

  async frame() {
    const { element } = this;
    if (!this.ready || element.currentTime === this.seen) return null;
    this.seen = element.currentTime;
    return pictureOf(element);
  }

  toggle() {
    if (this.element.paused) this.element.play().catch(() => {});
    else this.element.pause();
  }

  close() {
    if (!this.url) return;
    const { url } = this;
    this.url = '';
    this.element.removeAttribute('src');
    this.element.load();
    URL.revokeObjectURL(url);
  }
}
