// Folders of pictures as one zip, for the import of the server: one folder a class.

/** @typedef {{file: File, path: string}} Entry path: with its folders, as in `cats/1.jpg` */

/** Pictures that the server reads, by their endings; server/formats/pictures.py has the same ones. */
const PICTURE = /\.(jpe?g|jfif|png|webp|gif|bmp)$/i;
/** A zip without 64-bit fields holds no more, and the server takes no more files than this. */
const MOST = { files: 60_000, bytes: 4 * 1024 ** 3 - 1024 ** 2 };

/** Say by its name whether a file is a picture that can be imported. @param {string} name */
export const isImportable = (name) => PICTURE.test(name);

/**
 * Find the classes among files: folders around everything are none, nor are loose pictures.
 * @param {Entry[]} found with their paths; hidden files are gone already
 * @returns {{name: string, entries: Entry[], others: string[], loose: string[]}}
 *   a name for the project; the pictures, `class/.../file.jpg`, no path twice; the paths of what
 *   is left out: other files, and pictures in no folder
 */
export function arrange(found) {
  const others = found.filter(({ path }) => !isImportable(path)).map(({ path }) => path);
  let rows = found.filter(({ path }) => isImportable(path)).map(({ file, path }) => ({ file, path, parts: path.split('/') }));
  let name = '';
  for (let root = rootOf(rows); root !== null; root = rootOf(rows)) {
    name ||= root;
    rows = rows.map((row) => ({ ...row, parts: row.parts.slice(1) }));
  }
  const kept = rows.filter(({ parts }) => parts.length > 1);
  const taken = new Set();
  return {
    name: name || inOneLine([...new Set(kept.map(({ parts }) => parts[0]))]),
    entries: kept.map(({ file, parts }) => ({ file, path: unique(parts, taken) })),
    others,
    loose: rows.filter(({ parts }) => parts.length === 1).map(({ path }) => path),
  };
}

/**
 * The folder around all pictures, if it is no class itself. One that holds pictures and a single
 * folder is a class with a folder inside; one with several folders holds classes, and loose pictures.
 * @param {{parts: string[]}[]} rows
 */
function rootOf(rows) {
  const root = rows[0]?.parts[0];
  if (root === undefined || !rows.every(({ parts }) => parts.length > 1 && parts[0] === root)) return null;
  const deeper = rows.filter(({ parts }) => parts.length > 2);
  const folders = new Set(deeper.map(({ parts }) => parts[1]));
  return deeper.length === rows.length || folders.size > 1 ? root : null;
}

/** @param {string[]} names */
function inOneLine(names) {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}

/**
 * A path that no other entry has: folders of the same name may come from two places. A backslash
 * or a control character, which some systems allow, would part names or be refused.
 * @param {string[]} parts @param {Set<string>} taken
 */
function unique(parts, taken) {
  const path = parts.map((part) => part.replace(/[\\\u0000-\u001f]/g, '_').replace(/^(.):/, '$1_')).join('/');
  let free = path;
  for (let n = 2; taken.has(free); n++) free = path.replace(/(\.[^.]*)$/, ` (${n})$1`);
  taken.add(free);
  return free;
}

/**
 * Pack files, stored as they are. One file at a time is in memory: what is packed becomes part of
 * a Blob, which browsers keep on disk when it grows.
 * @param {Entry[]} entries
 * @param {{signal?: AbortSignal, onProgress?: (done: number, total: number) => void}} [options] bytes
 * @returns {Promise<{zip: Blob, unreadable: string[]}>} and the paths that could not be read
 * @throws {RangeError} too many files, or too large
 * @throws {DOMException} AbortError, where `signal` says so
 */
export async function zipFolder(entries, { signal, onProgress = () => {} } = {}) {
  const total = entries.reduce((sum, { file }) => sum + file.size, 0);
  if (entries.length > MOST.files || total > MOST.bytes) {
    const sizes = `${entries.length.toLocaleString('en-GB')} ${entries.length === 1 ? 'picture' : 'pictures'} of ${Math.ceil(total / 1e6).toLocaleString('en-GB')} MB`;
    throw new RangeError(`The folders have ${sizes}. One import takes 60,000 pictures and 4,000 MB at most: import some, and drop the rest onto their classes.`);
  }
  const { Zip, ZipPassThrough } = await import('fflate');
  /** @type {Blob[]} */
  const parts = [];
  /** @type {BlobPart[]} */
  let chunks = [];
  /** @type {Error|null} */
  let failure = null;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else chunks.push(/** @type {Uint8Array<ArrayBuffer>} */ (chunk));
  });
  const put = () => {
    if (failure) throw failure;
    parts.push(new Blob(chunks));
    chunks = [];
  };
  const unreadable = [];
  let done = 0;
  for (const { file, path } of entries) {
    signal?.throwIfAborted();
    const bytes = await file.arrayBuffer().then((buffer) => new Uint8Array(buffer), () => null);
    if (bytes) {
      const entry = new ZipPassThrough(path);
      zip.add(entry);
      entry.push(bytes, true);
      put();
    } else unreadable.push(path);
    onProgress((done += file.size), total);
  }
  signal?.throwIfAborted();
  zip.end();
  put();
  return { zip: new Blob(parts, { type: 'application/zip' }), unreadable };
}
