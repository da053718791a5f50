import { CameraController } from '../control/camera.js';
import { matchClasses } from '../core/classifiers.js';
import { seeded } from '../core/random.js';
import { about, NAMES } from '../games/table.js';
import { notify } from '../components/notices.js';
import { inWords } from '../components/element.js';
import { Calibrating, proposeBeside } from '../play/calibrating.js';
import { Cues } from '../play/cues.js';
import { Publisher } from '../play/publisher.js';
import { Recogniser } from '../recognition/recogniser.js';
import { bindingFor, rememberProject, withBinding, withCalibration, withControl, withoutControl } from '../play/settings.js';
import { GuidedTeaching, lessonsFor } from '../play/teaching.js';
import { meansNothing } from '../play/words.js';
import { viewOf } from './control_view.js';
import '../components/control_page.js';

const page = /** @type {import('../components/control_page.js').ControlPage} */ (document.querySelector('st-control'));
const asked = new URLSearchParams(location.search);
const complain = (/** @type {any} */ error) => {
  if (error?.name !== 'AbortError') notify({ kind: 'bad', text: inWords(error) });
};

/** @param {Recogniser} recogniser @param {import('../games/table.js').GameAbout[]} games */
function run(recogniser, games) {
  const { session, recorder, eyes } = recogniser;
  const cues = new Cues();
  let game = games.find(({ name }) => name === asked.get('game')) ?? games[0];
  let fps = 0;
  /** @type {CameraController|null} */
  let controller = null;
  /** Which actions the controller knows. */
  let knows = '';

  /** Hand the state to the page, and the binding to the controller. */
  function show() {
    const view = viewOf(session, game, fps);
    const actions = view.scheme.actions.map(({ id }) => id);
    if (!controller || knows !== actions.join()) {
      controller?.stop();
      controller = new CameraController({ recogniser, actions, map: view.map, control: view.control });
      knows = actions.join();
      if (recogniser.ready) controller.start();
    } else {
      controller.setMap(view.map);
    }
    if (JSON.stringify(view.control) !== JSON.stringify(page.control)) controller.setControl(view.control);
    Object.assign(page, view, { controller, version: page.version + 1, taken: recorder.taken });
    page.requestUpdate();
    document.title = `Controls · ${session.name} · Show & Tell`;
  }

  // What is asked moves with the frames that are drawn, also while the camera gives none.
  const tick = (/** @type {number} */ now) => {
    requestAnimationFrame(tick);
    page.teaching?.tick(now);
    page.calibrating?.tick(now);
  };
  requestAnimationFrame(tick);

  recogniser.addEventListener('change', show);
  recogniser.addEventListener('sample', show);
  recogniser.addEventListener('progress', (/** @type {any} */ e) => { page.loading = e.detail; });
  recogniser.addEventListener('ready', () => {
    page.loading = null;
    controller?.start();
  });
  recogniser.addEventListener('error', (/** @type {any} */ e) => complain(e.detail));
  const publisher = new Publisher({ recogniser, page: 'control' });
  const about = { action: /** @type {string|null} */ (null) };
  /** After the controller has dealt with the picture too, whoever hears of it first. */
  const publish = () => {
    about.action = controller?.active ?? null;
    publisher.see(recogniser.seen, about);
  };
  // To a whole picture a second, and only when it has settled: the delays would tremble.
  recogniser.onSeen((seen) => {
    queueMicrotask(publish);
    if (Math.abs(seen.fps - fps) > 3) {
      fps = Math.round(seen.fps);
      show();
    }
  });

  /** @param {import('../play/teaching.js').Lesson[]} lessons */
  function teach(lessons) {
    stopAll();
    cues.wake();
    answerQuickly(lessons).catch(complain);
    const teaching = new GuidedTeaching({ recogniser, lessons, times: page.pace.teaching });
    teaching.addEventListener('change', show);
    teaching.addEventListener('cue', (/** @type {any} */ e) => cues.play(e.detail));
    Object.assign(page, { teaching, result: null, proposal: null });
    teaching.start(performance.now());
    page.see.scrollIntoView({ block: 'nearest' });
  }

  /** A classifier that was trained before does not know what is taught now. @param {import('../play/teaching.js').Lesson[]} lessons */
  async function answerQuickly(lessons) {
    const { classifier } = recogniser.engine;
    if (!classifier) return;
    const known = matchClasses(classifier.classes, session.classes);
    const strange = lessons.find(({ classId }) => !known.includes(classId));
    if (!strange) return;
    const name = recogniser.classifierName;
    await recogniser.useClassifier(null);
    notify({ text: `${name} was trained without ${strange.title}: the quick learner answers now. Train again in the teach page when all is taught.`, seconds: 15 });
  }

  function stopAll() {
    page.teaching?.stop();
    page.calibrating?.cancel();
    page.calibrating = null;
  }

  function calibrate() {
    stopAll();
    cues.wake();
    const { scheme, map, control } = page;
    if (!controller || !scheme) return;
    const seed = crypto.getRandomValues(new Uint32Array(1))[0];
    const calibrating = new Calibrating({ recogniser, controller, actions: scheme.actions, map, control, random: seeded(seed), times: page.pace.times });
    calibrating.addEventListener('change', () => {
      cues.play('start');
      show();
    });
    calibrating.addEventListener('done', () => measured(calibrating).catch(complain));
    calibrating.addEventListener('lost', () => {
      page.calibrating = null;
      notify({ text: 'The camera’s picture went away, so nothing was measured.', action: { label: 'Measure again', run: calibrate } });
    });
    Object.assign(page, { teaching: null, calibrating, result: null, proposal: null, isUsed: false });
    calibrating.start(performance.now());
    page.see.scrollIntoView({ block: 'nearest' });
  }

  /** @param {Calibrating} calibrating */
  async function measured(calibrating) {
    const { round } = calibrating;
    const result = round.result();
    cues.play('done');
    Object.assign(page, { calibrating: null, result });
    const { accuracy, interval, median_ms, p95_ms } = result;
    session.setSettings(withCalibration(session.settings, { at: new Date().toISOString(), game: game.name, accuracy: accuracy ?? 0, interval, median_ms, p95_ms }), { label: 'Keep what was measured', key: null });
    await page.updateComplete;
    page.querySelector('[data-testid=part-calibrate]')?.scrollIntoView({ block: 'nearest' });
    page.proposal = await proposeBeside(round.samples, round.control);
  }

  /** @param {any} patch */
  const setControl = (patch) => {
    const merged = patch.thresholds ? { ...patch, thresholds: { ...page.control.thresholds, ...patch.thresholds } } : patch;
    session.setSettings(withControl(session.settings, merged));
  };

  /** @type {Record<string, (detail: any) => any>} */
  const answers = {
    'choose-game': (name) => {
      stopAll();
      game = games.find((other) => other.name === name) ?? game;
      history.replaceState(null, '', `?game=${game.name}`);
      Object.assign(page, { result: null, proposal: null, teaching: null });
    },
    'choose-scheme': (id) => {
      stopAll();
      const scheme = game.schemes.find((other) => other.id === id);
      if (!scheme) return;
      // What fits of the binding before is kept; what is new is proposed.
      session.setSettings(withBinding(session.settings, game.name, id, bindingFor(session.settings, game.name, scheme, session.classes)), { label: `Play with ${scheme.title}`, key: null });
      Object.assign(page, { result: null, proposal: null, teaching: null });
    },
    bind: ({ classId, action }) => {
      const { label } = session.classes.find(({ id }) => id === classId) ?? {};
      const step = { label: `Bind ${label} to ${page.scheme?.actions.find(({ id }) => id === action)?.title ?? 'Nothing'}`, key: null };
      if (page.scheme) session.setSettings(withBinding(session.settings, game.name, page.scheme.id, { ...page.map, [classId]: action }), step);
    },
    'set-control': setControl,
    'reset-control': () => session.setSettings(withoutControl(session.settings), { label: 'Start values', key: null }),
    teach: () => {
      if (!page.scheme) return;
      const { lessons, map } = lessonsFor(session, page.scheme.actions, page.map, meansNothing);
      session.setSettings(withBinding(session.settings, game.name, page.scheme.id, map), { label: 'Bind the moves', key: null });
      teach(lessons);
    },
    'record-more': (classId) => {
      const { label } = session.classes.find(({ id }) => id === classId) ?? {};
      const action = page.scheme?.actions.find(({ id }) => id === page.map[classId]);
      if (label) teach([{ classId, action: action?.id ?? null, title: label, icon: action?.icon ?? '' }]);
    },
    'teach-nothing': () => {
      const { lessons, map } = lessonsFor(session, [], page.map, meansNothing);
      if (page.scheme) session.setSettings(withBinding(session.settings, game.name, page.scheme.id, map), { label: 'Bind nothing', key: null });
      teach(lessons);
    },
    'teach-again': () => page.teaching?.again(performance.now()),
    'teach-stop': () => page.teaching?.stop(),
    calibrate,
    'calibrate-cancel': stopAll,
    'use-values': () => {
      if (!page.proposal) return;
      session.setSettings(withControl(session.settings, page.proposal.control), { label: 'Use better values', key: null });
      page.isUsed = true;
      notify({ text: 'Measure again to see what they do.', action: { label: 'Measure', run: calibrate } });
    },
    undo: () => session.undo(),
    redo: () => session.redo(),
    'choose-binding': () => /** @type {HTMLElement|null} */ (page.querySelector('[data-testid=bind-select]'))?.focus(),
    'set-sound': (on) => {
      cues.muted = !on;
      page.sound = on;
    },
    'open-teach': () => leave(`/teach/${session.id}`),
    'go-play': (href) => leave(href),
    retry: () => eyes.start(),
    'choose-source': () => leave(`/teach/${session.id}`),
  };
  for (const [name, answer] of Object.entries(answers)) {
    page.addEventListener(name, (event) => {
      new Promise((resolve) => resolve(answer(/** @type {CustomEvent} */ (event).detail))).then(show, complain);
    });
  }

  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === 's') {
      event.preventDefault();
      void session.save().then((saved) => notify(saved ? { text: 'Saved.', seconds: 2 } : { kind: 'bad', text: inWords(session.status.problem) || 'It could not be saved. Open it in the teach page.' }));
      return;
    }
    const turn = key === 'y' || (key === 'z' && event.shiftKey) ? 'redo' : key === 'z' ? 'undo' : null;
    if (!turn) return;
    event.preventDefault();
    session[turn]();
  });
  // What nobody looks at is not answered either.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && page.calibrating) stopAll();
    show();
  });
  session.addEventListener('status', show);

  /** @param {string} href */
  async function leave(href) {
    stopAll();
    // Unsaved things stay in memory where the disk refuses: then the person is told, and may go on.
    await session.flush().catch(complain);
    location.href = href;
  }

  page.recogniser = recogniser;
  page.sound = !cues.muted;
  page.loading = { text: 'Opening its eyes', fraction: 0 };
  show();
}

try {
  const [recogniser, ...games] = await Promise.all([Recogniser.open(page.dataset.project ?? ''), ...NAMES.map(about)]);
  page.games = games;
  rememberProject(recogniser.session.id);
  run(recogniser, games);
  await recogniser.start();
} catch (error) {
  console.error(error);
  page.problem = error;
}
