// Nearest neighbours as the server trains them (models.Neighbours in server/learning/models.py): k and
// metric were chosen on validation pictures, the votes are exp(-sharpness * (distance - nearest)).
// Not the classifier of knn.js, which learns while it answers.

/** Probabilities under this count as this, so that logarithms stay finite. */
const TINY = 1e-12;

/**
 * Distances of a query to all rows, by name of the metric.
 * @type {Record<string, (query: Float32Array, rows: Float32Array, into: Float64Array) => void>}
 */
const METRICS = {
  cosine: (query, rows, into) => {
    const size = query.length;
    for (let n = 0, at = 0; n < into.length; n++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += query[i] * rows[at++];
      into[n] = 1 - sum;
    }
  },
  l1: (query, rows, into) => {
    const size = query.length;
    for (let n = 0, at = 0; n < into.length; n++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += Math.abs(query[i] - rows[at++]);
      into[n] = sum;
    }
  },
  l2: (query, rows, into) => {
    const size = query.length;
    for (let n = 0, at = 0; n < into.length; n++) {
      let sum = 0;
      for (let i = 0; i < size; i++) {
        const difference = query[i] - rows[at++];
        sum += difference * difference;
      }
      into[n] = Math.sqrt(sum);
    }
  },
};

export class Neighbours {
  /**
   * @param {object} parts
   * @param {Float32Array} parts.vectors unit vectors of the examples, one after another
   * @param {Int32Array} parts.labels of each example, 0 to `classes` - 1
   * @param {number} parts.classes how many there are
   * @param {number} parts.k how many vote
   * @param {string} parts.metric one of METRICS
   * @param {number} parts.sharpness of the votes, above 0
   */
  constructor({ vectors, labels, classes, k, metric, sharpness }) {
    const count = labels.length;
    if (count === 0 || vectors.length === 0 || vectors.length % count !== 0) {
      throw new RangeError(`The classifier has ${vectors.length} numbers for ${count} examples; expected as many for each.`);
    }
    if (!Object.hasOwn(METRICS, metric)) {
      throw new RangeError(`The classifier measures by ${metric}; expected one of ${Object.keys(METRICS).join(', ')}.`);
    }
    if (!Number.isInteger(k) || k < 1) throw new RangeError(`k is ${k}; expected a whole number above 0.`);
    const present = new Set(labels);
    for (const label of present) {
      if (label < 0 || label >= classes) throw new RangeError(`An example is of class ${label}; expected 0 to ${classes - 1}.`);
    }
    this.inputs = vectors.length / count;
    this.outputs = classes;
    this.vectors = vectors;
    this.labels = labels;
    this.measure = METRICS[metric];
    this.sharpness = sharpness;
    /** e of docs/knn.md: what a class gets at least, if it has examples. */
    this.floor = 1 / (count + 1);
    this.present = present;
    this.query = new Float32Array(this.inputs);
    this.distances = new Float64Array(count);
    this.near = new Int32Array(Math.min(k, count));
    this.votes = new Float64Array(classes);
  }

  /**
   * Make one of what the server keeps.
   * @param {any} model of the classifier's description
   * @param {import('./dense.js').Tensors} tensors `vectors` and `labels`
   */
  static of({ classes, k, metric, sharpness, pixels }, tensors) {
    if (pixels !== null && pixels !== undefined) throw new RangeError(PIXELS);
    const [vectors, labels] = [tensors.get('vectors'), tensors.get('labels')];
    if (!vectors || !labels) throw new RangeError('The examples of the classifier are missing.');
    return new Neighbours({ vectors: vectors.data, labels: Int32Array.from(labels.data), classes, k, metric, sharpness });
  }

  /**
   * Compute the logits of an embedding: logarithms of the shrunk votes.
   * @param {ArrayLike<number>} vector
   * @returns {Float64Array} one for each class; the next call overwrites it
   */
  logits(vector) {
    if (vector.length !== this.inputs) {
      throw new RangeError(`The embedding has ${vector.length} numbers; the classifier expects ${this.inputs}.`);
    }
    const { query, distances, near, votes, labels, floor, present, sharpness } = this;
    query.set(vector);
    this.measure(query, this.vectors, distances);
    this.select();
    votes.fill(0);
    let total = 0;
    for (let i = 0; i < near.length; i++) {
      const weight = Math.exp(-sharpness * (distances[near[i]] - distances[near[0]]));
      votes[labels[near[i]]] += weight;
      total += weight;
    }
    for (let c = 0; c < votes.length; c++) {
      const share = present.has(c) ? (1 - floor) * (votes[c] / total) + floor / present.size : 0;
      votes[c] = Math.log(Math.max(share, TINY));
    }
    return votes;
  }

  /** Put the k nearest into `near`, nearest first; of equal distances the earlier example wins. */
  select() {
    const { distances, near } = this;
    const k = near.length;
    for (let n = 0; n < distances.length; n++) {
      const d = distances[n];
      let i = Math.min(n, k);
      if (i === k && d >= distances[near[k - 1]]) continue;
      if (i === k) i--;
      for (; i > 0 && distances[near[i - 1]] > d; i--) near[i] = near[i - 1];
      near[i] = n;
    }
  }
}

/** Why a classifier of raw pixels does not answer in the page. */
export const PIXELS =
  'This classifier compares raw pixels, to show why that is a bad idea. It answers on the server only; train the recipe again on what the eyes see.';
