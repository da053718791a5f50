// Assemble the kernels of static/js/core from their sources (.wat into .wasm). The small binaries are
// committed, so that nobody needs this tool to run the page; tests build them again and compare the bytes.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import wabt from 'wabt';

const folder = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'static', 'js', 'core');
const KERNELS = ['knn_kernel', 'resample_kernel'];
/** @param {string} name */
export const binaryOf = (name) => path.join(folder, `${name}.wasm`);
export const binaryPath = binaryOf('knn_kernel');

/**
 * Assemble a kernel from its source.
 * @param {string} [name]
 * @returns {Promise<Uint8Array>} the bytes of the WebAssembly module
 */
export async function buildKernel(name = 'knn_kernel') {
  const text = await readFile(path.join(folder, `${name}.wat`), 'utf8');
  const module = (await wabt()).parseWat(`${name}.wat`, text, { simd: true });
  try {
    module.validate();
    return module.toBinary({ write_debug_names: false }).buffer;
  } finally {
    module.destroy();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const name of KERNELS) {
    const bytes = await buildKernel(name);
    await writeFile(binaryOf(name), bytes);
    console.log(`${path.relative(process.cwd(), binaryOf(name))}: ${bytes.length} bytes`);
  }
}
