// Recordings of a game: what each player did, tick by tick. With the seed of the game's chance they
// play it again exactly.

/**
 * @typedef {[tick: number, player: number, type: 'press' | 'release', action: string]} RecordedEvent
 * @typedef {object} Recording
 * @property {'showtell-recording'} format
 * @property {1} version
 * @property {string} game
 * @property {number | string} seed
 * @property {number} players
 * @property {string} scheme
 * @property {number} [level] it began at, 1 where missing
 * @property {Record<string, any>} options of the game
 * @property {RecordedEvent[]} events in the order of the ticks
 * @property {number} ticks how many there were
 */

export const FORMAT = 'showtell-recording';
export const VERSION = 1;
/** A day of ticks, and more events than hands can make: more than that is no game. */
const MOST_TICKS = 60 * 60 * 60 * 24;
const MOST_EVENTS = 500_000;

/** @param {string} what @param {unknown} got @returns {never} */
function refuse(what, got) {
  const shown = JSON.stringify(got) ?? String(got);
  throw new RangeError(`This is no recording that can be played: ${what}, but it is ${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}.`);
}

/** @param {unknown} value @param {number} most @returns {value is number} */
const isCount = (value, most) => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;

/** @typedef {[key: keyof Recording, is: (value: any) => boolean, expected: string]} Rule @type {Rule[]} */
const RULES = [
  ['format', (value) => value === FORMAT, `"format" should be "${FORMAT}"`],
  ['version', (value) => value === VERSION, `"version" should be ${VERSION}; a newer Show & Tell may have written it`],
  ['game', (value) => typeof value === 'string' && value !== '', '"game" should be the name of a game'],
  ['seed', (value) => typeof value === 'string' || Number.isFinite(value), '"seed" should be a number or a text'],
  ['players', (value) => isCount(value, 8) && value > 0, '"players" should be a number from 1 to 8'],
  ['scheme', (value) => typeof value === 'string' && value !== '', '"scheme" should be the name of a scheme'],
  ['level', (value) => value === undefined || (isCount(value, 1000) && value > 0), '"level" should be a number from 1 to 1000'],
  ['options', (value) => value !== null && typeof value === 'object' && !Array.isArray(value), '"options" should be an object'],
  ['ticks', (value) => isCount(value, MOST_TICKS), `"ticks" should be a number from 0 to ${MOST_TICKS}`],
  ['events', (value) => Array.isArray(value) && value.length <= MOST_EVENTS, `"events" should be a list of at most ${MOST_EVENTS}`],
];

/**
 * Check a recording.
 * @param {any} value @returns {Recording} the same @throws {RangeError} that says what is wrong where
 */
export function check(value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) refuse('it should be an object', value);
  for (const [key, is, expected] of RULES) if (!is(value[key])) refuse(expected, value[key]);
  let last = 0;
  value.events.forEach((/** @type {any} */ event, /** @type {number} */ i) => {
    const [tick, player, type, action] = Array.isArray(event) ? event : [];
    if (!isCount(tick, value.ticks) || tick < last) refuse(`"events[${i}]" should begin with a tick from ${last} to ${value.ticks}`, event);
    if (!isCount(player, value.players - 1)) refuse(`"events[${i}]" should name a player from 0 to ${value.players - 1}`, event);
    if (type !== 'press' && type !== 'release') refuse(`"events[${i}]" should say press or release`, event);
    if (typeof action !== 'string' || action === '' || action.length > 40) refuse(`"events[${i}]" should name an action`, event);
    last = tick;
  });
  return value;
}

/**
 * Read a recording.
 * @param {string} text JSON @returns {Recording} @throws {RangeError} that says what is wrong where
 */
export function parse(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RangeError(`This is no recording that can be played: it should be JSON (${/** @type {Error} */ (error).message}).`);
  }
  return check(value);
}
