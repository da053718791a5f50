import { bitmapOf, everything, isPicture, isVideo, pictures } from '../capture/files.js';
import { framesOf } from '../capture/video.js';
import { count, inWords } from '../components/element.js';
import { notify } from '../components/notices.js';

/** Samples are handed to the session in lots: one lot is one step to undo. */
const LOT = 200;

/**
 * Add files, folders and videos to a class: embed each picture, tell how far it is, let it be
 * cancelled, name what could not be read.
 * @param {object} job
 * @param {any} job.engine
 * @param {any} job.session
 * @param {(id: string, vector: Float32Array, fingerprint: string) => void} job.remember
 * @param {string} job.classId
 * @param {File[]|DataTransfer} job.files
 * @returns {Promise<number>} how many samples were added
 */
export async function addFiles({ engine, session, remember, classId, files }) {
  // Before anything is waited for: a browser empties a drop when its handler returns.
  const found = everything(files);
  const label = session.classes.find((/** @type {any} */ c) => c.id === classId)?.label ?? '';
  const controller = new AbortController();
  const note = notify({ text: `Reading for ${label} …`, progress: 0, action: { label: 'Stop', run: () => controller.abort() } });
  /** @type {string[]} */
  const failures = [];
  /** @type {any[]} */
  let lot = [];
  let added = 0;

  const flush = () => {
    if (lot.length && session.classes.some((/** @type {any} */ c) => c.id === classId)) added += session.addSamples(classId, lot).length;
    lot = [];
  };
  const take = async (/** @type {ImageBitmap} */ bitmap, /** @type {string} */ source, /** @type {string|null} */ burst) => {
    const { jpeg, embedding, fingerprint, quality } = await engine.capture(bitmap, { mirror: false, keepEmbedding: true });
    const id = crypto.randomUUID();
    remember(id, embedding, fingerprint);
    lot.push({ id, jpeg, embedding, fingerprint, burst, source, quality });
    if (lot.length >= LOT) flush();
  };
  /** A video's frames resemble each other as those of one held button do: they share a burst. */
  const takeVideo = async (/** @type {File} */ file) => {
    const burst = crypto.randomUUID();
    for await (const { bitmap } of framesOf(file, { perSecond: 10, max: 600, signal: controller.signal })) {
      await take(bitmap, 'video', burst);
      note.update({ text: `${file.name}: ${count(added + lot.length, 'picture')}` });
    }
  };

  let seen = 0;
  try {
    const readable = (await found).filter(({ file }) => isPicture(file) || isVideo(file));
    for (const { file, path } of readable) {
      if (controller.signal.aborted) break;
      try {
        if (isVideo(file)) await takeVideo(file);
        else await take(await bitmapOf(file), 'file', null);
      } catch (error) {
        if (!controller.signal.aborted) failures.push(`${path || file.name}: ${inWords(error)}`);
      }
      seen += 1;
      note.update({ text: `${label}: ${count(added + lot.length, 'picture')}`, progress: seen / readable.length });
    }
  } finally {
    // What was read before a stop stays.
    flush();
    note.close();
  }
  if (failures.length) {
    const shown = failures.slice(0, 2).join(' ');
    notify({ kind: 'bad', text: `${count(failures.length, 'file')} could not be read. ${shown}${failures.length > 2 ? ' …' : ''}` });
  } else if (!seen && !controller.signal.aborted) {
    notify({ kind: 'bad', text: 'No pictures or videos there. JPEG, PNG, WebP, GIF and most videos can be read.' });
  }
  return added;
}

/**
 * Ask about files: what would each be taken for?
 * @param {any} engine
 * @param {File[]|DataTransfer} files
 * @param {(result: any) => Float32Array} shares
 * @returns {Promise<import('../components/tell_panel.js').FileAnswer[]>}
 */
export async function askAbout(engine, files, shares) {
  /** @type {import('../components/tell_panel.js').FileAnswer[]} */
  const answers = [];
  for await (const { file } of pictures(files)) {
    if (answers.length >= 50) break;
    const answer = { name: file.name, url: URL.createObjectURL(file), problem: '', shares: /** @type {Float32Array|null} */ (null), result: null };
    try {
      const seen = await engine.look(await bitmapOf(file), { mirror: false, classify: true, top: false, embedding: false, wait: true });
      const result = seen?.result ?? null;
      answer.result = result;
      if (result) answer.shares = shares(result);
      else answer.problem = 'There are no examples to compare it with yet.';
    } catch (error) {
      answer.problem = inWords(error);
    }
    answers.push(answer);
  }
  return answers;
}
