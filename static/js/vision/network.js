// A backbone on one backend of TensorFlow.js: pixels in, unit vector out. With backends.js the only
// file that names tf; both run in the Worker.

/** @typedef {typeof import('/static/vendor/tf.js')} Tf */

export class Network {
  /**
   * @param {Tf} tf @param {import('/static/vendor/tf.js').GraphModel} model
   */
  constructor(tf, model) {
    this.tf = tf;
    this.model = model;
    this.inputSize = Number(model.inputs[0].shape?.[1]);
    const outputs = Object.keys(/** @type {any} */ (model.modelSignature)?.outputs ?? {});
    this.hasTop = outputs.includes('logits');
    if (!(this.inputSize > 0) || !outputs.includes('embedding')) {
      throw new Error(
        `The backbone takes ${JSON.stringify(model.inputs[0].shape)} and gives ${outputs.join(', ') || 'nothing'}; expected [n, S, S, 3] and an output "embedding". Convert it again with convert_models.py.`,
      );
    }
    /** What the next `run` sees: S * S * 3 numbers from -1 to 1. */
    this.input = new Float32Array(this.inputSize ** 2 * 3);
    this.embeddingSize = 0;
  }

  /**
   * Build the network on the current backend and run it once.
   * @param {Tf} tf @param {any} artifacts from `fetchModel`
   */
  static async open(tf, artifacts) {
    const model = await tf.loadGraphModel({ load: async () => artifacts });
    let network;
    try {
      network = new Network(tf, model);
      network.embeddingSize = (await network.run(network.hasTop)).embedding.length;
      return network;
    } catch (error) {
      model.dispose();
      throw error;
    }
  }

  /**
   * Run the network on `input`.
   * @param {boolean} [top] whether the logits are wanted
   * @returns {Promise<{embedding: Float32Array, logits: Float32Array | null}>} embedding of unit length
   */
  async run(top = false) {
    const { tf, model, inputSize } = this;
    const image = tf.tensor4d(this.input, [1, inputSize, inputSize, 3]);
    /** @type {any[]} */
    let outputs = [];
    try {
      outputs = [model.execute(image, top && this.hasTop ? ['embedding', 'logits'] : ['embedding'])].flat();
      const [embedding, logits] = await Promise.all(outputs.map((tensor) => tensor.data()));
      return { embedding: unit(Float32Array.from(embedding)), logits: logits ? Float32Array.from(logits) : null };
    } finally {
      image.dispose();
      for (const tensor of outputs) tensor.dispose();
    }
  }

  dispose() {
    this.model.dispose();
  }
}

/**
 * Scale a vector to length 1, in place; a vector of length 0 stays.
 * @param {Float32Array} vector
 */
export function unit(vector) {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] * vector[i];
  const length = Math.sqrt(sum);
  if (!Number.isFinite(length)) {
    throw new Error('The backbone gave numbers that are not finite. Reload the page to start it anew.');
  }
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i] /= length;
  return vector;
}

/**
 * Name the most probable classes of a top.
 * @param {Float32Array} logits @param {{id: string, name: string}[]} labels @param {number} [count]
 * @returns {{id: string, name: string, probability: number}[]} most probable first
 */
export function best(logits, labels, count = 5) {
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i++) largest = Math.max(largest, logits[i]);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i] - largest);
  /** @type {number[]} */
  const order = [];
  for (let i = 0; i < logits.length; i++) {
    if (order.length === count && logits[i] <= logits[order[count - 1]]) continue;
    let at = order.length;
    while (at > 0 && logits[order[at - 1]] < logits[i]) at--;
    order.splice(at, 0, i);
    order.length = Math.min(order.length, count);
  }
  return order.map((i) => ({ ...labels[i], probability: Math.exp(logits[i] - largest) / sum }));
}
