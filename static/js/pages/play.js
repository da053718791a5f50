import { Api } from '../net/api.js';
import { openDatabase } from '../store/database.js';
import { Session } from '../store/session.js';
import { load, NAMES } from '../games/table.js';
import { lastProject, rememberProject } from '../play/settings.js';
import { Scores } from '../play/scores.js';
import { inWords } from '../components/element.js';
import { notify } from '../components/notices.js';
import '../components/play_page.js';

const page = /** @type {import('../components/play_page.js').PlayPage} */ (document.querySelector('st-play'));
const api = new Api();
const complain = (/** @type {any} */ error) => notify({ kind: 'bad', text: inWords(error) });

/** What is asked for in the address counts, then what was played last; the newest one with pictures else. @param {any[]} projects */
function choose(projects) {
  const named = new URLSearchParams(location.search).get('project');
  const wanted = named ?? lastProject();
  const taught = projects.find(({ classes }) => classes.filter((/** @type {any} */ c) => c.count).length > 1);
  return projects.find(({ id }) => id === wanted) ?? (named ? null : taught ?? projects[0] ?? null);
}

async function findProjects() {
  try {
    page.projects = await Session.list({ api, database: await openDatabase() });
  } catch (error) {
    page.problem = error;
    page.projects ??= [];
  }
  await use(choose(page.projects));
}

/** @param {any} project an item of the list, or null for none */
async function use(project) {
  page.chosen = project;
  document.title = project ? `Play · ${project.name} · Show & Tell` : 'Play · Show & Tell';
  readScores(project?.id ?? null);
  page.bound = new Set(await boundGames(project?.id ?? null));
}

/** @param {string|null} id @returns {Promise<string[]>} games for which something was bound, as this browser knows */
async function boundGames(id) {
  if (!id) return [];
  const record = await (await openDatabase()).get('projects', [id]);
  return Object.keys(record?.settings?.play?.bindings ?? {});
}

/** Best scores: those that this browser knows at once, those of the server when they come. @param {string|null} projectId */
function readScores(projectId) {
  const scores = new Scores({ projectId, storage: storage() });
  const read = () => {
    if ((page.chosen?.id ?? null) === projectId) page.best = Object.fromEntries(NAMES.map((name) => [name, scores.best(name, 1)[0] ?? null]));
  };
  read();
  if (projectId && page.chosen?.state !== 'local') void Promise.all(NAMES.map((name) => scores.sync(name))).then(read);
}

/** Private windows may refuse even to be asked. */
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** Let phones in: their dialog, and what it needs of the project, are opened when they are asked for. */
async function showPhones() {
  const { id } = page.chosen;
  const [{ Phones }] = await Promise.all([import('../play/phones.js'), import('../components/phone_dialog.js')]);
  const session = await Session.open(id, { api });
  const phones = new Phones({ projectId: id, classIds: () => session.classes.map((c) => c.id) });
  const dialog = /** @type {import('../components/phone_dialog.js').PhonesDialog} */ (document.createElement('st-phones'));
  Object.assign(dialog, { phones, session, api });
  document.body.append(dialog);
  dialog.addEventListener('phones-closed', () => {
    dialog.remove();
    phones.close();
    void session.close().catch(complain);
  });
  await dialog.updateComplete;
  await dialog.show({ role: 'player' });
}

/** @type {Record<string, (detail: any) => any>} */
const answers = {
  'choose-project': async (id) => {
    rememberProject(id);
    history.replaceState(null, '', id ? `?project=${id}` : '/play');
    await use(page.projects?.find((project) => project.id === id) ?? null);
  },
  'teach-gestures': async () => {
    page.busy = true;
    try {
      const taken = new Set((page.projects ?? []).map(({ name }) => name));
      let name = 'My gestures';
      for (let n = 2; taken.has(name); n += 1) name = `My gestures ${n}`;
      const session = await Session.create({ name, api, database: await openDatabase(), live: false });
      await session.close();
      rememberProject(session.id);
      location.href = `/control/${session.id}?game=${NAMES[0]}`;
    } finally {
      page.busy = false;
    }
  },
  'show-phones': async () => {
    page.busy = true;
    await showPhones().finally(() => { page.busy = false; });
  },
  copy: async (text) => {
    await navigator.clipboard.writeText(text);
    notify({ text: 'Copied.', seconds: 2 });
  },
};
for (const [name, answer] of Object.entries(answers)) {
  page.addEventListener(name, (event) => {
    Promise.resolve(answer(/** @type {CustomEvent} */ (event).detail)).catch(complain);
  });
}

/** A game that cannot be loaded takes none of the others with it. */
async function findGames() {
  const found = await Promise.allSettled(NAMES.map(load));
  page.games = found.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = found.find((each) => each.status === 'rejected');
  if (failed) page.problem ??= /** @type {PromiseRejectedResult} */ (failed).reason;
}

await Promise.all([findProjects(), findGames()]);
// Coming back with the browser's back button may show a page from memory.
window.addEventListener('pageshow', (event) => event.persisted && findProjects());
