// A classifier that was trained on the server, as it answers in the Worker. Its classes are those of the
// day on which it was trained: each has its place among the classes that the project has now, or none.

import { Dense, softmax } from '../core/dense.js';
import { Neighbours, PIXELS } from '../core/neighbours.js';
import { parseSafetensors } from '../net/safetensors.js';
import { TrainedNetwork } from './trained_network.js';
import { fetchGraph } from './weights.js';

/**
 * @typedef {import('./network.js').Tf} Tf
 * @typedef {object} Description what the Worker has to know of a classifier
 * @property {string} id @property {string} name
 * @property {{kind: string, [name: string]: any}} model
 * @property {(string | null)[]} classIds in the order of its scores: which class of the project each is now
 * @property {{name: string, fingerprint: string} | null} backbone
 * @property {number} temperature
 * @property {boolean} isRegression
 * @typedef {{weights?: ArrayBuffer, url?: string}} Source safetensors, or where the network lies
 * @typedef {object} Computing
 * @property {number} outputs
 * @property {(embedding: Float32Array) => ArrayLike<number>} [logits] where it wants an embedding
 * @property {TrainedNetwork} [network] where it looks at pixels
 */

/**
 * How each kind gets here: what has to be fetched is fetched at once, the rest is done by the function
 * that comes back.
 * @type {Record<string, (description: Description, source: Source) => Promise<(tf: Tf) => Promise<Computing>>>}
 */
const KINDS = {
  dense: async ({ model }, { weights }) => onEmbeddings(Dense.of(/** @type {any} */ (model), tensorsOf(weights))),
  neighbours: async ({ model }, { weights }) => {
    if (model.pixels !== null && model.pixels !== undefined) throw named('NotInPage', PIXELS);
    return onEmbeddings(Neighbours.of(model, tensorsOf(weights)));
  },
  network: async (description, source) => {
    const artifacts = await graphOf(description, source);
    return async (tf) => {
      const network = await TrainedNetwork.open(tf, artifacts, description.model);
      return { outputs: network.outputs, network };
    };
  },
};

/** @param {Description} description @param {Source} source */
const graphOf = ({ name }, { url }) => fetchGraph({ url: String(url), query: '', what: `The network of ${name}`, mend: 'Train it again.' });

/** @param {ArrayBuffer | undefined} weights */
function tensorsOf(weights) {
  if (!weights) throw new Error('The classifier came without its weights.');
  return parseSafetensors(weights).tensors;
}

/** @param {Dense | Neighbours} model */
const onEmbeddings = (model) => async () => ({ outputs: model.outputs, logits: model.logits.bind(model) });

/** @param {string} name @param {string} message */
const named = (name, message) => Object.assign(new Error(message), { name });

export class Trained {
  /** @param {Description} description @param {Source} source @param {Computing} computing */
  constructor(description, source, { outputs, logits, network }) {
    const expected = description.isRegression ? 1 : description.classIds.length;
    if (outputs !== expected) {
      network?.dispose();
      throw new Error(`${description.name} gives ${outputs} numbers for ${expected} classes. Train it again.`);
    }
    this.description = description;
    this.source = source;
    this.logits = logits ?? null;
    this.network = network ?? null;
    this.probabilities = new Float64Array(outputs);
    /** Which class of the project each of its classes is; -1: none that there is. */
    this.places = new Int32Array(outputs).fill(-1);
    /** @type {string[]} */
    this.classes = [];
  }

  /**
   * Fetch what it takes.
   * @param {Description} description @param {Source} source
   * @returns {Promise<(tf: Tf) => Promise<Trained>>} makes it, on the backend of that moment
   */
  static async fetch(description, source) {
    const { kind } = description.model;
    if (!Object.hasOwn(KINDS, kind)) {
      throw named('NotInPage', `${description.name} is of the kind ${kind}; this page knows ${Object.keys(KINDS).join(', ')}.`);
    }
    const open = await KINDS[kind](description, source);
    return async (tf) => new Trained(description, source, await open(tf));
  }

  /** @param {string[]} classes ids of the project's classes, in order */
  setClasses(classes) {
    this.classes = classes;
    this.description.classIds.forEach((id, i) => {
      if (i < this.places.length) this.places[i] = id === null ? -1 : classes.indexOf(id);
    });
  }

  /** @param {(string | null)[]} classIds */
  mapClasses(classIds) {
    this.description.classIds = classIds;
    this.setClasses(this.classes);
  }

  /**
   * Answer about the picture that was embedded, or that lies in `square`.
   * @param {Float32Array | null} embedding needed where `wantsEmbedding`
   * @param {(size: number, into: Float32Array) => void} shrink puts the picture into a network's input
   * @returns {Promise<import('../core/knn.js').Result>}
   */
  async answer(embedding, shrink) {
    const { network, logits, description } = this;
    if (network) shrink(network.inputSize, network.input);
    const found = network ? await network.run() : /** @type {any} */ (logits)(embedding);
    return description.isRegression ? this.asValue(found[0]) : this.asScores(found);
  }

  get wantsEmbedding() {
    return this.network === null;
  }

  /**
   * What speaks for classes that the project has no more speaks for none of those it has.
   * @param {ArrayLike<number>} logits
   */
  asScores(logits) {
    const { places, probabilities, classes } = this;
    softmax(logits, this.description.temperature, probabilities);
    const scores = new Float32Array(classes.length);
    let none = 0;
    for (let i = 0; i < places.length; i++) {
      if (places[i] < 0) none += probabilities[i];
      else scores[places[i]] += probabilities[i];
    }
    let best = -1;
    for (const place of places) if (place >= 0 && (best < 0 || scores[place] > scores[best])) best = place;
    return this.result({ label: classes[best] ?? '', unknown: best < 0 || none > scores[best], none, scores, value: null });
  }

  /** @param {number} value */
  asValue(value) {
    return this.result({ label: '', unknown: false, none: 0, scores: new Float32Array(this.classes.length), value });
  }

  /** @param {{label: string, unknown: boolean, none: number, scores: Float32Array, value: number | null}} parts */
  result(parts) {
    return { ...parts, by: this.description.id, shown: parts.scores, novelty: null, neighbours: [], n: 0 };
  }

  /** Make it again on the backend of now: the former one is gone, and its network with it. @param {Tf} tf */
  async again(tf) {
    if (!this.network) return;
    const { source, description } = this;
    this.network = await TrainedNetwork.open(tf, await graphOf(description, source), description.model);
  }

  dispose() {
    this.network?.dispose();
  }
}
