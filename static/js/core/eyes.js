// The choice of eyes as data and words: those that are on this computer and those that can be fetched,
// in one list. "Eyes" are what the API calls a backbone.

/**
 * @typedef {object} Fetch as the API gives it
 * @property {string} name
 * @property {'running'|'done'|'failed'|'cancelled'} state
 * @property {string} phase @property {number} fraction of the whole, 0..1
 * @property {number} received_bytes @property {number|null} total_bytes
 * @property {string} message
 * @property {{title: string, detail: string, hint?: string}|null} problem
 * @property {string} started_at @property {string|null} ended_at
 *
 * @typedef {object} Item one pair of eyes
 * @property {string} name @property {string} title @property {string} description
 * @property {string} licence empty where it is not known
 * @property {number|null} bytes in the page @property {number|null} download
 * @property {number} numbers for each example
 * @property {Record<string, Record<string, number>>} accuracy
 * @property {any} backbone the item of GET /backbones where they are here, else null
 * @property {Fetch|null} fetch
 * @property {'in-use'|'getting-ready'|'here'|'fetching'|'failed'|'absent'} state
 */

/** What few-shot accuracy is shown of, in its order. */
export const MEASURED = [
  { collection: 'superheroes', label: '2 superheroes' },
  { collection: 'digits', label: '10 hand signs' },
];
const EXAMPLES = '20';

/** What our own eyes are good for; those of the catalogue bring their own words. */
const OWN_WORDS = 'Comes with Show & Tell: good for nearly everything, without a network.';
const OTHER_WORDS = 'Added on this computer.';

/**
 * Join what is here with what can be fetched. The order stays while a fetch goes on: first those
 * that the catalogue does not have, then the catalogue.
 * @param {any[]} here items of GET /backbones
 * @param {any[]} catalogue items of GET /backbones/catalogue
 * @param {{inUse?: string|null, gettingReady?: string|null}} [now] names
 * @returns {Item[]}
 */
export function joinEyes(here, catalogue, { inUse = null, gettingReady = null } = {}) {
  const offered = new Map(catalogue.map((item) => [item.name, item]));
  const found = new Map(here.map((item) => [item.name, item]));
  const own = here.filter(({ name }) => !offered.has(name)).sort((a, b) => Number(!!b.is_default) - Number(!!a.is_default));
  return [...own.map(({ name }) => name), ...offered.keys()].map((name) => {
    const [offer, backbone] = [offered.get(name), found.get(name) ?? null];
    const about = { ...offer, ...backbone };
    /** @type {Item} */
    const item = {
      name,
      // The catalogue's title is the short one.
      title: offer?.title ?? about.title ?? name,
      description: offer?.description ?? about.description ?? (name.startsWith('showtell') ? OWN_WORDS : OTHER_WORDS),
      licence: about.licence ?? '',
      bytes: about.bytes ?? null,
      download: offer?.download_bytes ?? null,
      numbers: about.embedding_size,
      accuracy: nonEmpty(backbone?.accuracy) ?? offer?.accuracy ?? {},
      backbone,
      fetch: offer?.fetch ?? null,
      state: 'absent',
    };
    item.state = stateOf(item, inUse, gettingReady);
    return item;
  });
}

/** What is said where there is nothing to look through. */
export const NO_EYES = 'The server has no backbone. Run convert_models.py, then load this page again.';

/**
 * Find the eyes that a project wants among those that are here, also where others have replaced them.
 * @param {any[]} here items of GET /backbones
 * @param {string|null} name null: whichever is the default
 * @param {string} [standard] name of the default, where the page knows it
 * @returns {{found: any|null, isNamed: boolean}} `isNamed`: they are those that were asked for
 */
export function findEyes(here, name, standard = '') {
  const named = name ? (here.find((b) => b.name === name) ?? here.find((b) => b.replaces?.includes(name))) : null;
  const found = named ?? here.find((b) => b.name === standard) ?? here.find((b) => b.is_default) ?? here[0] ?? null;
  return { found, isNamed: Boolean(named) };
}

/** What is going on while eyes open, by the engine's name of the phase. @type {Record<string, string>} */
const PHASES = { code: 'Opening its eyes', weights: 'Fetching what it knows', warmup: 'Warming up', probe: 'Finding the fastest way' };

/** @param {string} phase of the engine's 'progress' */
export const openingText = (phase) => PHASES[phase] ?? 'Loading';

/** @param {any} accuracy */
const nonEmpty = (accuracy) => (accuracy && Object.keys(accuracy).length ? accuracy : null);

/** @param {Item} item @param {string|null} inUse @param {string|null} gettingReady @returns {Item['state']} */
function stateOf({ name, backbone, fetch }, inUse, gettingReady) {
  if (backbone && name === gettingReady) return 'getting-ready';
  if (backbone && name === inUse) return 'in-use';
  if (fetch?.state === 'running') return 'fetching';
  if (backbone) return 'here';
  return fetch?.state === 'failed' ? 'failed' : 'absent';
}

/**
 * Put news of a fetch in its place in the catalogue. News may come late and out of order, from an
 * answer or over the socket: what has ended does not run again, and an older fetch does not come back.
 * @template {{name: string, fetch: Fetch|null}} T
 * @param {T[]} catalogue
 * @param {Fetch} news
 * @returns {{catalogue: T[], ended: boolean}} `ended`: it was known to run, and does so no more
 */
export function takeNews(catalogue, news) {
  const known = catalogue.find(({ name }) => name === news.name)?.fetch ?? null;
  if (known && isOlder(news, known)) return { catalogue, ended: false };
  return {
    catalogue: catalogue.map((item) => (item.name === news.name ? { ...item, fetch: news } : item)),
    ended: known?.state === 'running' && news.state !== 'running',
  };
}

/** @param {Fetch} news @param {Fetch} known */
function isOlder(news, known) {
  if (news.started_at !== known.started_at) return news.started_at < known.started_at;
  if (known.state !== 'running') return news.state === 'running';
  return news.state === 'running' && news.fraction < known.fraction;
}

/** @param {number} bytes in decimal megabytes, as download pages give them */
export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(bytes < 9.95e6 ? 1 : 0)} MB`;

/** @param {number} ms */
export const milliseconds = (ms) => `${ms.toFixed(ms < 9.95 ? 1 : 0)} ms`;

/**
 * What the button says that fetches them: how much comes over the network.
 * @param {Item} item
 */
export function fetchLabel({ download, bytes }) {
  const size = download ?? bytes;
  return size ? `Fetch (${download ? '' : 'about '}${megabytes(size)})` : 'Fetch';
}

/**
 * How far a fetch is, in words.
 * @param {Fetch} fetch
 */
export function fetchText({ phase, received_bytes: received, total_bytes: total, message }) {
  const words = /** @type {Record<string, () => string>} */ ({
    download: () => (received ? `Fetching: ${megabytes(received)}${total ? ` of ${megabytes(total)}` : ''}` : 'Asking for the file'),
    convert: () => 'Converting it for this page',
    check: () => 'Checking that it sees the same everywhere',
  })[phase];
  return words?.() ?? message;
}

/**
 * Shares of pictures that are told right with 20 examples a class.
 * @param {Item} item
 * @returns {{label: string, share: number|null}[]} null: not measured
 */
export const accuracies = ({ accuracy }) =>
  MEASURED.map(({ collection, label }) => ({ label, share: accuracy[collection]?.[EXAMPLES] ?? null }));

/**
 * What a choice of other eyes will mean for this project; empty where it means nothing.
 * @param {number} examples
 */
export function consequence(examples) {
  if (!examples) return '';
  const [one, each] = examples === 1 ? ['1 example', 'it'] : [`${examples.toLocaleString('en-GB')} examples`, 'each of them'];
  return `This project has ${one}. Other eyes look at ${each} again, while you go on with those in use; nothing is lost, and you can go back.`;
}
