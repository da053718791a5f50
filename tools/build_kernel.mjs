// Assemble static/js/core/knn_kernel.wat into knn_kernel.wasm. The small binary is committed, so that
// nobody needs this tool to run the page; a test builds it again and compares the bytes.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import wabt from 'wabt';

const folder = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'static', 'js', 'core');
export const binaryPath = path.join(folder, 'knn_kernel.wasm');

/**
 * Assemble the kernel from its source.
 * @returns {Promise<Uint8Array>} the bytes of the WebAssembly module
 */
export async function buildKernel() {
  const text = await readFile(path.join(folder, 'knn_kernel.wat'), 'utf8');
  const module = (await wabt()).parseWat('knn_kernel.wat', text, { simd: true });
  try {
    module.validate();
    return module.toBinary({ write_debug_names: false }).buffer;
  } finally {
    module.destroy();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const bytes = await buildKernel();
  await writeFile(binaryPath, bytes);
  console.log(`${path.relative(process.cwd(), binaryPath)}: ${bytes.length} bytes`);
}
