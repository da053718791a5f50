import { Api } from '../net/api.js';
import { openDatabase } from '../store/database.js';
import { Session } from '../store/session.js';
import { ask } from '../components/dialogs.js';
import { announce, inWords } from '../components/element.js';
import { notify } from '../components/notices.js';
import { pickFiles } from '../components/pick.js';
import { PictureCache } from '../components/picture.js';
import { added, changed, filesIn, outputsOf, removed, started, withFiles } from '../outputs/edit.js';
import { KINDS } from '../outputs/kinds.js';
import { ACCEPT, OutputServer } from '../outputs/server.js';
import { keepVolume } from '../outputs/volume.js';
import { Recogniser } from '../recognition/recogniser.js';
import { OutputHooks } from './output_hooks.js';
import { openParts } from './output_parts.js';
import './outputs_page.js';

const page = /** @type {import('./outputs_page.js').OutputsPage} */ (document.querySelector('st-outputs'));
const api = new Api();
const complain = (/** @type {any} */ error) => {
  if (error?.name !== 'AbortError') notify({ kind: 'bad', text: inWords(error) });
};

/** @param {any} session */
async function run(session) {
  const server = new OutputServer(session.id);
  const { parts, machine, resume } = openParts(session, server, {
    show: (scene) => { page.scene = scene; },
    complain,
  });
  const hooks = new OutputHooks({ server, session, page, complain });
  page.cache = new PictureCache((id) => session.jpegOf(id));
  page.parts = parts;
  /** @type {Recogniser|null} */
  let recogniser = null;
  let stopSeeing = () => {};

  const isSaved = () => session.status.where !== 'local';

  function show() {
    page.session = session;
    page.covers = new Map(session.classes.map((/** @type {any} */ c) => [c.id, session.samplesOf(c.id).at(-1)?.id ?? '']));
    page.camera = recogniser?.eyes.camera ?? null;
    page.picture = recogniser?.eyes.source.element ?? null;
    page.requestUpdate();
    document.title = `Outputs of ${session.name} · Show & Tell`;
  }

  async function refreshFiles() {
    if (!isSaved()) return;
    const list = await server.assets();
    page.assets = new Map(list.map((asset) => [asset.id, asset]));
  }

  /** A copy of a project still uses the files of the one it was copied from: it gets its own. */
  async function adoptFiles() {
    await refreshFiles();
    const foreign = [...filesIn(session.settings, session.classes)].filter((id) => !page.assets.has(id));
    if (!foreign.length || !isSaved()) return;
    const newId = await server.adopt(foreign);
    if (!newId.size) return;
    session.setSettings(withFiles(session.settings, session.classes, newId));
    await refreshFiles();
  }

  /** @returns {Promise<boolean>} true if all is saved */
  async function save() {
    if (session.status.saving) return false;
    try {
      const done = await session.save();
      if (done) await Promise.all([adoptFiles(), hooks.refresh()]);
      return done;
    } catch (error) {
      complain(error);
      return false;
    }
  }

  /** Files and hooks are the server's: it must have the project. @param {string} what @param {boolean} [all] the newest changes too */
  async function needServer(what, all = false) {
    if (isSaved() && !(all && session.status.dirty)) return true;
    const choice = await ask({
      title: 'Save the project first?', text: `${what} on the server, with the project.`,
      choices: [{ value: 'save', label: 'Save now', kind: 'primary' }],
    });
    return choice === 'save' && (await save());
  }

  /** @param {object} patch as edit.js makes it @param {string} said */
  function set(patch, said) {
    session.setSettings(patch);
    announce(said);
  }

  const labelOf = (/** @type {string} */ id) => session.classes.find((/** @type {any} */ c) => c.id === id)?.label ?? '';
  const indexOf = (/** @type {string} */ id) => Math.max(0, session.classes.findIndex((/** @type {any} */ c) => c.id === id));

  /** @param {boolean} muted */
  function silence(muted) {
    page.muted = muted;
    parts.synth.muted = muted;
    parts.speech.muted = muted;
    if (muted) parts.speech.stop();
  }

  async function goLive() {
    page.live = true;
    page.loading = { text: 'Opening its eyes', fraction: 0 };
    if (!recogniser) {
      const mine = (recogniser = new Recogniser(session, { api }));
      mine.addEventListener('change', show);
      mine.addEventListener('error', (/** @type {any} */ e) => complain(e.detail));
      mine.addEventListener('progress', (/** @type {any} */ e) => {
        if (!mine.ready) page.loading = { text: e.detail.text, fraction: e.detail.fraction ?? 0 };
      });
      try {
        await mine.start();
      } catch (error) {
        page.live = false;
        page.loading = null;
        mine.release();
        recogniser = null;
        complain(error);
        return;
      }
    } else {
      recogniser.resume();
      recogniser.eyes.start().catch(complain);
    }
    page.loading = null;
    if (!page.live || !recogniser) return;
    if (!recogniser.canTell) notify({ text: 'Teach at least two classes first: there is nothing to tell apart yet.', action: { label: 'Teach', run: () => { location.href = `/teach/${session.id}`; } } });
    stopSeeing();
    stopSeeing = recogniser.onSeen((seen) => {
      machine.see(seen);
      page.showLevels(machine.decider.levels);
    });
    show();
  }

  function endLive() {
    stopSeeing();
    stopSeeing = () => {};
    page.live = false;
    machine.rest();
    recogniser?.pause();
    recogniser?.eyes.camera.stop();
  }

  /** @param {string} id @param {'picture'|'file'} kind @param {number} at */
  async function addFile(id, kind, at) {
    if (!(await needServer(kind === 'picture' ? 'Pictures are kept' : 'Sounds are kept'))) return;
    const [file] = await pickFiles({ accept: ACCEPT[kind], multiple: false });
    if (!file) return;
    page.uploading = { id, fraction: 0 };
    try {
      const asset = await server.addAsset(file, { onProgress: (done, total) => { page.uploading = { id, fraction: total ? done / total : 0 }; } });
      await refreshFiles();
      const output = outputsOf(session.settings, id)[at];
      if (asset.mime.startsWith('image/') !== (kind === 'picture')) throw new Error(kind === 'picture' ? `${asset.name} is a sound. Add it as a sound file.` : `${asset.name} is a picture. Add it as a picture.`);
      if (output?.kind === kind) {
        set(changed(session.settings, id, at, { ...output, asset: asset.id }), `${asset.name} is added.`);
        machine.test(id, [outputsOf(session.settings, id)[at]]);
      }
    } catch (error) {
      complain(error);
    } finally {
      page.uploading = null;
    }
  }

  /** @param {import('../outputs/server.js').Asset} asset */
  async function deleteFile(asset) {
    const users = session.classes.filter((/** @type {any} */ c) => outputsOf(session.settings, c.id).some((o) => o.asset === asset.id));
    const choice = await ask({
      title: `Delete ${asset.name}?`,
      text: users.length ? `${users.map((/** @type {any} */ c) => c.label).join(', ')} would no longer have it. This cannot be undone.` : 'No class uses it. This cannot be undone.',
      choices: [{ value: 'delete', label: 'Delete', kind: 'danger' }],
    });
    if (choice !== 'delete') return;
    await server.deleteAsset(asset.id);
    await refreshFiles();
  }

  /** @type {Record<string, (detail: any) => any>} */
  const answers = {
    'start-with': async (/** @type {import('../outputs/edit.js').Starter} */ starter) => {
      await resume();
      set(started(session.settings, session.classes, starter), `${starter.title}: done.`);
      const [first] = session.classes;
      if (first) machine.test(first.id);
    },
    'add-output': async ({ id, kind }) => {
      if (KINDS[kind].needsServer && !(await needServer(kind === 'hook' ? 'Addresses are kept' : 'Files are kept', kind === 'hook'))) return;
      await resume();
      const output = KINDS[kind].make({ label: labelOf(id), index: indexOf(id) });
      set(added(session.settings, id, output), `${KINDS[kind].title} is added to ${labelOf(id)}.`);
      const at = outputsOf(session.settings, id).length - 1;
      page.open = { id, at };
      if (!KINDS[kind].needsServer) machine.test(id, [output]);
      await page.updateComplete;
      requestAnimationFrame(() => page.focusOutput(id, at));
    },
    'change-output': async ({ id, at, output, hear }) => {
      session.setSettings(changed(session.settings, id, at, output));
      await resume();
      if (hear || KINDS[output.kind].item) machine.test(id, [output]);
    },
    'remove-output': ({ id, at }) => {
      const output = outputsOf(session.settings, id)[at];
      page.open = null;
      set(removed(session.settings, id, at), `${KINDS[output.kind].title} is removed.`);
      if (output.kind === 'hook') hooks.remove(id);
    },
    'open-output': ({ id, at }) => { page.open = at < 0 ? null : { id, at }; },
    'try-output': async ({ id, at }) => {
      await resume();
      machine.test(id, [outputsOf(session.settings, id)[at]]);
    },
    'try-class': async ({ id }) => {
      await resume();
      machine.test(id);
    },
    'add-asset': ({ id, at, value }) => addFile(id, value, at),
    'delete-asset': ({ value }) => deleteFile(value),
    'hook-address': ({ id, value }) => hooks.setAddress(id, value),
    'hook-switch': ({ id, value }) => hooks.turn(id, labelOf(id), value),
    'hook-fire': ({ id }) => hooks.fire(id, labelOf(id)),
    connect: async ({ id, at, value }) => {
      if (value === 'midi') await parts.midi?.connect();
      else await parts.serial?.connect(outputsOf(session.settings, id)[at]?.baud, { choose: parts.serial.isConnected });
      page.version += 1;
    },
    mute: async () => {
      await resume();
      silence(!page.muted);
    },
    volume: async ({ value, done }) => {
      parts.synth.volume = value;
      parts.speech.volume = value;
      keepVolume(value);
      page.version += 1;
      // To make it louder is to want to hear it.
      if (value > 0) silence(false);
      if (!done) return;
      await resume();
      parts.synth.play([{ instrument: 'marimba', note: 72, at: 0, duration: 0.3, gain: 0.8 }]);
    },
    live: async (on) => {
      await resume();
      return on ? goLive() : endLive();
    },
    retry: () => recogniser?.eyes.start(),
    'choose-source': async (kind) => {
      // The ways on of the teach page need its desk.
      location.href = `/teach/${session.id}#${kind}`;
    },
    undo: () => session.undo(), redo: () => session.redo(), save,
    export: async (/** @type {string} */ format) => {
      if ((session.status.where === 'local' || session.status.dirty) && !(await save())) return;
      const link = document.createElement('a');
      link.href = api.exportUrl(session.id, format);
      link.download = '';
      link.click();
    },
    resolve: async (choice) => {
      const id = await session.resolveConflict(choice);
      if (id !== session.id) location.href = `/outputs/${id}`;
    },
  };
  for (const [name, answer] of Object.entries(answers)) {
    page.addEventListener(name, async (event) => {
      try {
        await answer(/** @type {CustomEvent} */ (event).detail);
      } catch (error) {
        complain(error);
      }
    });
  }

  machine.addEventListener('change', () => { page.active = machine.active; });
  session.addEventListener('change', show);
  session.addEventListener('status', show);
  const again = () => { page.version += 1; };
  globalThis.speechSynthesis?.addEventListener?.('voiceschanged', again);
  parts.midi?.addEventListener('change', again);
  parts.serial?.addEventListener('change', again);
  window.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const run = { s: save, z: () => (event.shiftKey ? session.redo() : session.undo()), y: () => session.redo() }[event.key.toLowerCase()];
    if (!run || (event.key !== 's' && /** @type {Element} */ (event.target).closest('input, textarea'))) return;
    event.preventDefault();
    void run();
  });
  window.addEventListener('beforeunload', (event) => {
    const { stored, dirty } = session.status;
    if (dirty && !stored) event.preventDefault();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) machine.rest();
  });
  window.addEventListener('pagehide', () => machine.close());
  show();
  Object.assign(window, { showtellMachine: { machine, parts } });
  await Promise.all([adoptFiles(), isSaved() ? hooks.refresh() : null]).catch(complain);
}

try {
  const id = page.dataset.project ?? '';
  await run(await Session.open(id, { api, database: await openDatabase() }));
} catch (error) {
  page.problem = error;
}
