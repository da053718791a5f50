// The mazes of the toy shop's floor. Only the left half and the middle column of each are drawn
// here; the right half mirrors them, so every maze is the same for who turns left and who turns right.

export const COLUMNS = 19;
export const ROWS = 15;
export const TILES = COLUMNS * ROWS;
export const CELL = 40;
/** Logical units left of the first column. */
export const MARGIN = 20;

export const WALL = 0;
export const PATH = 1;
export const BOX = 2;

export const NOTHING = 0;
export const CRUMB = 1;
export const KEY = 2;

/** Columns and rows a step of each direction goes: right, down, left, up (clockwise). */
export const STEP_X = [1, 0, -1, 0];
export const STEP_Y = [0, 1, 0, -1];

// # block, . crumb, o key, blank: path without a crumb, h inside the toy box, - its lid.
// prettier-ignore
const PLANS = [
  [ '##########',
    '#.......##',
    '#.#.###.##',
    '#o#.......',
    '#.#.#.###.',
    '#...#.....',
    '###.#.###-',
    ' .....##hh',
    '###.#.####',
    '#.....#...',
    '#.###.#.##',
    '#o#.....##',
    '#.#.###.##',
    '#.........',
    '##########' ],
  [ '##########',
    '#...#.....',
    '#.#.#.###.',
    ' .#...#...',
    '#.###.#.##',
    '#o........',
    '#.#.#####-',
    '#.#...##hh',
    '#.#.#.####',
    '#...#.....',
    '#.#.###.##',
    ' .#.....##',
    '#.###.#.##',
    '#o....#...',
    '##########' ],
  [ '##########',
    '#.........',
    '#.###.###.',
    '#.#o..#...',
    '#.#.###.##',
    '#...#.....',
    '###.#.###-',
    ' .....##hh',
    '###.#.####',
    '#...#.....',
    '#.#.###.##',
    '#.#...#...',
    '#.###.###.',
    '#..o......',
    '##########' ],
  [ '##########',
    '#o....#...',
    '#.###.#.#.',
    '#.....#.#.',
    '###.#.#.#.',
    ' ...#.....',
    '###.#.###-',
    '#...#.##hh',
    '#.###.####',
    ' ...#.....',
    '#.#.###.##',
    '#o#.....##',
    '#.###.#.##',
    '#.....#...',
    '##########' ],
  [ '##### ####',
    '#.....#...',
    '#.#.###.##',
    '#.#.......',
    '#.###.###.',
    '#o..#.....',
    '#.#.#.###-',
    '#.#...##hh',
    '#.###.####',
    '#...#.....',
    '###.#.#.##',
    '#...#.#...',
    '#.###.###.',
    '#o........',
    '##### ####' ],
];

const KINDS = { '#': WALL, '.': PATH, o: PATH, ' ': PATH, h: BOX, '-': BOX };
const FOOD = { '.': CRUMB, o: KEY };

/** Where the mouse begins, the tile above the lid, the middle of the toy box, where cheese is laid. */
export const START = 13 * COLUMNS + 9;
export const DOORSTEP = 5 * COLUMNS + 9;
export const LID = 6 * COLUMNS + 9;
export const HOME = 7 * COLUMNS + 9;
export const CHEESE = 9 * COLUMNS + 9;
export const CORNERS = [1 * COLUMNS + 1, 1 * COLUMNS + 17, 13 * COLUMNS + 17, 13 * COLUMNS + 1];

export const MAZES = PLANS.length;

/**
 * @typedef {object} Maze
 * @property {number} index which of the mazes
 * @property {Uint8Array} kinds WALL, PATH or BOX of each tile, row by row
 * @property {Uint8Array} food NOTHING, CRUMB or KEY of each tile at the start
 * @property {Int16Array} next next[tile * 4 + direction]: where a step leads on the paths, -1 at a block
 * @property {Int16Array} numbers number of each path tile, -1 of others
 * @property {number} size how many path tiles there are
 * @property {Uint8Array} far steps between path tiles: far[number * size + number]
 * @property {Uint8Array} toHome steps to the middle of the toy box, through the lid; 255 at blocks
 * @property {Uint8Array} toDoorstep steps to the tile above the lid, through it; 255 at blocks
 */

/** @type {Map<number, Maze>} */
const mazes = new Map();

/**
 * Build the maze of a level; after the last comes the first again.
 * @param {number} level from 1
 * @returns {Maze} the same object for the same maze; not to be written to
 */
export function mazeOf(level) {
  const index = (level - 1) % PLANS.length;
  let maze = mazes.get(index);
  if (!maze) mazes.set(index, (maze = build(index)));
  return maze;
}

/**
 * @param {number} index
 * @returns {Maze}
 */
function build(index) {
  const kinds = new Uint8Array(TILES);
  const food = new Uint8Array(TILES);
  for (let y = 0; y < ROWS; y++) {
    for (let x = 0; x < COLUMNS; x++) {
      const mark = PLANS[index][y][Math.min(x, COLUMNS - 1 - x)];
      kinds[y * COLUMNS + x] = KINDS[mark];
      food[y * COLUMNS + x] = FOOD[mark] ?? NOTHING;
    }
  }
  food[START] = NOTHING;
  const next = links(kinds, (kind) => kind === PATH);
  const inside = links(kinds, (kind) => kind !== WALL);
  const numbers = new Int16Array(TILES).fill(-1);
  let size = 0;
  for (let tile = 0; tile < TILES; tile++) if (kinds[tile] === PATH) numbers[tile] = size++;
  const far = new Uint8Array(size * size);
  for (let tile = 0; tile < TILES; tile++) {
    if (numbers[tile] < 0) continue;
    const steps = spread(next, tile);
    for (let other = 0; other < TILES; other++) {
      if (numbers[other] >= 0) far[numbers[tile] * size + numbers[other]] = steps[other];
    }
  }
  return {
    index,
    kinds,
    food,
    next,
    numbers,
    size,
    far,
    toHome: spread(inside, HOME),
    toDoorstep: spread(inside, DOORSTEP),
  };
}

/**
 * Link every tile with its open neighbours; paths that leave the field come in on the other side.
 * @param {Uint8Array} kinds
 * @param {(kind: number) => boolean} isOpen
 */
function links(kinds, isOpen) {
  const next = new Int16Array(TILES * 4).fill(-1);
  for (let tile = 0; tile < TILES; tile++) {
    if (!isOpen(kinds[tile])) continue;
    for (let direction = 0; direction < 4; direction++) {
      const to = neighbour(tile, direction);
      if (isOpen(kinds[to])) next[tile * 4 + direction] = to;
    }
  }
  return next;
}

/**
 * Give the tile beside one, across the edge of the field too.
 * @param {number} tile
 * @param {number} direction
 */
export function neighbour(tile, direction) {
  const x = ((tile % COLUMNS) + STEP_X[direction] + COLUMNS) % COLUMNS;
  const y = (Math.floor(tile / COLUMNS) + STEP_Y[direction] + ROWS) % ROWS;
  return y * COLUMNS + x;
}

/**
 * Count the steps from a tile to every other (breadth first).
 * @param {Int16Array} next
 * @param {number} from
 * @returns {Uint8Array} 255 where no way leads
 */
function spread(next, from) {
  const steps = new Uint8Array(TILES).fill(255);
  const queue = [from];
  steps[from] = 0;
  for (const tile of queue) {
    for (let direction = 0; direction < 4; direction++) {
      const to = next[tile * 4 + direction];
      if (to < 0 || steps[to] !== 255) continue;
      steps[to] = steps[tile] + 1;
      queue.push(to);
    }
  }
  return steps;
}

/**
 * Count the steps between two path tiles.
 * @param {Maze} maze
 * @param {number} from
 * @param {number} to
 */
export const distance = (maze, from, to) => maze.far[maze.numbers[from] * maze.size + maze.numbers[to]];

/** @param {{tile: number, direction: number, t: number}} actor @returns {number} logical units */
export const actorX = (actor) =>
  MARGIN + ((actor.tile % COLUMNS) + 0.5 + (actor.t > 0 ? STEP_X[actor.direction] * actor.t : 0)) * CELL;

/** @param {{tile: number, direction: number, t: number}} actor @returns {number} logical units */
export const actorY = (actor) =>
  (Math.floor(actor.tile / COLUMNS) + 0.5 + (actor.t > 0 ? STEP_Y[actor.direction] * actor.t : 0)) * CELL;
