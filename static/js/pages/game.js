import { calm } from '../components/element.js';
import { isDark } from '../components/theme.js';
import { NAMES, about, load } from '../games/table.js';
import { Sound } from '../games/shell/sound.js';
import { Stage } from '../games/shell/stage.js';
import { check } from '../control/recording.js';
import { Synth } from '../outputs/synth.js';
import { Wakeful } from './machine_watch.js';
import { Scores } from '../play/scores.js';
import { GamePlay } from './game_play.js';
import { GameProject } from './game_project.js';
import './game_page.js';

const page = /** @type {import('./game_page.js').GamePage} */ (document.querySelector('st-game'));
const name = page.dataset.game ?? location.pathname.split('/').filter(Boolean).pop() ?? '';

/** A phone hears of a new score within (ms). */
const TELL_PHONES = 500;

/** localStorage, where it is allowed. */
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

async function open() {
  const [game, project] = await Promise.all([load(name), GameProject.open(new URLSearchParams(location.search).get('project'))]);
  const { GAME } = game;
  document.title = `${GAME.title} · Show & Tell`;
  /** @type {import('../games/table.js').View} */
  const view = { width: GAME.field.width, height: GAME.field.height, alpha: 0, time: 0, calm: calm(), dark: isDark(), players: [{ name: '', action: null }] };
  const sound = new Sound({ synth: new Synth(), sounds: game.SOUNDS, music: game.MUSIC, storage: storage() });
  const scores = new Scores({ projectId: project?.id ?? null, storage: storage(), saved: () => project?.isSaved ?? false });
  const play = new GamePlay({ name, game, project, sound, scores, view });
  page.play = play;
  await page.updateComplete;

  followLooks(view);
  play.element = page.need('.game-field');
  play.element.style.setProperty('--field', String(GAME.field.width / GAME.field.height));
  play.stage = new Stage(/** @type {HTMLCanvasElement} */ (page.need('canvas')), GAME.field);
  play.measure.start();
  play.addEventListener('change', () => redraw());
  play.drawn = (now) => page.show(now);
  project?.addEventListener('change', () => redraw());
  stayAwake(play);
  answerPage(play);
  play.round.loop.start();
  play.prepare();
  followPhones(play);
  scores.sync(name).then(() => redraw(), () => {});
  void titles();
  for (const type of ['gamepadconnected', 'gamepaddisconnected']) window.addEventListener(type, redraw);
  window.addEventListener('blur', () => play.pause('You looked away from this window.'));
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) play.pause('You were elsewhere.');
  });
  // A page that comes back from the browser's store has given its connections away.
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
  window.addEventListener('pagehide', () => {
    play.release();
    sound.synth.stop();
    project?.phones?.close();
    project?.told?.close();
  });
  tell(play);
}

/** Lit draws once for any number of calls in one turn. */
function redraw() {
  page.requestUpdate();
  for (const part of page.querySelectorAll('st-game-start, st-game-side')) /** @type {any} */ (part).requestUpdate();
}

/** Light or dark, calm or not: asked once, followed from then on, never looked up in the loop. @param {import('../games/table.js').View} view */
function followLooks(view) {
  const look = () => Object.assign(view, { dark: isDark(), calm: calm() });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', look);
  matchMedia('(prefers-reduced-motion: reduce)').addEventListener('change', look);
  new MutationObserver(look).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
}

/** A game by camera touches neither keys nor screen, which would go dark. @param {GamePlay} play */
function stayAwake(play) {
  const wakeful = new Wakeful();
  play.addEventListener('change', () => {
    const wanted = play.phase === 'play' || play.phase === 'count';
    if (wanted !== wakeful.wanted) void (wanted ? wakeful.start() : wakeful.stop());
  });
}

/** Phones may play, and show how it goes. @param {GamePlay} play */
function followPhones(play) {
  if (!play.project) return;
  const phones = play.project.hearPhones((links) => play.takePhones(links));
  const states = /** @type {const} */ ({ idle: 'idle', count: 'playing', play: 'playing', paused: 'paused', over: 'over' });
  let told = '';
  const show = () => {
    if (!phones.links.length) return;
    const { match, why } = play.round;
    const score = match ? match.state.scores[0] : null;
    if (told === `${play.phase} ${score}`) return;
    told = `${play.phase} ${score}`;
    phones.show({ state: states[play.phase], title: play.game.GAME.title, text: why, score });
  };
  play.addEventListener('change', show);
  // The score moves with every step of some games: a phone need not know each.
  const timer = setInterval(show, TELL_PHONES);
  window.addEventListener('pagehide', () => clearInterval(timer));
}

/** The dialog with the code that lets a phone in, opened when it is asked for. @param {GamePlay} play */
async function letPhonesIn({ project }) {
  if (!project?.phones || document.querySelector('st-phones')) return;
  await import('../components/phone_dialog.js');
  const dialog = /** @type {import('../components/phone_dialog.js').PhonesDialog} */ (document.createElement('st-phones'));
  Object.assign(dialog, { phones: project.phones, session: project.session });
  document.body.append(dialog);
  dialog.addEventListener('phones-closed', () => dialog.remove());
  await dialog.updateComplete;
  await dialog.show({ role: 'player' });
}

/** Do what the start screen asks for. @param {GamePlay} play */
function answerPage(play) {
  /** @type {Record<string, (detail: any) => void>} */
  const answers = {
    begin: () => play.begin('play'),
    watch: () => play.begin('watch'),
    seat: ({ player, value }) => {
      play.seats[player] = value;
      play.prepare();
    },
    players: (n) => {
      play.players = n;
      if (n > 1 && play.seats[0] === play.seats[1] && play.seats[0] === 'camera') play.seats[1] = 'keyboard';
      play.prepare();
    },
    scheme: (id) => {
      play.choose(play.game.GAME.schemes.find((scheme) => scheme.id === id) ?? play.scheme);
      play.prepare();
    },
    level: (n) => {
      play.level = n;
    },
    name: (text) => play.call(text),
    volume: ({ value, done }) => {
      play.sound.volume = value;
      redraw();
      // What it is like is heard when the slider is let go.
      if (done) void play.sound.wake().then(() => play.sound.synth.play([{ instrument: 'marimba', note: 72, at: 0, duration: 0.3, gain: 0.8 }]));
    },
    'retry-camera': () => play.project?.wake(),
    'add-phone': () => void letPhonesIn(play),
    'remove-score': (id) => {
      void play.scores.remove(id);
      redraw();
    },
  };
  for (const [type, answer] of Object.entries(answers)) page.addEventListener(type, (event) => answer(/** @type {CustomEvent} */ (event).detail));
}

/** The titles of the other games; one that is not there is left out. */
async function titles() {
  const found = await Promise.allSettled(NAMES.filter((other) => other !== name).map(about));
  page.others = found.flatMap((each) => (each.status === 'fulfilled' ? [{ name: each.value.name, title: each.value.title }] : []));
}

/** For tests, measurements and the curious. @param {GamePlay} play */
function tell(play) {
  Object.assign(window, {
    showtellGame: {
      state: () => play.round.match?.state ?? null,
      get phase() { return play.phase; },
      get input() { return play.input; },
      get ages() { return play.ages; },
      get measure() { return play.measure; },
      get fps() { return play.round.loop.fps; },
      get frames() { return play.round.loop.frames; },
      get dropped() { return play.round.loop.dropped; },
      get predictions() { return play.project?.recogniser?.seen.fps ?? 0; },
      get project() { return play.project; },
      play,
      recording: () => play.input.recording(),
      replay: (/** @type {any} */ recording) => play.replayed(check(recording)),
    },
  });
}

open().catch((error) => {
  page.problem = error;
});
