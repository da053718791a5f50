import { announce, inWords } from '../components/element.js';
import { isEmpty, kindsIn, outputsOf } from '../outputs/edit.js';
import { OutputServer } from '../outputs/server.js';
import { Publisher } from '../play/publisher.js';
import { Recogniser } from '../recognition/recogniser.js';
import { CameraKeeper, Wakeful, watchPeople } from './machine_watch.js';
import { openParts } from './output_parts.js';
import './machine_page.js';

const page = /** @type {import('./machine_page.js').MachinePage} */ (document.querySelector('st-machine'));
/** Seconds that a hint stays which nothing takes back. */
const HINT_SECONDS = 8;

/** @param {Recogniser} recogniser */
function run(recogniser) {
  const { session, eyes } = recogniser;
  const { parts, machine, resume } = openParts(session, new OutputServer(session.id), {
    show: (scene) => { page.scene = scene; },
    complain: (error) => hint(inWords(error), true),
  });
  const publisher = new Publisher({ recogniser, page: 'machine' });
  const wakeful = new Wakeful();
  let leaving = 0;
  let stopPeople = () => {};
  let stopSeeing = () => {};

  /** @param {string} text '' takes it back @param {boolean} [passes] */
  function hint(text, passes = false) {
    clearTimeout(leaving);
    page.hint = text;
    if (passes) leaving = window.setTimeout(() => { page.hint = keeper.isLost ? lostText() : ''; }, HINT_SECONDS * 1000);
  }

  const lostText = () => `${eyes.camera.error?.title ?? 'The camera gives no pictures'}. It comes back by itself.`;
  const keeper = new CameraKeeper({
    camera: () => eyes.camera,
    start: () => eyes.start(),
    onLost: () => {
      machine.rest();
      hint(lostText());
    },
    onBack: () => hint(''),
  });

  function show() {
    page.session = session;
    page.taught = recogniser.classifier ? 2 : recogniser.taught;
    page.isEmpty = isEmpty(session.settings, session.classes);
    page.wants = kindsIn(session.settings, session.classes);
    page.picture = eyes.source.element;
    page.requestUpdate();
    document.title = `${session.name} · Show & Tell`;
    if (page.begun) keeper.check();
  }

  async function begin() {
    if (page.begun) return;
    // What needs the press itself comes first, while the browser still counts it. Without a press
    // the sound waits for one: nothing else may wait for the sound.
    void resume();
    void connectPorts();
    page.begun = true;
    page.loading = { text: 'Opening its eyes', fraction: 0 };
    void fullScreen(true);
    void wakeful.start();
    try {
      if (!recogniser.ready) await recogniser.start();
      else await eyes.start();
    } catch (error) {
      page.loading = null;
      hint(inWords(error));
      return;
    }
    page.loading = null;
    // Some browsers let a page sound without a press once its camera runs.
    if (!parts.synth.ready) void resume();
    stopSeeing();
    stopSeeing = recogniser.onSeen((seen) => {
      machine.see(seen);
      publisher.see(seen);
      keeper.saw(seen.done);
    });
    stopPeople();
    stopPeople = watchPeople((awake) => { page.awake = awake; });
    keeper.check();
    announce('The machine runs.');
  }

  async function connectPorts() {
    const first = (/** @type {string} */ kind) => session.classes.flatMap((/** @type {any} */ c) => outputsOf(session.settings, c.id)).find((/** @type {any} */ o) => o.kind === kind);
    const [midi, serial] = [first('midi'), first('serial')];
    const wishes = [];
    if (midi && parts.midi.isHere) wishes.push(parts.midi.connect());
    if (serial && parts.serial.isHere) wishes.push(parts.serial.connect(serial.baud, { ask: false }));
    for (const { reason, status } of /** @type {any[]} */ (await Promise.allSettled(wishes))) if (status === 'rejected') hint(inWords(reason), true);
  }

  /** @param {boolean} on */
  async function fullScreen(on) {
    try {
      if (on && !document.fullscreenElement) await document.documentElement.requestFullscreen({ navigationUI: 'hide' });
      else if (!on && document.fullscreenElement) await document.exitFullscreen();
    } catch {
      // Not every browser, and no frame, may: then it fills the window.
    }
  }

  async function stop() {
    stopSeeing();
    stopPeople();
    machine.rest();
    parts.synth.stop();
    parts.sounds.stop();
    parts.speech.stop();
    eyes.camera.stop();
    page.begun = false;
    page.awake = true;
    hint('');
    await wakeful.stop();
    await fullScreen(false);
  }

  /** @type {Record<string, () => any>} */
  const answers = {
    begin, stop,
    mute: () => {
      page.muted = !page.muted;
      parts.synth.muted = page.muted;
      parts.speech.muted = page.muted;
      if (page.muted) parts.speech.stop();
    },
    'show-camera': () => { page.corner = !page.corner; },
    'full-screen': () => fullScreen(!document.fullscreenElement),
  };
  for (const [name, answer] of Object.entries(answers)) page.addEventListener(name, () => void answer());

  recogniser.addEventListener('change', show);
  recogniser.addEventListener('error', (/** @type {any} */ e) => hint(inWords(e.detail), true));
  recogniser.addEventListener('progress', (/** @type {any} */ e) => {
    if (page.loading) page.loading = { text: e.detail.text, fraction: e.detail.fraction ?? 0 };
  });
  session.addEventListener('change', show);
  eyes.camera.addEventListener('devicechange', () => {
    if (page.begun) keeper.again();
  });
  document.addEventListener('fullscreenchange', () => { page.isFull = !!document.fullscreenElement; });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) machine.rest();
  });
  window.addEventListener('keydown', (event) => {
    if (!page.begun || event.ctrlKey || event.metaKey || event.altKey) return;
    const run = { f: answers['full-screen'], m: answers.mute, c: answers['show-camera'] }[event.key.toLowerCase()];
    if (run) void run();
  });
  window.addEventListener('pagehide', () => {
    keeper.close();
    machine.close();
    parts.midi.close();
    publisher.close();
  });
  // A hidden page sees nothing, and that is no fault of the camera.
  setInterval(() => {
    if (page.begun && !page.loading && !document.hidden) keeper.look(performance.now());
    else keeper.saw(performance.now());
  }, 2000);
  for (const kind of ['pointerdown', 'keydown']) {
    window.addEventListener(kind, () => {
      if (page.begun && !parts.synth.ready) void resume();
    });
  }
  show();
  if (new URLSearchParams(location.search).has('start') && page.taught > 1) void begin();
  Object.assign(window, { showtellMachine: { machine, parts, keeper, recogniser } });
}

try {
  run(await Recogniser.open(page.dataset.project ?? ''));
} catch (error) {
  page.problem = error;
}
