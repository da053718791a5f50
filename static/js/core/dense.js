// Dense layers on an embedding, as server/learning/models.py computes them: float32 numbers, sums in
// double precision. All arrays are made once; a call leaves no garbage.

/** What a layer does with each of its sums. @type {Record<string, (x: number) => number>} */
const ACTIVATIONS = {
  linear: (x) => x,
  relu: (x) => (x > 0 ? x : 0),
};

/**
 * @typedef {object} Layer `activation(x @ kernel + bias)`
 * @property {Float32Array} kernel [inputs, outputs], row after row
 * @property {Float32Array} bias [outputs]
 * @property {string} activation one of ACTIVATIONS
 * @typedef {Map<string, {shape: number[], data: any}>} Tensors from `parseSafetensors`
 */

export class Dense {
  /**
   * @param {Layer[]} layers
   * @param {number} inputs numbers in an embedding
   * @throws {RangeError} where they do not fit together
   */
  constructor(layers, inputs) {
    if (layers.length === 0) throw new RangeError('The classifier has no layers; expected at least one.');
    this.inputs = inputs;
    let before = inputs;
    this.layers = layers.map(({ kernel, bias, activation }, i) => {
      const outputs = bias.length;
      if (outputs === 0 || kernel.length !== before * outputs) {
        throw new RangeError(`Layer ${i} has ${kernel.length} weights for ${before} inputs and ${outputs} outputs; expected ${before * outputs}.`);
      }
      if (!Object.hasOwn(ACTIVATIONS, activation)) {
        throw new RangeError(`Layer ${i} has the activation ${activation}; expected one of ${Object.keys(ACTIVATIONS).join(', ')}.`);
      }
      before = outputs;
      return { kernel, bias, outputs, act: ACTIVATIONS[activation], sums: new Float64Array(outputs) };
    });
    this.outputs = before;
  }

  /**
   * Make one of what the server keeps.
   * @param {{activations: string[]}} model of the classifier's description
   * @param {Tensors} tensors `layer<i>.kernel` and `layer<i>.bias`
   */
  static of({ activations }, tensors) {
    const layers = activations.map((activation, i) => {
      const [kernel, bias] = [tensors.get(`layer${i}.kernel`), tensors.get(`layer${i}.bias`)];
      if (!kernel || !bias || kernel.shape.length !== 2) throw new RangeError(`The weights of layer ${i} are missing or of an unknown shape.`);
      return { kernel: kernel.data, bias: bias.data, activation };
    });
    return new Dense(layers, tensors.get('layer0.kernel')?.shape[0] ?? 0);
  }

  /**
   * Compute the logits of an embedding (of a regression: the value).
   * @param {ArrayLike<number>} vector
   * @returns {Float64Array} one for each class; the next call overwrites it
   */
  logits(vector) {
    if (vector.length !== this.inputs) {
      throw new RangeError(`The embedding has ${vector.length} numbers; the classifier expects ${this.inputs}.`);
    }
    /** @type {ArrayLike<number>} */
    let x = vector;
    for (const { kernel, bias, outputs, act, sums } of this.layers) {
      sums.set(bias);
      for (let i = 0, at = 0; i < x.length; i++, at += outputs) {
        const value = x[i];
        if (value === 0) continue; // half of what a relu gives
        for (let o = 0; o < outputs; o++) sums[o] += value * kernel[at + o];
      }
      for (let o = 0; o < outputs; o++) sums[o] = act(sums[o]);
      x = sums;
    }
    return /** @type {Float64Array} */ (x);
  }
}

/**
 * Turn logits into probabilities, divided by a temperature first.
 * @param {ArrayLike<number>} logits
 * @param {number} temperature above 0
 * @param {Float32Array | Float64Array} into as long as the logits; may be the logits themselves
 * @returns {Float32Array | Float64Array} `into`; sum 1
 */
export function softmax(logits, temperature, into) {
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i++) largest = Math.max(largest, logits[i]);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp((logits[i] - largest) / temperature);
  for (let i = 0; i < logits.length; i++) into[i] = Math.exp((logits[i] - largest) / temperature) / sum;
  return into;
}
