// The gardens of the lantern walk. Only the left half of each is drawn here; the right half mirrors
// it, so every garden is the same for who turns left and who turns right.

export const COLUMNS = 20;
export const ROWS = 15;
export const CELL = 40;

export const GROUND = 0;
export const HEDGE = 1;
export const STONE = 2;
export const POND = 3;

/** Columns and rows a step of each heading goes: right, down, left, up (clockwise). */
export const STEP_X = [1, 0, -1, 0];
export const STEP_Y = [0, 1, 0, -1];

const KINDS = { '.': GROUND, '#': HEDGE, o: STONE, '~': POND };

// prettier-ignore
const PLANS = [
  { start: [6, 7], rows: [
    '##########',
    '#.........', '#.........', '#.........', '#.........', '#.........', '#.........',
    '#.........',
    '#.........', '#.........', '#.........', '#.........', '#.........', '#.........',
    '##########'] },
  { start: [6, 7], rows: [
    '##########',
    '#.........', '#.........', '#...~~....', '#...~~~...', '#.........', '#.........',
    '#.........',
    '#.........', '#.........', '#...~~~...', '#...~~....', '#.........', '#.........',
    '##########'] },
  { start: [6, 7], rows: [
    '##########',
    '#.........', '#.........', '#..o...o..', '#.........', '#.........', '#.........',
    '..........',
    '#.........', '#.........', '#.........', '#..o...o..', '#.........', '#.........',
    '##########'] },
  { start: [6, 7], rows: [
    '#########.',
    '#.........', '#.........', '#.........', '#..#####..', '#.........', '#.........',
    '#.........',
    '#.........', '#.........', '#..#####..', '#.........', '#.........', '#.........',
    '#########.'] },
  { start: [6, 11], rows: [
    '##########',
    '#.........', '#.........', '#..##.....', '#..#......', '#.........', '#.......~~',
    '.......~~~',
    '#.......~~', '#.........', '#..#......', '#.........', '#.........', '#.........',
    '##########'] },
  { start: [6, 7], rows: [
    '#########.',
    '#.........', '#.........', '#..o...~~~', '#..o....~~', '#.........', '#.........',
    '..........',
    '#.........', '#.........', '#..o....~~', '#..o...~~~', '#.........', '#.........',
    '#########.'] },
];

/**
 * @typedef {object} Garden
 * @property {number} index which of the gardens
 * @property {Uint8Array} kinds GROUND, HEDGE, STONE or POND of each of COLUMNS x ROWS cells, row by row
 * @property {Int16Array} next next[cell * 4 + heading]: the cell a step leads to, through gates too
 * @property {number} start the cell of the first lantern
 */

/** @type {Map<number, Garden>} */
const gardens = new Map();

export const GARDENS = PLANS.length;

/**
 * Lay out the garden of a level; after the last comes the first again.
 * @param {number} level from 1
 * @returns {Garden} the same object for the same garden; not to be written to
 */
export function gardenOf(level) {
  const index = (level - 1) % PLANS.length;
  let garden = gardens.get(index);
  if (!garden) gardens.set(index, (garden = lay(index)));
  return garden;
}

/**
 * @param {number} index
 * @returns {Garden}
 */
function lay(index) {
  const { rows, start } = PLANS[index];
  const kinds = new Uint8Array(COLUMNS * ROWS);
  const next = new Int16Array(COLUMNS * ROWS * 4);
  for (let y = 0; y < ROWS; y++) {
    for (let x = 0; x < COLUMNS; x++) {
      const cell = y * COLUMNS + x;
      kinds[cell] = KINDS[rows[y][x < COLUMNS / 2 ? x : COLUMNS - 1 - x]];
      for (let heading = 0; heading < 4; heading++) {
        const toX = (x + STEP_X[heading] + COLUMNS) % COLUMNS;
        const toY = (y + STEP_Y[heading] + ROWS) % ROWS;
        next[cell * 4 + heading] = toY * COLUMNS + toX;
      }
    }
  }
  return { index, kinds, next, start: start[1] * COLUMNS + start[0] };
}

/** @param {number} cell @returns {number} the middle of the cell, in logical units */
export const middleX = (cell) => ((cell % COLUMNS) + 0.5) * CELL;

/** @param {number} cell @returns {number} the middle of the cell, in logical units */
export const middleY = (cell) => (Math.floor(cell / COLUMNS) + 0.5) * CELL;
