// The Web Worker behind engine.js: the backbone, the pixels and the classifier, away from the page's
// thread. Every message {call, type, ...} is answered by {call, value} or {call, error}; what nobody
// asked for comes as {event, detail}. Work on pixels is done one picture at a time; the leave-one-out
// work fills the gaps in slices so short that no frame waits for it.

import { Knn } from '../core/knn.js';
import { loadKernel } from '../core/knn_kernel.js';
import { measure } from '../core/quality.js';
import { createResampler } from '../core/resample_kernel.js';
import * as backends from './backends.js';
import { best } from './network.js';
import { Pixels, SQUARE } from './pixels.js';
import { Trained } from './trained.js';
import { fetchModel, readJson } from './weights.js';

const SLICE_MS = 8;
/** Before an answer the evaluation may catch up for so long: with few examples it is then always exact. */
const CATCH_UP_MS = 3;
const PROGRESS_MS = 250;

const pixels = new Pixels();
const kernel = loadKernel(new URL('../core/knn_kernel.wasm', import.meta.url));
const resampling = loadKernel(new URL('../core/resample_kernel.wasm', import.meta.url)).then((module) => {
  pixels.resampler = createResampler(module);
});
/** @type {import('./network.js').Tf | null} */
let tf = null;
/** @type {import('./network.js').Network | null} */
let network = null;
/** @type {{id: string, name: string}[] | null} */
let labels = null;
/** Of the backbone in use: says whose an embedding is, also while another one is on its way. */
let fingerprint = '';
/** @type {Knn | null} */
let knn = null;
/** What answers instead of the KNN, which goes on learning. @type {Trained | null} */
let trained = null;
/** Counts what was asked to answer: the latest wish holds, however long an earlier one takes. */
let choices = 0;
/** @type {string[]} */
let classes = [];
/** @type {{k?: number, tolerance?: number | null}} */
let options = {};
/** @type {Promise<unknown>} */
let last = Promise.resolve();
let generation = 0;
let reported = true;
let reportedAt = 0;

/** @param {string} event @param {any} detail @param {Transferable[]} [transfer] */
const emit = (event, detail, transfer = []) => self.postMessage({ event, detail }, { transfer });

/**
 * Do one thing after another.
 * @template T @param {() => Promise<T>} work @returns {Promise<T>}
 */
function inTurn(work) {
  const turn = last.then(work);
  last = turn.catch(() => {});
  return turn;
}

// Background work: a message to ourselves queues behind the frames that have already arrived.
const slices = new MessageChannel();
let scheduled = false;
slices.port2.onmessage = () => {
  scheduled = false;
  catchUp(SLICE_MS);
};

function schedule() {
  reported = false;
  if (scheduled) return;
  scheduled = true;
  slices.port1.postMessage(null);
}

/** @param {number} budget milliseconds */
function catchUp(budget) {
  if (!knn || reported) return;
  const more = knn.step(budget);
  const now = performance.now();
  if (!more) {
    reported = true;
    const { ids, ...rest } = knn.evaluation;
    const numbers = Uint32Array.from(ids);
    emit('evaluation', { ...rest, ids: numbers }, [
      ...[numbers, rest.taught, rest.answered, rest.score, rest.own, rest.novelty].map((array) => array.buffer),
    ]);
    knn.release();
    return;
  }
  if (now - reportedAt > PROGRESS_MS) {
    reportedAt = now;
    emit('evaluating', { progress: knn.evaluation.progress });
  }
  if (!scheduled) {
    scheduled = true;
    slices.port1.postMessage(null);
  }
}

/** @returns {{network: import('./network.js').Network, knn: Knn}} */
function loaded() {
  if (network && knn) return { network, knn };
  throw new Error('No backbone is loaded yet. Call load() and wait for it.');
}

/** @param {boolean} wanted whether the five best names of the top are wanted */
async function embed(wanted) {
  const { network } = loaded();
  const begin = performance.now();
  pixels.resampler.toFloats(pixels.square, SQUARE, network.inputSize, network.input);
  const between = performance.now();
  const { embedding, logits } = await network.run(wanted && labels !== null);
  const top = logits && labels ? best(logits, labels) : null;
  return { embedding, top, resample: between - begin, embed: performance.now() - between };
}

/** @param {Float32Array} embedding */
function askKnn(embedding) {
  catchUp(CATCH_UP_MS);
  return loaded().knn.classify(embedding);
}

/** @param {number} size @param {Float32Array} into */
const shrink = (size, into) => pixels.resampler.toFloats(pixels.square, SQUARE, size, into);

/** What the classifier in use says of the picture in `pixels.square`. @param {Float32Array | null} embedding */
const classify = async (embedding) => (trained ? trained.answer(embedding, shrink) : askKnn(/** @type {Float32Array} */ (embedding)));

/** A network looks at the pixels itself: then nobody may need the embedding. @param {any} wanted */
const wantsEmbedding = (wanted) => wanted.classify === false || wanted.embedding || wanted.top || wanted.compare || (trained?.wantsEmbedding ?? true);

/** Where no backbone looked. */
const BLIND = { embedding: null, top: null, resample: 0, embed: 0 };

/** @param {() => unknown} read fills `pixels.square` @param {any} wanted */
async function answer(read, wanted) {
  const begin = performance.now();
  await read();
  const resampled = performance.now() - begin;
  const { embedding, top, ...times } = wantsEmbedding(wanted) ? await embed(wanted.top === true) : BLIND;
  const before = performance.now();
  const result = wanted.classify === false ? null : await classify(embedding);
  const end = performance.now();
  return {
    result,
    other: result && wanted.compare && trained && embedding ? askKnn(embedding) : null,
    top,
    embedding: wanted.embedding ? embedding : null,
    ms: { resample: resampled + times.resample, embed: times.embed, knn: end - before, total: end - begin },
  };
}

/** What the page may ask for. Each takes the message and gives (a promise of) the answer. */
const handlers = /** @type {Record<string, (message: any) => any>} */ ({
  load: (message) => inTurn(() => load(message)),
  look: ({ bitmap, mirror, ...wanted }) => inTurn(() => answer(() => pixels.read(bitmap, mirror), wanted)),
  lookStored: ({ jpeg, ...wanted }) => inTurn(() => answer(() => pixels.decode(jpeg), wanted)),
  capture: ({ bitmap, mirror, keepEmbedding }) =>
    inTurn(async () => {
      loaded();
      await pixels.read(bitmap, mirror);
      const jpeg = await pixels.encode();
      const quality = measure(await pixels.decode(jpeg), SQUARE);
      if (!keepEmbedding) return { jpeg, embedding: null, fingerprint, quality, result: null };
      const { embedding } = await embed(false);
      return { jpeg, embedding, fingerprint, quality, result: await classify(embedding) };
    }),
  embedStored: ({ jpeg }) =>
    inTurn(async () => {
      const quality = measure(await pixels.decode(jpeg), SQUARE);
      return { embedding: (await embed(false)).embedding, fingerprint, quality };
    }),
  setClasses: ({ ids }) => {
    knn?.setClasses(ids);
    trained?.setClasses(ids);
    classes = ids;
    schedule();
  },
  useClassifier,
  mapClasses: ({ ids }) => trained?.mapClasses(ids),
  setOptions: ({ values }) => {
    knn?.setOptions(values);
    options = { ...options, ...values };
    schedule();
  },
  setExamples: ({ list, vectors }) => {
    const { knn } = loaded();
    knn.clear();
    schedule();
    knn.add(list, vectors);
  },
  addExamples: ({ list, vectors }) => {
    loaded().knn.add(list, vectors);
    schedule();
  },
  removeExamples: ({ ids }) => {
    loaded().knn.remove(ids);
    schedule();
  },
  moveExamples: ({ ids, classId }) => {
    loaded().knn.move(ids, classId);
    schedule();
  },
  memory: () => ({ ...tf?.memory(), classifier: trained?.description.id ?? null, examples: knn?.count ?? 0, kernel: knn?.rows.kind ?? null, resampler: pixels.resampler.kind }),
});

/**
 * Let a trained classifier answer, from the next frame on; without a description, the KNN.
 * @param {{description: import('./trained.js').Description | null, source: import('./trained.js').Source}} message
 */
async function useClassifier({ description, source }) {
  const mine = ++choices;
  if (description) fits(description);
  const open = description ? await Trained.fetch(description, source) : null;
  return inTurn(async () => {
    if (mine !== choices) throw Object.assign(new Error('Another classifier was chosen meanwhile.'), { name: 'AbortError' });
    if (description) fits(description); // other eyes may have come
    const next = open && tf ? await open(tf) : null;
    next?.setClasses(classes);
    trained?.dispose();
    trained = next;
  });
}

/** @param {import('./trained.js').Description} description */
function fits({ name, backbone }) {
  loaded();
  if (!backbone || backbone.fingerprint === fingerprint) return;
  const message = `${name} was trained with the eyes ${backbone.name}, and this page looks through others. Change the eyes, or train again.`;
  throw Object.assign(new Error(message), { name: 'OtherEyes' });
}

/** @param {{backbone: any, forced: any, remembered: any}} message */
async function load({ backbone, forced, remembered }) {
  const begin = performance.now();
  const progress = (/** @type {string} */ phase) => (/** @type {number} */ fraction) => emit('progress', { phase, fraction });
  progress('code')(0);
  const weights = fetchModel(backbone, progress('weights'));
  weights.catch(() => {}); // awaited below; the code may fail first
  tf ??= await import('/static/vendor/tf.js').catch((cause) => {
    throw new Error('TensorFlow.js could not be loaded. Is the server still running?', { cause });
  });
  progress('code')(1);
  const [artifacts] = await Promise.all([weights, resampling]);
  progress('warmup')(0);
  const started = await backends.start(tf, artifacts, { forced, remembered, onProbe: progress('probe') });
  try {
    const top = started.network.hasTop ? await readJson('labels.json', backbone) : null;
    const first = performance.now();
    await started.network.run();
    const firstMs = performance.now() - first;
    const next = new Knn({ size: started.network.embeddingSize, kernel: await kernel, ...options });
    next.setClasses(classes);
    network?.dispose();
    ({ network } = started);
    choices++;
    trained?.dispose(); // it belongs to the former eyes; the page says what is to answer now
    trained = null;
    labels = top;
    ({ fingerprint } = backbone);
    knn = next;
    schedule();
    progress('warmup')(1);
    guard(backbone, started.backend);
    return {
      backend: started.backend,
      probed: started.probed,
      inputSize: network.inputSize,
      embeddingSize: network.embeddingSize,
      hasTop: network.hasTop,
      loadMs: performance.now() - begin,
      firstMs,
    };
  } catch (error) {
    started.network.dispose();
    throw error;
  }
}

/** Go on with WebAssembly if the graphics card goes away. @param {any} backbone @param {backends.Name} backend */
function guard(backbone, backend) {
  const mine = ++generation;
  if (!tf) return;
  backends.watch(tf, backend, (card) => {
    if (mine !== generation || !tf) return;
    emit('backendlost', { message: `The graphics card (${card}) was lost; going on with the processor.`, backend: 'wasm' });
    const { fetched, current } = { fetched: fetchModel(backbone), current: tf };
    inTurn(async () => {
      const { network: spare } = await backends.start(current, await fetched, {
        forced: 'wasm',
        remembered: null,
        onProbe: () => {},
      });
      network = spare;
      await trained?.again(current);
    }).catch((error) => emit('error', describe(error)));
  });
}

/** @param {any} error */
const describe = (error) => ({ name: String(error?.name ?? 'Error'), message: String(error?.message ?? error) });

self.onmessage = async ({ data: { call, type, ...message } }) => {
  try {
    if (!Object.hasOwn(handlers, type)) throw new Error(`The worker has no ${type}; it has ${Object.keys(handlers).join(', ')}.`);
    const value = await handlers[type](message);
    const arrays = [value?.embedding, value?.result?.scores, value?.result?.shown, value?.other?.scores, value?.other?.shown];
    self.postMessage({ call, value }, { transfer: [...new Set(arrays.flatMap((a) => (a ? [a.buffer] : [])))] });
  } catch (error) {
    message.bitmap?.close();
    self.postMessage({ call, error: describe(error) });
  }
};
