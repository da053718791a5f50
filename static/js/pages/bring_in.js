import { arrange, isImportable, zipFolder } from '../net/zip_folder.js';
import { count, inWords } from '../components/element.js';
import { notify } from '../components/notices.js';

/** @typedef {import('../net/zip_folder.js').Entry} Entry */

/** Shares of the bar: packing, then sending; the pictures are looked at when all is there. */
const PACKING = 0.3;
const ANYWHERE = 'Put the pictures of each class into a folder with the name of the class and drop the folders here, or drop the pictures onto a class of a project.';

/**
 * Bring in what was chosen or dropped: folders of pictures, or else one file.
 * @param {Entry[]} found
 * @param {{api: import('../net/api.js').Api, done: (project: {id: string, name: string}) => Promise<void>}} tools
 */
export async function bringIn(found, tools) {
  const folders = found.some(({ path }) => path.includes('/'));
  if (folders) return bringFolders(found, tools);
  const [first, ...more] = found.filter(({ path }) => !isImportable(path));
  if (first) {
    if (more.length) notify({ text: `One file at a time: ${first.path} is imported.` });
    return bringFile(first.file, tools);
  }
  if (found.length) complain(`${count(found.length, 'picture')} in no folder: of which class? ${ANYWHERE}`);
  else complain('The folder is empty. Expected pictures, in one folder a class.');
}

/** @param {string} text */
const complain = (text) => notify({ kind: 'bad', text, seconds: 30 });

/** @param {Entry[]} found @param {Parameters<typeof bringIn>[1]} tools */
async function bringFolders(found, tools) {
  const { name, entries, others, loose } = arrange(found);
  if (!entries.length) {
    const has = loose.length ? `${count(loose.length, 'picture')} in no folder` : `${count(found.length, 'file')}, but no pictures that can be read (JPEG, PNG, WebP, GIF, BMP)`;
    return complain(`There are no classes there: ${has}. ${ANYWHERE}`);
  }
  await working(`Packing ${name}`, name, tools, async (note, signal) => {
    const { zip, unreadable } = await zipFolder(entries, { signal, onProgress: (now, total) => note.update({ progress: (PACKING * now) / (total || 1) }) });
    if (unreadable.length === entries.length) throw new Error(`None of ${count(entries.length, 'picture')} can be read. Were they moved or deleted?`);
    const file = new File([zip], `${name}.zip`, { type: zip.type });
    const project = await send(file, name, tools, note, signal, PACKING);
    const left = [told(others, 'file', 'not a picture that can be read'), told(loose, 'picture', 'in no folder'), told(unreadable, 'picture', 'not readable')];
    return { project, notes: [...left, ...project.notes] };
  });
}

/** @param {File} file @param {Parameters<typeof bringIn>[1]} tools */
async function bringFile(file, tools) {
  await working(`Importing ${file.name}`, file.name, tools, async (note, signal) => {
    const project = await send(file, file.name, tools, note, signal, 0);
    return { project, notes: project.notes };
  });
}

/**
 * @param {File} file @param {string} name @param {Parameters<typeof bringIn>[1]} tools
 * @param {ReturnType<typeof notify>} note @param {AbortSignal} signal @param {number} from where the bar stands
 */
async function send(file, name, { api }, note, signal, from) {
  return api.importProject(file, {
    signal,
    onProgress: (now, total) => {
      const share = total ? now / total : 0;
      const text = share < 1 ? `Sending ${name}` : `${name}: the server looks at the pictures`;
      note.update({ text, progress: from + (1 - from) * share });
    },
  });
}

/**
 * Show how far a job is, let it be stopped, and tell how it ended.
 * @param {string} text @param {string} name @param {Parameters<typeof bringIn>[1]} tools
 * @param {(note: ReturnType<typeof notify>, signal: AbortSignal) => Promise<{project: any, notes: string[]}>} job
 */
async function working(text, name, { done }, job) {
  const controller = new AbortController();
  const note = notify({ text, progress: 0, action: { label: 'Stop', run: () => controller.abort() } });
  try {
    const { project, notes } = await job(note, controller.signal);
    const words = notes.filter(Boolean).slice(0, 4).join(' ');
    if (words) notify({ text: words, seconds: 30 });
    await done(project);
  } catch (error) {
    if (!controller.signal.aborted) complain(`${name} was not imported. ${inWords(error)}`);
  } finally {
    note.close();
  }
}

/** Name what was left out. @param {string[]} paths @param {string} kind @param {string} why */
function told(paths, kind, why) {
  if (!paths.length) return '';
  const shown = paths.slice(0, 3).join(', ') + (paths.length > 3 ? ', …' : '');
  return `${count(paths.length, kind)} left out (${why}): ${shown}.`;
}
