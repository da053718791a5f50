// Run a layers model on the TensorFlow.js that Teachable Machine's package asks for:
// node exports_layers.cjs NODE_MODULES FOLDER < pictures (float32) > answers (JSON).
const fs = require('node:fs');
const path = require('node:path');

const [modules, folder] = process.argv.slice(2);
const tf = require(path.join(modules, '@tensorflow/tfjs/dist/tf.js'));
const model = JSON.parse(fs.readFileSync(path.join(folder, 'model.json'), 'utf8'));
const exact = (buffer) => Uint8Array.from(buffer).buffer;

(async () => {
  const weightData = exact(fs.readFileSync(path.join(folder, 'weights.bin')));
  const weightSpecs = model.weightsManifest.flatMap((group) => group.weights);
  const layers = await tf.loadLayersModel({ load: async () => ({ modelTopology: model.modelTopology, weightSpecs, weightData }) });
  const size = layers.inputs[0].shape[1];
  const data = exact(fs.readFileSync(0));
  const answers = [];
  for (let at = 0; at < data.byteLength; at += size * size * 12) {
    const x = tf.tensor4d(new Float32Array(data, at, size * size * 3), [1, size, size, 3]);
    answers.push([...(await layers.predict(x).data())]);
  }
  console.log(JSON.stringify(answers));
})();
