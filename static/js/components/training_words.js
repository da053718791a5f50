/**
 * What a training is called and what its numbers mean, in words: plain functions, no page.
 *
 * @typedef {{name: string, kind: 'int'|'float'|'choice'|'bool', default: any, help: string, low: number|null, high: number|null, choices: string[]}} Option
 * @typedef {{name: string, title: string, description: string, wants: string, needs_tensorflow: boolean, is_regression: boolean, options: Option[]}} Recipe
 *
 * @typedef {object} Job as the server tells it (docs/api.md)
 * @property {string} id
 * @property {'training'|'all'|'export'|'import'} kind
 * @property {string|null} recipe
 * @property {string|null} [format]
 * @property {string} name
 * @property {'queued'|'running'|'done'|'failed'|'cancelled'} state
 * @property {string} phase
 * @property {number} fraction 0..1
 * @property {number|null} seconds_left
 * @property {string} created_at
 * @property {string|null} started_at
 * @property {string|null} ended_at
 * @property {{title: string, detail?: string, hint?: string}|null} problem
 * @property {string|null} classifier_id
 * @property {number|null} accuracy
 * @property {[number, number]|null} interval
 * @property {Job[]} children
 *
 * @typedef {object} JobEvent
 * @property {number} sequence
 * @property {string} at
 * @property {'log'|'metrics'|'state'} kind
 * @property {string} [level]
 * @property {string} [text]
 * @property {number} [epoch]
 * @property {number} [epochs]
 * @property {number|null} [loss]
 * @property {number|null} [accuracy]
 * @property {number|null} [val_loss]
 * @property {number|null} [val_accuracy]
 *
 * @typedef {object} Trained a trained classifier; `report` only where it was asked for by itself
 * @property {string} id
 * @property {string|null} job_id
 * @property {string} name
 * @property {string} recipe
 * @property {string} created_at
 * @property {number} bytes
 * @property {{id: string|null, label: string, color: string|null}[]} classes
 * @property {{kind: string}} model
 * @property {number} temperature
 * @property {boolean} is_regression
 * @property {number|null} accuracy
 * @property {[number, number]|null} interval
 * @property {number|null} seconds
 * @property {any} [report]
 */

/**
 * What a recipe is good for, beside its own description: how long it takes with some hundred
 * pictures, and whom it suits. A recipe that is not listed goes without.
 * @type {Record<string, {icon: string, time: string, good: string}>}
 */
const CARDS = {
  knn: { icon: 'steps', time: 'Seconds', good: 'for very few pictures' },
  linear: { icon: 'slope', time: 'Seconds', good: 'a good first choice' },
  head: { icon: 'network', time: 'Seconds', good: 'with curves to watch' },
  convnet: { icon: 'layers', time: 'Minutes', good: 'to see what learning from nothing takes' },
  finetune: { icon: 'dials', time: 'Many minutes', good: 'when the others fall short' },
  regression: { icon: 'gauge', time: 'Seconds', good: 'for how much, instead of which' },
};

/** @param {string} name */
export const card = (name) => CARDS[name] ?? { icon: 'network', time: '', good: '' };

/** @type {Record<string, string>} */
const NAMES = { all: 'Try all', import: 'Brought in' };

/**
 * What a recipe is called.
 * @param {string|null} name
 * @param {Recipe[]|null} recipes
 */
export function recipeTitle(name, recipes) {
  if (!name) return 'Training';
  return recipes?.find((r) => r.name === name)?.title ?? NAMES[name] ?? optionLabel(name);
}

/**
 * What a trained classifier is called: by its recipe, or what was brought in by its own name.
 * @param {{recipe: string, name?: string}} item
 * @param {Recipe[]|null} recipes
 */
export const trainedTitle = ({ recipe, name }, recipes) => (recipe === 'import' && name ? name : recipeTitle(recipe, recipes));

/** The steps of a training as a person sees them; several phases of the server may be one step. */
export const STEPS = [
  { phases: ['read'], label: 'Read the pictures', now: 'Reading the pictures' },
  { phases: ['embed'], label: 'Look at each', now: 'Looking at each picture' },
  { phases: ['fit'], label: 'Learn', now: 'Learning' },
  { phases: ['evaluate'], label: 'Ask about held-back ones', now: 'Asking about the pictures it has never seen' },
  { phases: ['convert', 'save'], label: 'Pack up', now: 'Packing it up' },
];

/** @param {Job} job @returns {number} index in STEPS, -1 before the first */
export const stepOf = (job) => STEPS.findIndex(({ phases }) => phases.includes(job.phase ?? ''));

/** @param {Job} job @returns {boolean} it may still change */
export const isActive = ({ state }) => state === 'queued' || state === 'running';

/**
 * What a job does now, or how it ended.
 * @param {Job} job
 */
export function stateText(job) {
  const words = /** @type {Record<Job['state'], () => string>} */ ({
    queued: () => 'Waiting for its turn',
    running: () => STEPS[stepOf(job)]?.now ?? 'Getting ready',
    done: () => 'Done',
    failed: () => job.problem?.title ?? 'It did not work',
    cancelled: () => 'Cancelled',
  });
  return words[job.state]();
}

/** How far "try all" is. @param {Job} job */
export function allText({ children, state }) {
  const ended = children.filter((child) => !isActive(child)).length;
  return state === 'queued' ? 'Waiting for its turn' : `${ended} of ${children.length} recipes done`;
}

/**
 * A length of time as one would say it: '0.4 seconds', '12 seconds', '3 minutes'.
 * @param {number} seconds
 */
export function duration(seconds) {
  if (seconds < 0.95) return `${Math.max(0.1, seconds).toFixed(1)} seconds`;
  if (seconds < 1.5) return '1 second';
  if (seconds < 90) return `${Math.round(seconds)} seconds`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} minutes`;
  return `${(seconds / 3600).toFixed(1)} hours`;
}

/** The same, short, for a column. @param {number|null|undefined} seconds */
export function shortDuration(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** What is left, rounded as one would promise it. @param {Job} job */
export function leftText({ state, seconds_left: left }) {
  if (state !== 'running' || left === null || left === undefined) return '';
  return left < 1.5 ? 'nearly there' : `about ${duration(left < 20 ? left : Math.ceil(left / 5) * 5)} left`;
}

/** @param {number|null|undefined} bytes */
export function size(bytes) {
  if (!bytes) return '–';
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return `${(bytes / 1e6).toFixed(bytes < 9.95e6 ? 1 : 0)} MB`;
}

/**
 * A share with the decimals that its count deserves: nobody believes 98.97 % of 97 pictures.
 * @param {[number, number]|null|undefined} interval
 */
export function between(interval) {
  if (!interval) return '';
  const [low, high] = interval.map((x) => Math.round(x * 100));
  return low === high ? `${low}%` : `${low}–${high}%`;
}

/**
 * What was chosen otherwise than usual, in a few words; empty where nothing was.
 * @param {Record<string, any>|undefined} options
 * @param {Recipe|undefined} recipe
 */
export const choices = (options, recipe) => (recipe?.options ?? [])
  .filter(({ name, default: usual }) => options && name in options && options[name] !== usual)
  .map(({ name }) => `${name.replaceAll('_', ' ')} ${options?.[name]}`).join(', ');

/** 'batch_size' as a label: 'Batch size'. @param {string} name */
export function optionLabel(name) {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {string} iso @returns {string} '14:20', or with the day where that is another */
export function clock(iso) {
  const at = new Date(iso);
  const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  const today = at.toDateString() === new Date().toDateString();
  return today ? time : `${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, ${time}`;
}

/**
 * How many epochs a job means to have; 0 where it has not said.
 * @param {JobEvent[]|undefined} events
 */
export const epochsOf = (events) => (events ?? []).findLast((e) => e.kind === 'metrics')?.epochs ?? 0;

/**
 * What is missing before anything can be trained; empty where nothing is.
 * @param {number} taught classes that have pictures
 * @param {number} total pictures
 * @returns {{title: string, text: string}|null}
 */
export function notReady(taught, total) {
  if (taught === 0) return { title: 'Show it something first', text: 'Close this window, then hold a class’s button while the camera sees one. Two classes with some pictures each are enough to begin.' };
  if (taught === 1) return { title: 'One more class', text: 'It can only tell things apart when there are two. Teach a second class a few pictures, then come back.' };
  if (total < 4) return { title: 'A few more pictures', text: 'Some pictures are held back for the judgement and never learned from. With fewer than four there is nothing left to learn from: take ten or more of each class.' };
  return null;
}
