// Run a graph model in Node.js on the very bundles that browsers get: node node_check.mjs VENDOR FOLDER.
// Standard input: pictures, float32. Standard output: the outputs, float32, one picture after another.
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [vendor, folder, output] = process.argv.slice(2);
// The bundles ask for what Node.js has and browsers have not.
Object.assign(globalThis, { require: createRequire(import.meta.url), __dirname: vendor, __filename: join(vendor, 'tf-wasm.js') });
const from = (name) => import(pathToFileURL(join(vendor, name)).href);
const tf = await from('tf.js');
const { setWasmPaths } = await from('tf-wasm.js');
setWasmPaths(join(vendor, '/'));
tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
await tf.setBackend('wasm');

const document = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
const specs = document.weightsManifest.flatMap((group) => group.weights);
const shards = document.weightsManifest.flatMap((group) => group.paths.map((path) => readFileSync(join(folder, path))));
const joined = Uint8Array.from(Buffer.concat(shards)).buffer;
const { format, modelTopology, signature } = document;
const artifacts = { format, modelTopology, signature, weightSpecs: specs, weightData: joined };
const model = await tf.loadGraphModel({ load: async () => artifacts });
const size = Number(model.inputs[0].shape[1]);
const data = Uint8Array.from(readFileSync(0)).buffer;
const each = size * size * 3;
const found = [];
for (let at = 0; at < data.byteLength; at += each * 4) {
  const image = tf.tensor4d(new Float32Array(data, at, each), [1, size, size, 3]);
  const result = model.execute({ image }, output);
  found.push(...(await result.data()));
  tf.dispose([image, result]);
}
const answer = Buffer.from(Float32Array.from(found).buffer);
for (let written = 0; written < answer.length; ) written += writeSync(1, answer, written);
