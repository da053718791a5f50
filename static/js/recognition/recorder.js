/** A sample every so often while a button is held (ms): about 10 a second. */
const EVERY = 100;

/**
 * Takes samples while a class's button is held. Every press takes at least one; of a picture that
 * stands still it takes exactly one. All samples of one press share a burst.
 */
export class Recorder extends EventTarget {
  /**
   * @param {object} parts
   * @param {any} parts.engine
   * @param {any} parts.session
   * @param {(id: string, vector: Float32Array, fingerprint: string) => void} parts.remember called before a sample is
   *   announced, with its embedding
   */
  constructor({ engine, session, remember }) {
    super();
    this.engine = engine;
    this.session = session;
    this.remember = remember;
    /** @type {string|null} */
    this.classId = null;
    this.held = false;
    this.still = false;
    this.burst = '';
    this.taken = 0;
    this.next = 0;
  }

  /** @param {string} classId @param {boolean} still whether the source shows a still picture */
  start(classId, still) {
    if (this.classId !== null) return;
    Object.assign(this, { classId, still, held: true, taken: 0, next: 0, burst: crypto.randomUUID() });
    this.dispatchEvent(new Event('change'));
  }

  /** @param {string} classId */
  stop(classId) {
    if (this.classId !== classId) return;
    this.held = false;
    if (this.taken > 0) this.end();
  }

  /** Stop whatever is being recorded, without a last sample. */
  end() {
    if (this.classId === null) return;
    this.classId = null;
    this.held = false;
    this.dispatchEvent(new Event('change'));
  }

  /** @param {number} now ms */
  due(now) {
    if (this.classId === null) return false;
    if (this.taken === 0) return true;
    return this.held && !this.still && now >= this.next;
  }

  /**
   * Record one picture as a sample.
   * @param {ImageBitmap | VideoFrame} bitmap it is used up
   * @param {{kind: string}} source
   * @param {boolean} mirror
   * @returns {Promise<any>} the classifier's answer about the picture, before it learned it
   */
  async take(bitmap, source, mirror) {
    const { classId, burst, engine, session } = this;
    if (classId === null) {
      bitmap.close();
      return null;
    }
    const now = performance.now();
    // Kept to a grid, so that a slow frame does not slow the rate; a long stall skips its beats.
    this.next = Math.max(now, this.next + EVERY);
    if (this.taken === 0) this.next = now + EVERY;
    const { jpeg, embedding, fingerprint, quality, result } = await engine.capture(bitmap, { mirror, keepEmbedding: true });
    // The class may have been deleted while the picture was looked at.
    if (!session.classes.some((/** @type {any} */ c) => c.id === classId)) return null;
    const id = crypto.randomUUID();
    this.remember(id, embedding, fingerprint);
    session.addSamples(classId, [{ id, jpeg, embedding, fingerprint, burst, source: source.kind, quality }]);
    if (this.classId === classId && this.burst === burst) {
      this.taken += 1;
      this.dispatchEvent(new CustomEvent('sample', { detail: { classId, id } }));
      if (!this.held) this.end();
    }
    return result;
  }
}
