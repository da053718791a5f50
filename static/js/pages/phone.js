import { Api, ApiError, NetworkError } from '../net/api.js';
import { actAs } from '../net/transport.js';
import { ask } from '../components/dialogs.js';
import { inWords } from '../components/element.js';
import { MemoryDatabase } from '../store/memory_database.js';
import { Recogniser } from '../recognition/recogniser.js';
import { Wakeful } from './machine_watch.js';
import { PhoneClient } from './phone_line.js';
import { TeachAlong } from './phone_teaching.js';
import { Shares } from './shares.js';
import './phone_page.js';

/** What this phone remembers: that it was let in, and its person's name. */
const LET_IN = 'showtell.phone';
const NAME = 'showtell.phone.name';
/** Scores in one message, the best ones. */
const MOST_SCORES = 50;
/** Words change only this often (ms), to stay legible. */
const TEXT_EVERY = 160;

const page = /** @type {import('./phone_page.js').PhonePage} */ (document.querySelector('st-phone-page'));
const api = new Api();

/** @param {string} key */
function remembered(key) {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} key @param {string} value */
function remember(key, value) {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {
    // Then it is asked for again.
  }
}

/** Whether the server knows this phone. @returns {Promise<(import('../net/api.js').WirePhone & {project: string})|null>} */
async function known() {
  try {
    return await api.ownPhone();
  } catch (error) {
    if (error instanceof ApiError && [401, 403, 404].includes(error.status)) return null;
    throw error;
  }
}

/** Ask for the name, and for the code where none was scanned. */
function askToJoin(code = '', problem = '') {
  Object.assign(page, { step: 'join', code, person: remembered(NAME), problem, busy: false });
}

/** @param {{code: string, name: string}} wish */
async function join({ code, name }) {
  Object.assign(page, { busy: true, problem: '', code, person: name });
  try {
    const phone = await api.claimPhone({ token: code, name });
    remember(NAME, name);
    remember(LET_IN, phone.id);
    // The code is used up: it need not stay in the address.
    history.replaceState(null, '', location.pathname);
    await run(phone);
  } catch (error) {
    askToJoin(code, inWords(error));
  }
}

/** @param {import('../net/api.js').WirePhone & {project: string}} phone */
async function run(phone) {
  actAs(phone.id);
  Object.assign(page, { step: 'ready', phone, problem: '', busy: false, loading: { text: 'Fetching what it was taught', fraction: 0 } });
  /** @type {Recogniser|null} */
  let recogniser = null;
  const line = new PhoneClient({
    looking: () => recogniser?.eyes.camera.state === 'running' && !document.hidden,
    isLetIn: async () => (await known()) !== null,
  });
  line.addEventListener('state', () => {
    page.line = line.state;
    if (line.state === 'removed') {
      remember(LET_IN, '');
      void recogniser?.close();
    }
  });
  line.addEventListener('shown', () => (page.shown = line.shown));
  line.addEventListener('trip', () => (page.trip = line.rtt_ms));
  void new Wakeful().start();
  try {
    recogniser = await Recogniser.open(phone.project_id, { api, database: new MemoryDatabase(), live: true });
  } catch (error) {
    page.loading = null;
    page.fault = error instanceof NetworkError ? 'The computer does not answer. Are both in the same Wi-Fi?' : inWords(error);
    return;
  }
  await look(phone, line, recogniser);
}

/**
 * Let the camera look, and tell the big screen what it sees.
 * @param {import('../net/api.js').WirePhone} phone @param {PhoneClient} line @param {Recogniser} recogniser
 */
async function look(phone, line, recogniser) {
  const { session, eyes } = recogniser;
  const shares = new Shares(session.settings.smoothing_ms);
  const along = phone.role === 'teacher' ? new TeachAlong({ api, projectId: session.id, classes: () => session.classes, has: (id) => session.samples.has(id) }) : null;
  if (along) {
    recogniser.recorder.session = along;
    along.addEventListener('change', show);
    along.addEventListener('refused', (/** @type {any} */ event) => page.say(inWords(event.detail)));
  }

  function show() {
    const { mirror } = session.settings;
    const counted = (/** @type {import('./phone_teaching.js').ClassInfo} */ item) => {
      const { all, unseen } = along?.countOf(item.id) ?? { all: 0, unseen: 0 };
      return { ...item, mine: all, count: session.samplesOf(item.id).length + unseen };
    };
    Object.assign(page, {
      along, source: eyes.source, camera: eyes.camera, canFlip: eyes.devices.length > 1 || matchMedia('(pointer: coarse)').matches,
      // What lies behind the phone is no mirror image; what is looked at is turned as the examples were.
      mirrored: mirror && facing() === 'user', classes: session.classes.map(counted),
      canTell: recogniser.canTell, recording: recogniser.recorder.classId,
    });
    page.requestUpdate();
  }

  /** Which way the camera looks. */
  function facing() {
    return eyes.devices.find(({ id }) => id === eyes.camera.deviceId)?.facing ?? eyes.facing;
  }

  recogniser.addEventListener('change', () => (along ? along.settle() : show()));
  recogniser.addEventListener('sample', () => page.blink());
  recogniser.addEventListener('progress', (/** @type {any} */ event) => {
    page.loading = event.detail.fraction < 1 ? event.detail : null;
  });
  recogniser.addEventListener('error', (/** @type {any} */ event) => page.say(inWords(event.detail)));

  let writtenAt = -Infinity;
  recogniser.onSeen((seen) => {
    const { result, at, done } = seen;
    line.see({ ...scoresOf(result, recogniser.classes), age_ms: Math.min(60_000, Math.max(0, performance.now() - at)) });
    if (done - writtenAt < TEXT_EVERY && result) return;
    writtenAt = done;
    if (result) page.tell(shares.push(result, done), result.unknown);
    else page.tell(null, false);
  });

  page.answers = {
    'flip-camera': () => eyes.flip(),
    'retry-camera': () => eyes.start(),
    'hold-start': (classId) => {
      if (eyes.camera.state === 'running' && recogniser.engine.backbone) recogniser.recorder.start(classId, false);
    },
    'hold-stop': (classId) => recogniser.recorder.stop(classId),
    'undo-burst': async () => {
      const gone = await along?.undo().catch((error) => page.say(inWords(error)));
      if (gone) page.say(`${gone.count} of ${gone.label} taken back.`);
    },
    leave: async () => {
      const sure = await ask({ title: 'Leave the project?', text: 'To come back you need a new code from the big screen.', choices: [{ value: 'leave', label: 'Leave', kind: 'primary', testid: 'sure-leave' }] });
      if (!sure) return;
      await along?.flush();
      await api.removePhone(phone.id).catch((error) => page.say(inWords(error)));
    },
  };
  show();
  try {
    // One shows things to the camera behind; gestures are seen by the one in front.
    await recogniser.start({ facing: phone.role === 'teacher' ? 'environment' : 'user' });
    page.loading = null;
    show();
  } catch (error) {
    page.loading = null;
    page.fault = inWords(error);
  }
}

/**
 * What a message says of an answer: the best classes with what their bars show.
 * @param {import('../core/knn.js').Result|null} result
 * @param {{id: string}[]} classes
 */
function scoresOf(result, classes) {
  /** @type {[string, number][]} */
  let scores = [];
  if (!result || result.value !== null) return { scores, none: 0, unknown: false };
  for (let i = 0; i < result.shown.length && i < classes.length; i += 1) scores.push([classes[i].id, Math.min(1, Math.max(0, result.shown[i]))]);
  if (scores.length > MOST_SCORES) scores = scores.sort((a, b) => b[1] - a[1]).slice(0, MOST_SCORES);
  return { scores, none: Math.min(1, Math.max(0, result.none)), unknown: result.unknown };
}

/** The code in the address, from the QR code. */
const scanned = () => location.hash.slice(1);

async function begin() {
  const code = scanned();
  if (code) {
    askToJoin(code);
    return;
  }
  if (!remembered(LET_IN)) {
    askToJoin();
    return;
  }
  try {
    const phone = await known();
    if (phone) await run(phone);
    else askToJoin('', 'This phone is not let in any more. Scan the code that the big screen shows.');
  } catch {
    Object.assign(page, { step: 'away' });
    setTimeout(() => void begin(), 2000);
  }
}

page.addEventListener('join', (/** @type {any} */ event) => void join(event.detail));
page.addEventListener('again', () => location.reload());
// Another code scanned while the page is open changes only the part behind the #.
addEventListener('hashchange', () => scanned() && location.reload());
void begin();
