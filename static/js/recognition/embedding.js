import { NetworkError } from '../net/errors.js';

/** Numbers are handed to the session in lots of so many pictures. */
const LOT = 32;

/** @typedef {{id: string, vector: Float32Array, fingerprint: string, quality: any}} Embedded */

/**
 * Embed stored pictures, keeping the numbers as they come. A picture that cannot be had does not
 * take the others with it; a server or an engine that is gone ends it.
 * @param {object} job
 * @param {any} job.session
 * @param {any} job.engine
 * @param {string[]} job.ids of samples
 * @param {AbortSignal} job.signal what was done by then is kept
 * @param {(done: number, total: number) => void} job.onProgress
 * @param {(lot: Embedded[]) => void} [job.onLot] these have numbers now
 * @returns {Promise<string[]>} ids of the samples whose picture could not be had
 * @throws the reason of `signal`, where it says stop
 */
export async function embedPictures({ session, engine, ids, signal, onProgress, onLot = () => {} }) {
  /** @type {string[]} */
  const failed = [];
  /** @type {Embedded[]} */
  let lot = [];
  const keep = () => {
    if (!lot.length) return;
    const kept = lot;
    lot = [];
    session.putEmbeddings(kept[0].fingerprint, kept);
    onLot(kept);
  };
  try {
    for (const [i, id] of ids.entries()) {
      signal.throwIfAborted();
      onProgress(i, ids.length);
      if (!session.samples.has(id)) continue;
      try {
        const { embedding, fingerprint, quality } = await engine.embedStored(await session.jpegOf(id));
        if (lot.length && lot[0].fingerprint !== fingerprint) keep();
        lot.push({ id, vector: embedding, fingerprint, quality });
      } catch (error) {
        signal.throwIfAborted();
        if (engine.dead || error instanceof NetworkError) throw error;
        failed.push(id);
      }
      if (lot.length >= LOT) keep();
    }
  } finally {
    keep();
  }
  return failed;
}
