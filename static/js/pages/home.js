import { Api } from '../net/api.js';
import { openDatabase } from '../store/database.js';
import { Session } from '../store/session.js';
import { inWords } from '../components/element.js';
import { notify } from '../components/notices.js';
import '../components/home_page.js';

const api = new Api();
const page = /** @type {import('../components/home_page.js').HomePage} */ (document.querySelector('st-home'));
const teachUrl = (/** @type {string} */ id) => `/teach/${id}`;
page.teachUrl = teachUrl;

async function refresh() {
  try {
    page.projects = await Session.list({ api, database: await openDatabase() });
  } catch (error) {
    page.problem = error;
    page.projects ??= [];
  }
}

page.addEventListener('new-project', async () => {
  page.busy = true;
  try {
    const taken = new Set((page.projects ?? []).map((p) => p.name));
    let name = 'My project';
    for (let n = 2; taken.has(name); n++) name = `My project ${n}`;
    const session = await Session.create({ name, labels: ['Class 1', 'Class 2'], api, database: await openDatabase() });
    await session.close();
    location.href = teachUrl(session.id);
  } catch (error) {
    notify({ kind: 'bad', text: inWords(error) });
  } finally {
    page.busy = false;
  }
});

page.addEventListener('import-files', async (event) => {
  page.busy = true;
  try {
    const { bringIn } = await import('./bring_in.js');
    await bringIn(await /** @type {CustomEvent<Promise<import('../capture/files.js').Found[]>>} */ (event).detail, {
      api,
      done: async ({ id, name }) => {
        await refresh();
        notify({ text: `${name} is here.`, action: { label: 'Open it', run: () => { location.href = teachUrl(id); } } });
      },
    });
  } catch (error) {
    notify({ kind: 'bad', text: inWords(error) });
  } finally {
    page.busy = false;
  }
});

page.addEventListener('really-delete', async (event) => {
  const { id, name } = /** @type {CustomEvent} */ (event).detail;
  try {
    await Session.remove(id, { api, database: await openDatabase() });
    notify({ text: `${name} is deleted.` });
  } catch (error) {
    notify({ kind: 'bad', text: `${name} was not deleted. ${inWords(error)}` });
  }
  await refresh();
});

await refresh();
// Coming back with the browser's back button may show a page from memory.
window.addEventListener('pageshow', (event) => event.persisted && refresh());
