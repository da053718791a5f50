// Fetch networks, and make sure of a backbone that it is the one whose fingerprint the examples were
// made with.

/**
 * @typedef {{name: string, url: string, fingerprint: string}} Backbone an item of GET /api/v1/backbones
 * @typedef {object} Source where a network lies, and how to speak of it
 * @property {string} url of its folder, with a slash at its end
 * @property {string} query behind the name of each file
 * @property {string} what "The backbone showtell_v2"
 * @property {string} mend what to do where it is not whole
 */

/** @param {Backbone} backbone @returns {Source} */
const sourceOf = ({ name, url, fingerprint }) => ({
  url,
  query: `?v=${fingerprint}`,
  what: `The backbone ${name}`,
  mend: 'Convert the backbone again with convert_models.py.',
});

/**
 * Fetch a backbone, with progress.
 * @param {Backbone} backbone
 * @param {(fraction: number) => void} [progress] 0..1
 * @returns {Promise<any>} the artifacts as TensorFlow.js' graph-model loader wants them
 * @throws {Error} where a file is missing, cut short, or not what the fingerprint says
 */
export async function fetchModel(backbone, progress = () => {}) {
  const artifacts = await fetchGraph(sourceOf(backbone), progress);
  await verify(new Uint8Array(artifacts.weightData), artifacts, backbone);
  return artifacts;
}

/**
 * Fetch model.json and its weights, with progress.
 * @param {Source} source
 * @param {(fraction: number) => void} [progress] 0..1
 * @returns {Promise<any>} the artifacts as TensorFlow.js' graph-model loader wants them
 * @throws {Error} where a file is missing or cut short
 */
export async function fetchGraph(source, progress = () => {}) {
  const { url, query, what, mend } = source;
  const model = await parse(`${url}model.json${query}`, source);
  if (model.format !== 'graph-model' || !Array.isArray(model.weightsManifest)) {
    throw new Error(`${url}model.json has the format ${JSON.stringify(model.format)}; expected "graph-model". ${mend}`);
  }
  const specs = model.weightsManifest.flatMap((/** @type {any} */ group) => group.weights);
  const paths = model.weightsManifest.flatMap((/** @type {any} */ group) => group.paths);
  const expected = specs.reduce((/** @type {number} */ sum, /** @type {any} */ spec) => sum + bytesOf(spec), 0);
  const data = new Uint8Array(expected);
  let at = 0;
  for (const path of paths) {
    at = await readInto(data, at, await open(`${url}${path}${query}`, source), `${url}${path}`);
    progress(at / expected);
  }
  if (at !== expected) {
    throw new Error(`${what} is not whole: its weights have ${at} bytes; model.json speaks of ${expected}. ${mend}`);
  }
  return {
    format: model.format,
    modelTopology: model.modelTopology,
    signature: model.signature,
    weightSpecs: specs,
    weightData: data.buffer,
  };

  /** @param {Uint8Array} target @param {number} from @param {Response} response @param {string} name */
  async function readInto(target, from, response, name) {
    const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
    for (;;) {
      const { done, value } = await reader.read().catch((cause) => {
        throw new Error(`${name} broke off while loading. Is the server still running?`, { cause });
      });
      if (done) return from;
      if (from + value.length > target.length) {
        throw new Error(`${name} is longer than model.json says. ${mend}`);
      }
      target.set(value, from);
      from += value.length;
      progress(from / expected);
    }
  }
}

/** Bytes a weight takes in the file. @param {any} spec */
function bytesOf(spec) {
  const sizes = /** @type {Record<string, number>} */ ({ float32: 4, int32: 4, float16: 2, uint16: 2, uint8: 1, bool: 1 });
  const dtype = spec.quantization?.dtype ?? spec.dtype;
  if (!(dtype in sizes)) throw new Error(`The weight ${spec.name} is of the type ${dtype}, which is not known here.`);
  return spec.shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1) * sizes[dtype];
}

/**
 * Compare the SHA-256 of the weights and the input size with the fingerprint.
 * @param {Uint8Array<ArrayBuffer>} data @param {any} model @param {Backbone} backbone
 */
async function verify(data, model, backbone) {
  // Only secure contexts can hash. Elsewhere the server's word has to do, as for the page itself.
  if (globalThis.crypto?.subtle === undefined) return;
  const shape = Object.values(model.signature?.inputs ?? {})[0]?.tensorShape?.dim ?? [];
  const size = new TextEncoder().encode(String(shape[1]?.size ?? ''));
  const all = new Uint8Array(data.length + size.length);
  all.set(data);
  all.set(size, data.length);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', all));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found === backbone.fingerprint) return;
  throw new Error(
    `The weights of ${backbone.name} have the fingerprint ${found.slice(0, 12)}…; expected ${backbone.fingerprint.slice(0, 12)}…. Reload the page; if that does not help, convert the backbone again.`,
  );
}

/** @param {string} url @param {Source} source */
async function open(url, { what }) {
  let response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new Error(`${what} could not be fetched. Is the server still running?`, { cause });
  }
  if (response.ok) return response;
  throw new Error(`${what} could not be fetched: the server answered ${response.status} for ${new URL(response.url).pathname}.`);
}

/** @param {string} url @param {Source} source @returns {Promise<any>} */
async function parse(url, source) {
  const response = await open(url, source);
  try {
    return await response.json();
  } catch (cause) {
    throw new Error(`${new URL(response.url).pathname} is not JSON. ${source.mend}`, { cause });
  }
}

/**
 * Fetch and parse a JSON file of a backbone.
 * @param {string} file its name @param {Backbone} backbone @returns {Promise<any>}
 */
export function readJson(file, backbone) {
  const source = sourceOf(backbone);
  return parse(`${source.url}${file}${source.query}`, source);
}
