// A trained network on the backend of TensorFlow.js that the backbone runs on: pixels in, logits out.
// Like network.js it runs in the Worker.

/** @typedef {import('./network.js').Tf} Tf */

export class TrainedNetwork {
  /**
   * @param {Tf} tf @param {import('/static/vendor/tf.js').GraphModel} model
   * @param {{input_size: number, scale: number, offset: number}} described its input is
   *   `(x / 127.5 - 1) * scale + offset`
   */
  constructor(tf, model, { input_size: size, scale, offset }) {
    this.tf = tf;
    this.model = model;
    this.inputSize = size;
    this.scale = scale ?? 1;
    this.offset = offset ?? 0;
    const shape = model.inputs[0]?.shape ?? [];
    const outputs = Object.keys(/** @type {any} */ (model.modelSignature)?.outputs ?? {});
    this.output = outputs.includes('logits') ? 'logits' : outputs[0];
    if (shape[1] !== size || shape[2] !== size || shape[3] !== 3 || !this.output) {
      throw new Error(`The network takes ${JSON.stringify(shape)} and gives ${outputs.join(', ') || 'nothing'}; expected [n, ${size}, ${size}, 3] and an output "logits". Train it again.`);
    }
    /** What the next `run` sees: S * S * 3 numbers from -1 to 1, which `run` scales. */
    this.input = new Float32Array(size ** 2 * 3);
    this.outputs = 0;
  }

  /**
   * Build the network on the current backend and run it once.
   * @param {Tf} tf @param {any} artifacts from `fetchGraph` @param {any} described
   */
  static async open(tf, artifacts, described) {
    const model = await tf.loadGraphModel({ load: async () => artifacts });
    try {
      const network = new TrainedNetwork(tf, model, described);
      network.outputs = (await network.run()).length;
      return network;
    } catch (error) {
      model.dispose();
      throw error;
    }
  }

  /** Run the network on `input`. @returns {Promise<ArrayLike<number>>} the logits */
  async run() {
    const { tf, model, inputSize, input, scale, offset } = this;
    if (scale !== 1 || offset !== 0) for (let i = 0; i < input.length; i++) input[i] = input[i] * scale + offset;
    const image = tf.tensor4d(input, [1, inputSize, inputSize, 3]);
    /** @type {any[]} */
    let outputs = [];
    try {
      outputs = [model.execute(image, [this.output])].flat();
      return await outputs[0].data();
    } finally {
      image.dispose();
      for (const tensor of outputs) tensor.dispose();
    }
  }

  dispose() {
    this.model.dispose();
  }
}
