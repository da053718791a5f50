// Pictures from files: chosen, dropped, or in folders that were dropped.

const PICTURE = /\.(jpe?g|png|webp|gif|bmp|avif|jfif)$/i;
const VIDEO = /\.(mp4|m4v|webm|mov|ogv|mkv)$/i;
const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** @typedef {{file: File, name: string, path: string}} Found path: with its folders, as in `cats/1.jpg` */

/** Say whether a file is a picture that browsers decode, by its type, else by its name. @param {File} file */
export function isPicture(file) {
  return file.type ? file.type.startsWith('image/') && !file.type.includes('svg') : PICTURE.test(file.name);
}

/** Say whether a file is a video. @param {File} file */
export function isVideo(file) {
  return file.type ? file.type.startsWith('video/') : VIDEO.test(file.name);
}

/**
 * Give the pictures among files, folders included, in natural order (2.jpg before 10.jpg).
 * Call it in the event handler itself: a browser empties a DataTransfer when the handler returns.
 * @param {Iterable<File> | FileList | DataTransfer} files
 * @returns {AsyncGenerator<Found, void, void>}
 */
export function pictures(files) {
  return picked(everything(files), isPicture);
}

/**
 * Give the videos among files, likewise.
 * @param {Iterable<File> | FileList | DataTransfer} files
 * @returns {AsyncGenerator<Found, void, void>}
 */
export function videos(files) {
  return picked(everything(files), isVideo);
}

/**
 * Give all files, whatever they are, likewise.
 * @param {Iterable<File> | FileList | DataTransfer} files
 * @returns {Promise<Found[]>}
 */
export function everything(files) {
  // Not async before this line: the entries have to be taken while the drop is still going on.
  const roots = entriesOf(files);
  return collect(roots);
}

/** @param {Promise<Found[]>} all @param {(file: File) => boolean} wanted @returns {AsyncGenerator<Found, void, void>} */
async function* picked(all, wanted) {
  for (const found of await all) if (wanted(found.file)) yield found;
}

/** @param {any} files @returns {(File | FileSystemEntry)[]} */
function entriesOf(files) {
  if (!files.items) return [...files];
  return [...files.items]
    .filter((item) => item.kind === 'file')
    .map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile())
    .filter((entry) => entry !== null);
}

/** @param {(File | FileSystemEntry)[]} roots @returns {Promise<Found[]>} */
async function collect(roots) {
  /** @type {Found[]} */
  const found = [];
  for (const root of roots) {
    if (root instanceof File) found.push({ file: root, name: root.name, path: root.webkitRelativePath || root.name });
    else await walk(root, found);
  }
  return found
    .filter(({ path }) => !path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX'))
    .sort((a, b) => natural.compare(a.path, b.path));
}

/** @param {FileSystemEntry} entry @param {Found[]} found */
async function walk(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject)).catch(
      (/** @type {any} */ error) => {
        throw new Error(`${entry.fullPath.slice(1)} cannot be read: ${error.message}. Was it moved or deleted?`, { cause: error });
      },
    );
    found.push({ file, name: entry.name, path: entry.fullPath.replace(/^\//, '') });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    // A reader gives a hundred entries at a time, and none at the end.
    const batch = await new Promise((/** @type {(entries: FileSystemEntry[]) => void} */ resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) return;
    for (const child of batch) await walk(child, found);
  }
}

/**
 * Decode a picture file: turned upright, its colour profile ignored (docs/preprocessing.md).
 * @param {Blob & {name?: string}} file
 * @returns {Promise<ImageBitmap>} to be closed by whoever gets it
 * @throws {Error} that names the file
 */
export async function bitmapOf(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image', colorSpaceConversion: 'none' });
  } catch (cause) {
    const name = file.name ?? 'The picture';
    const heic = /hei[cf]/i.test(file.type + name) ? ' Photos in HEIC have to be saved as JPEG first.' : '';
    throw new Error(`${name} cannot be decoded. It is damaged, or of a kind that this browser does not know.${heic}`, { cause });
  }
}
