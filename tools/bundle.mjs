// Bundle the third-party packages, once, into static/vendor/: ES modules that the browser
// imports by name (import map) or, inside a Web Worker, by path. Our own code stays unbundled.
import { build } from 'esbuild';
import { copyFile, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const modules = path.join(root, 'node_modules');
const target = path.join(root, 'static', 'vendor');
// Built beside the target and renamed at the end: an interrupted run leaves no half-made folder.
const staging = `${target}.new`;

const COPIES = {
  'tfjs-backend-wasm.wasm': '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm',
  'tfjs-backend-wasm-simd.wasm': '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  'tfjs-backend-wasm-threaded-simd.wasm':
    '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm',
  'swagger-ui-bundle.js': 'swagger-ui-dist/swagger-ui-bundle.js',
  'swagger-ui.css': 'swagger-ui-dist/swagger-ui.css',
};

await rm(staging, { recursive: true, force: true });
await mkdir(staging, { recursive: true });
const entries = (await readdir(path.join(root, 'tools', 'vendor'))).filter((f) => f.endsWith('.js'));
const started = Date.now();
await build({
  entryPoints: entries.map((f) => path.join(root, 'tools', 'vendor', f)),
  outdir: staging,
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  minify: true,
  target: 'es2022',
  legalComments: 'linked',
  chunkNames: 'chunk-[hash]',
  // tfjs asks for Node's modules behind a run-time check that is false in a browser.
  external: ['fs', 'util', 'path', 'worker_threads', 'perf_hooks', 'crypto', 'os', 'node-fetch', 'string_decoder'],
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
});
for (const [name, from] of Object.entries(COPIES)) await copyFile(path.join(modules, from), path.join(staging, name));

const compress = { '.gz': promisify(gzip), '.br': promisify(brotliCompress) };
const options = { '.gz': { level: 9 }, '.br': { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } } };
for (const name of await readdir(staging)) {
  const bytes = await readFile(path.join(staging, name));
  for (const [ending, squeeze] of Object.entries(compress)) {
    const small = await squeeze(bytes, options[ending]);
    if (small.length < bytes.length * 0.95) await writeFile(path.join(staging, name + ending), small);
  }
}
await rm(target, { recursive: true, force: true });
await rename(staging, target);
let total = 0;
for (const name of await readdir(target)) if (!/\.(gz|br)$/.test(name)) total += (await stat(path.join(target, name))).size;
console.log(`static/vendor: ${(total / 1e6).toFixed(1)} MB in ${((Date.now() - started) / 1000).toFixed(1)} s`);
