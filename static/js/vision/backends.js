// Which backend of TensorFlow.js to run on: WebAssembly first, a graphics card where it is measured to
// be faster on this machine, a renderer that only imitates one in software never.

import { Network } from './network.js';

/** @typedef {import('./network.js').Tf} Tf @typedef {'wasm' | 'webgl' | 'webgpu' | 'cpu'} Name */

const VENDOR = '/static/vendor/';

/** How each backend gets here. Only the one that runs is fetched. */
const BUNDLES = /** @type {Record<Name, () => Promise<void>>} */ ({
  wasm: async () => (await import('/static/vendor/tf-wasm.js')).setWasmPaths(VENDOR),
  webgl: async () => void (await import('/static/vendor/tf-webgl.js')),
  webgpu: async () => void (await import('/static/vendor/tf-webgpu.js')),
  cpu: async () => void (await import('/static/vendor/tf-cpu.js')),
});

/** How each graphics backend names what it would run on; null where there is none. */
const RENDERERS = /** @type {Record<string, () => Promise<string | null>>} */ ({
  webgl: async () => webglRenderer(),
  webgpu: webgpuRenderer,
});

/** A graphics card has to be clearly faster, or the processor is as good and starts at once. */
const GAIN = 0.8;
const RUNS = 8;
/** Similarity to the processor's embedding that a graphics card must reach (half precision does not). */
const AGREEMENT = 0.9999;

/**
 * Say whether a renderer draws in software.
 * @param {string | null} name as the browser gives it; null or empty counts as software
 */
export function isSoftware(name) {
  return !name || /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b|mesa offscreen/i.test(name);
}

/** @returns {string | null} */
function webglRenderer() {
  if (typeof OffscreenCanvas === 'undefined') return null;
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (!gl) return null;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return name;
}

/** @returns {Promise<string | null>} */
async function webgpuRenderer() {
  const adapter = await /** @type {any} */ (navigator).gpu?.requestAdapter?.();
  if (!adapter) return null;
  const info = adapter.info ?? (await adapter.requestAdapterInfo?.()) ?? {};
  if (adapter.isFallbackAdapter || info.isFallbackAdapter) return 'software fallback';
  return [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(' ') || null;
}

/**
 * Make a backend the current one.
 * @param {Tf} tf @param {Name} name
 * @throws {Error} where it does not start
 */
async function use(tf, name) {
  if (!(name in BUNDLES)) throw new Error(`There is no backend ${name}; there are ${Object.keys(BUNDLES).join(', ')}.`);
  await BUNDLES[name]();
  if (!(await tf.setBackend(name))) throw new Error(`The backend ${name} did not start in this browser.`);
}

/**
 * Start a network on the best backend of this machine.
 * @param {Tf} tf @param {any} artifacts from `fetchModel`
 * @param {object} options
 * @param {Name | null} options.forced use this one and no other
 * @param {Name | null} options.remembered what an earlier probe on this machine chose
 * @param {(fraction: number) => void} options.onProbe
 * @returns {Promise<{network: Network, backend: Name, probed: Name | null}>} probed: worth remembering
 */
export async function start(tf, artifacts, { forced, remembered, onProbe }) {
  if (forced) return { ...(await open(tf, artifacts, forced)), probed: null };
  if (remembered === 'webgl' || remembered === 'webgpu') {
    try {
      if (!isSoftware(await RENDERERS[remembered]())) {
        return { ...(await open(tf, artifacts, remembered)), probed: null };
      }
    } catch {
      // The card of the last time is gone or busy: start as if for the first time.
    }
  }
  let chosen = await open(tf, artifacts, 'wasm');
  if (remembered === 'wasm') return { ...chosen, probed: null };
  const names = /** @type {Name[]} */ (Object.keys(RENDERERS));
  /** @type {Name[]} */
  const cards = [];
  for (const name of names) if (!isSoftware(await RENDERERS[name]().catch(() => null))) cards.push(name);
  let time = cards.length > 0 ? await measure(chosen.network) : 0;
  const reference = cards.length > 0 ? await sample(chosen.network) : null;
  for (const [i, name] of cards.entries()) {
    onProbe(i / cards.length);
    const rival = await challenge(tf, artifacts, name, reference, time * GAIN);
    if (rival) {
      chosen.network.dispose();
      ({ time } = rival);
      chosen = { network: rival.network, backend: name };
    }
  }
  await tf.setBackend(chosen.backend);
  return { ...chosen, probed: chosen.backend };
}

/** @param {Tf} tf @param {any} artifacts @param {Name} backend */
async function open(tf, artifacts, backend) {
  await use(tf, backend);
  return { network: await Network.open(tf, artifacts), backend };
}

/**
 * Try a graphics card; give its network if it computes the same in less than `limit` milliseconds.
 * @param {Tf} tf @param {any} artifacts @param {Name} name
 * @param {Float32Array | null} reference @param {number} limit
 */
async function challenge(tf, artifacts, name, reference, limit) {
  const before = /** @type {Name} */ (tf.getBackend());
  let network;
  try {
    ({ network } = await open(tf, artifacts, name));
    const embedding = await sample(network);
    let cosine = 0;
    for (let i = 0; i < embedding.length; i++) cosine += embedding[i] * (reference?.[i] ?? 0);
    const time = await measure(network);
    if (cosine >= AGREEMENT && time < limit) return { network, time };
  } catch {
    // A card that fails here would fail later: stay where we are.
  }
  network?.dispose();
  await tf.setBackend(before);
  return null;
}

/** Embed a fixed pattern. @param {Network} network */
async function sample(network) {
  for (let i = 0; i < network.input.length; i++) network.input[i] = Math.sin(i * 0.37) * Math.cos(i * 0.011);
  return (await network.run()).embedding;
}

/** Give the median time of a run in milliseconds. @param {Network} network */
async function measure(network) {
  await network.run();
  const times = [];
  for (let i = 0; i < RUNS; i++) {
    const begin = performance.now();
    await network.run();
    times.push(performance.now() - begin);
  }
  return times.sort((a, b) => a - b)[RUNS >> 1];
}

/**
 * Call back once if the graphics card goes away.
 * @param {Tf} tf @param {Name} backend @param {(reason: string) => void} lost
 */
export function watch(tf, backend, lost) {
  const current = /** @type {any} */ (tf.backend());
  if (backend === 'webgl') {
    current.getGPGPUContext?.().gl.canvas.addEventListener('webglcontextlost', () => lost('WebGL'), { once: true });
  } else if (backend === 'webgpu') {
    current.device?.lost?.then((/** @type {any} */ info) => info.reason !== 'destroyed' && lost('WebGPU'));
  }
}
