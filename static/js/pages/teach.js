import { Engine } from '../vision/engine.js';
import { Api } from '../net/api.js';
import { watchAll } from '../net/live.js';
import { Publisher } from '../play/publisher.js';
import { openDatabase } from '../store/database.js';
import { Session } from '../store/session.js';
import { openingText } from '../core/eyes.js';
import { hints } from '../core/hints.js';
import { ago, count, inWords } from '../components/element.js';
import { notify } from '../components/notices.js';
import { PictureCache } from '../components/picture.js';
import { Binding } from '../recognition/binding.js';
import { Eyes } from '../recognition/camera_control.js';
import { EyesControl } from './eyes_control.js';
import { classOfNumber } from './numbers.js';
import { addFiles, askAbout } from './intake.js';
import { LiveLoop } from '../recognition/live_loop.js';
import { Together } from './phone_together.js';
import { Recorder } from '../recognition/recorder.js';
import { Shares } from './shares.js';
import { listen } from './shortcuts.js';
import { TrainingControl } from './training_control.js';
import './teach_page.js';

const page = /** @type {import('./teach_page.js').TeachPage} */ (document.querySelector('st-teach'));
const api = new Api();
const complain = (/** @type {any} */ error) => {
  if (error?.name !== 'AbortError') notify({ kind: 'bad', text: inWords(error) });
};

/** Open the project; what goes wrong here is shown in the page itself. */
async function openSession() {
  const id = page.dataset.project ?? location.pathname.split('/').filter(Boolean).pop() ?? '';
  const database = await openDatabase();
  const session = await Session.open(id, { api, database });
  if (!database.persistent) notify({ kind: 'bad', seconds: 0, text: 'This browser keeps nothing on disc here (a private window?). Save before you leave.' });
  return session;
}

/** @param {any} session */
async function run(session) {
  const cache = new PictureCache((id) => session.jpegOf(id));
  const engine = await Engine.create();
  const binding = new Binding(session, engine);
  const remember = binding.remember.bind(binding);
  const recorder = new Recorder({ engine, session, remember });
  const shares = new Shares(session.settings.smoothing_ms);
  const eyes = new Eyes(() => {
    // A button that is held while the camera goes away must not wait for ever.
    if (eyes.kind === 'camera' && eyes.camera.state === 'failed') recorder.end();
    show();
  });
  const backbones = new EyesControl({
    page, session, engine, binding, api, offerUndo,
    onUsed: () => {
      shares.reset();
      eyes.source.touch();
    },
  });
  const trainings = new TrainingControl({
    page, session, engine, api, watchAll, save, eyes: backbones,
    onUsed: () => {
      shares.reset();
      eyes.source.touch();
    },
  });
  const together = new Together({ page, session, api, offerUndo, complain });
  /** @type {AbortController|null} */
  let saving = null;
  /** How many classes have examples: asked for every frame, so counted at every change. */
  let taughtClasses = 0;
  let hinting = 0;

  /** Hand the state to the page; Lit draws once for any number of calls in one turn. */
  function show() {
    taughtClasses = session.classes.filter((/** @type {any} */ c) => session.samplesOf(c.id).length).length;
    Object.assign(page, { session, cache, source: eyes.source, kind: eyes.kind, camera: eyes.camera, devices: eyes.devices, recording: recorder.classId, taught: recorder.taken, delay: shares.delay });
    page.requestUpdate();
    document.title = `${session.name} · Show & Tell`;
  }
  show();

  const publisher = new Publisher({ session, page: 'teach' });
  /** Used for every answer. @type {import('../play/publisher.js').Seen} */
  const seen = { result: null, at: 0 };

  const loop = new LiveLoop({
    engine, recorder,
    source: () => eyes.source,
    wishes: () => ({ mirror: session.settings.mirror, top: page.hood.open && !!page.backbone?.has_top, embedding: page.hood.open, compare: trainings.classifiers.comparing }),
    onLook: (look, fps, now, takenAt) => {
      if (look.ms) page.hood.show(look, fps, now);
      const { result } = look;
      const answers = [page.tell.live, page.pocket];
      // The quick learner needs two classes to tell apart; one that was trained has had them.
      if (!result || (!result.by && taughtClasses < 2)) {
        for (const answer of answers) if (answer?.winner) answer.clear();
        shares.reset();
        seen.result = null;
        return;
      }
      seen.result = result;
      seen.at = takenAt;
      publisher.see(seen);
      if (result.value !== null) {
        for (const answer of answers) answer?.showValue(result.value, now);
        trainings.classifiers.tell(look, null, !!eyes.source.still, now);
        return;
      }
      // A picture that stands still is looked at once: there is nothing to smooth.
      if (eyes.source.still) shares.reset();
      const smooth = shares.push(result, now);
      for (const answer of answers) answer?.show(smooth, result, now);
      trainings.classifiers.tell(look, smooth, !!eyes.source.still, now);
    },
    onError: complain,
  });

  followChanges();
  followEngine();
  answerPage();
  listen({
    press: (digit) => hold(session.classes[digit - 1]?.id),
    release: (digit) => recorder.stop(session.classes[digit - 1]?.id),
    undo: () => undo(), redo: () => redo(), save: () => save(),
  });

  // The disk lags behind by some milliseconds: whoever leaves in just these is asked, and meanwhile it is done.
  window.addEventListener('beforeunload', (event) => {
    const { stored, dirty } = session.status;
    if (dirty && !stored) event.preventDefault();
  });

  function followChanges() {
    session.addEventListener('change', (/** @type {any} */ event) => {
      const { kind, ids = [] } = event.detail;
      if (kind === 'samples-removed') ids.forEach((/** @type {string} */ id) => cache.forget(id));
      if (kind === 'settings' || kind === 'reset') shares.setSmoothing(session.settings.smoothing_ms);
      if (kind === 'classes' || kind === 'reset') shares.reset();
      if (!session.classes.some((/** @type {any} */ c) => c.id === recorder.classId)) recorder.end();
      if (kind === 'backbone' || kind === 'reset') backbones.follow().catch(complain);
      // After the engine has taken the change in, a picture that stands still is asked about again.
      binding.then(() => eyes.source.touch());
      page.viewer.refresh();
      hintsSoon();
      show();
    });
    session.addEventListener('status', show);
    recorder.addEventListener('change', show);
    recorder.addEventListener('sample', () => {
      page.show.blink();
      if (eyes.kind === 'file') eyes.source.go(eyes.source.at + 1);
      show();
    });
    binding.addEventListener('error', (/** @type {any} */ e) => complain(e.detail));
  }

  function followEngine() {
    engine.addEventListener('progress', (/** @type {any} */ e) => {
      page.loading = { text: openingText(e.detail.phase), fraction: e.detail.fraction };
    });
    engine.addEventListener('error', (/** @type {any} */ e) => complain(e.detail ?? e.error));
    /** @type {any} */
    let latest = null;
    let shown = -1e9;
    engine.addEventListener('evaluation', (/** @type {any} */ e) => {
      // While examples stream in there is a new evaluation with each: four a second are plenty.
      const waiting = latest !== null;
      latest = e.detail;
      if (waiting) return;
      setTimeout(() => {
        shown = performance.now();
        page.evaluation = latest.n ? latest : null;
        latest = null;
        page.viewer.refresh();
        hintsSoon();
      }, Math.max(0, shown + 250 - performance.now()));
    });
  }

  /** Hints go through all samples: once a second is plenty, also while pictures stream in. */
  function hintsSoon() {
    hinting ||= window.setTimeout(() => {
      hinting = 0;
      updateHints();
    }, 1000);
  }

  function updateHints() {
    const counts = new Map(session.classes.map((/** @type {any} */ c) => [c.id, session.samplesOf(c.id).length]));
    const qualities = new Map();
    for (const { id, classId, quality } of session.samples.values()) if (quality) qualities.set(id, { classId, quality });
    page.hints = hints(session.classes, counts, page.evaluation, qualities);
  }

  /** @param {string|undefined} classId */
  function hold(classId) {
    if (!classId || page.loading || !engine.backbone) return;
    if (eyes.kind === 'camera' && eyes.camera.state === 'paused') eyes.camera.resume();
    else if (!eyes.source.ready && !(eyes.kind === 'camera' && eyes.camera.state === 'starting')) {
      notify({ text: eyes.kind === 'camera' ? 'There is no camera picture to record. Choose pictures, a video or draw instead.' : 'Choose a file to look at first.' });
      return;
    }
    recorder.start(classId, eyes.source.still);
  }

  function undo() {
    const what = session.undo();
    notify(what ? { text: `Undone: ${what}`, action: { label: 'Redo', run: redo }, seconds: 4 } : { text: 'Nothing to undo.', seconds: 2 });
  }

  /** @param {string} text says what was just done */
  function offerUndo(text) {
    const mine = session.undoLabel;
    // Once something else was done, undo would take that back instead.
    notify({ text, action: { label: 'Undo', run: () => (session.undoLabel === mine ? session.undo() : notify({ text: 'Other changes came after it: press undo until it is back.' })) } });
  }

  function redo() {
    const what = session.redo();
    notify(what ? { text: `Redone: ${what}`, seconds: 3 } : { text: 'Nothing to redo.', seconds: 2 });
  }

  /** @returns {Promise<boolean>} true if all is saved */
  async function save() {
    if (session.status.saving) return false;
    saving = new AbortController();
    try {
      return await session.save({ signal: saving.signal });
    } catch (error) {
      complain(error);
      return false;
    } finally {
      saving = null;
    }
  }

  /** @param {string} format */
  async function exportAs(format) {
    if (session.status.where === 'local' || session.status.dirty) {
      if (!(await save())) return;
    }
    const link = document.createElement('a');
    link.href = api.exportUrl(session.id, format);
    link.download = '';
    link.click();
  }

  /**
   * What the viewer shows of samples.
   * @param {string[]} ids
   */
  function entries(ids) {
    const classes = new Map(session.classes.map((/** @type {any} */ c) => [c.id, c]));
    /** @type {Map<string, any>} */
    const judged = new Map((page.evaluation?.items ?? []).map((/** @type {any} */ item) => [item.id, item]));
    return ids.filter((id) => session.samples.has(id)).map((id) => {
      const { classId, source, createdAt } = session.samples.get(id);
      const { taught, answered } = judged.get(id) ?? {};
      const note = taught === answered ? '' : `taken for ${classes.get(answered)?.label ?? 'another'}`;
      const about = `From ${source === 'camera' || source === 'video' ? 'the' : 'a'} ${source}, ${ago(createdAt)}`;
      return { id, color: classes.get(classId)?.color ?? '#777777', note, about };
    });
  }

  function answerPage() {
    const label = (/** @type {string} */ id) => session.classes.find((/** @type {any} */ c) => c.id === id)?.label ?? '';
    const viewClass = ({ id = '', at = undefined }) => page.viewer.show({ title: label(id), at, list: () => entries(session.samplesOf(id).map((/** @type {any} */ s) => s.id).reverse()) });
    const setDropped = (/** @type {any[]|null} */ answers) => {
      page.dropped?.forEach((/** @type {any} */ a) => URL.revokeObjectURL(a.url));
      page.dropped = answers?.length ? answers : null;
    };
    /** @type {Record<string, (detail: any) => any>} */
    const answers = {
      'hold-start': hold,
      'hold-stop': (id) => recorder.stop(id),
      'hold-number': (value) => hold(classOfNumber(session, value)),
      'release-number': () => recorder.classId && recorder.stop(recorder.classId),
      'add-class': async () => {
        session.addClass();
        await page.updateComplete;
        const added = /** @type {any} */ ([...page.querySelectorAll('st-class')].at(-1));
        await added.updateComplete;
        const name = added.querySelector('st-name');
        await name.updateComplete;
        name.input.focus();
        name.input.select();
      },
      'rename-class': ({ id, label: to }) => session.renameClass(id, to),
      'recolor-class': ({ id, color }) => session.recolorClass(id, color),
      'delete-class': (id) => {
        const [name, n] = [label(id), session.samplesOf(id).length];
        session.deleteClass(id);
        offerUndo(`${name} and its ${count(n, 'picture')} are deleted.`);
      },
      'class-files': ({ id, files }) => addFiles({ engine, session, remember, classId: id, files }),
      'view-class': viewClass,
      'view-sample': (id) => viewClass({ id: session.samples.get(id)?.classId, at: id }),
      'view-cell': ({ taught, answered }) => page.viewer.show({
        title: taught === answered ? `${label(taught)}, told right` : `${label(taught)} taken for ${label(answered)}`,
        hint: taught === answered ? 'These were recognised when taken out.' : `You taught these as ${label(taught)}. If one is not, move it; if it is no good, delete it.`,
        list: () => entries((page.evaluation?.items ?? []).filter((/** @type {any} */ i) => i.taught === taught && i.answered === answered).map((/** @type {any} */ i) => i.id)),
      }),
      'fix-hint': (hint) => {
        if (hint.sampleIds?.length) return page.viewer.show({ title: 'Have a look at these', hint: hint.text, list: () => entries(hint.sampleIds) });
        const card = page.querySelector(`[data-testid=class-card][data-id="${hint.classIds[0]}"] .hold`);
        card?.scrollIntoView({ block: 'center', behavior: 'smooth' });
        return /** @type {HTMLElement|null} */ (card)?.focus();
      },
      'delete-samples': (ids) => {
        session.deleteSamples(ids);
        offerUndo(`${count(ids.length, 'picture')} deleted.`);
      },
      'move-samples': ({ ids, classId }) => session.moveSamples(ids, classId),
      'set-settings': (patch) => session.setSettings(patch),
      'tell-files': async (files) => setDropped(await askAbout(engine, files, (result) => shares.raw(result))),
      'dismiss-files': () => setDropped(null),
      'choose-source': async (kind) => {
        recorder.end();
        // What it said of the other source is not true of this one.
        for (const answer of [page.tell.live, page.pocket]) answer?.clear();
        page.hood.rest();
        await eyes.use(kind);
      },
      'open-files': (files) => eyes.open(files),
      'choose-camera': (id) => eyes.choose(id),
      'flip-camera': () => eyes.flip(),
      'pause-camera': () => eyes.toggle(),
      'set-mirror': (mirror) => session.setSettings({ mirror }),
      retry: () => eyes.start(),
      ...backbones.answers,
      ...trainings.answers,
      ...together.answers,
      'rename-project': (name) => session.rename(name),
      undo, redo, save,
      'cancel-save': () => saving?.abort(),
      export: exportAs,
      resolve: async (choice) => {
        const id = await session.resolveConflict(choice);
        if (id !== session.id) notify({ text: 'Yours is now a project of its own.', seconds: 20, action: { label: 'Open it', run: () => { location.href = `/teach/${id}`; } } });
      },
    };
    for (const [name, answer] of Object.entries(answers)) {
      page.addEventListener(name, (event) => {
        // At once, not in a later turn: a browser empties a drop when its handler returns.
        new Promise((resolve) => resolve(answer(/** @type {CustomEvent} */ (event).detail))).then(show, complain);
      });
    }
    // A picture dropped beside its target must not make the browser leave the page.
    for (const type of ['dragover', 'drop']) window.addEventListener(type, (event) => event.preventDefault());
  }

  loop.start();
  eyes.start().catch(complain);
  await backbones.start();
  updateHints();
  await trainings.start();
}

try {
  await run(await openSession());
} catch (error) {
  console.error(error);
  page.loading = null;
  page.problem = error;
}
