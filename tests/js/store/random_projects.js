/** Random projects and random work on them, reproducible by a seed. */
import { applyEdits, emptyState } from '../../../static/js/store/edits.js';

/** mulberry32 @param {number} seed @returns {() => number} 0 to 1 */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @template T @param {() => number} random @param {T[]} list @returns {T} */
export const pick = (random, list) => list[Math.floor(random() * list.length)];

/** @param {string} id @param {string} classId @returns {import('../../../static/js/store/edits.js').Sample} */
export const sample = (id, classId) => ({
  id, classId, burst: id, source: 'camera', createdAt: '2026-01-01T00:00:00.000Z', quality: null, bytes: 100, synced: null,
});

let counter = 0;
const fresh = (/** @type {string} */ kind) => `${kind}${(counter += 1)}`;
const LABELS = ['Cat', 'Dog', 'Mug', '10', '2'];

/** One thing that a person might do. @param {() => number} random @param {import('../../../static/js/store/edits.js').State} state */
export function randomEdit(random, state) {
  const ids = [...state.samples.keys()];
  const classes = state.classes.map(({ id }) => id);
  const some = ids.filter(() => random() < 0.2);
  const choices = [
    () => ({ op: 'class-add', class: { id: fresh('class'), label: pick(random, LABELS), color: '#2f7fd6' } }),
    () => ({ op: 'name', value: fresh('name') }),
    () => ({ op: 'settings', value: { k: 1 + Math.floor(random() * 20) } }),
    () => ({ op: 'backbone', value: pick(random, ['a', 'b']) }),
    ...(classes.length
      ? [
          () => ({ op: 'class-set', id: pick(random, classes), value: { label: pick(random, LABELS) } }),
          () => ({ op: 'class-set', id: pick(random, classes), value: { color: '#d9681d' } }),
          () => ({ op: 'class-order', ids: [...classes].sort(() => random() - 0.5) }),
          () => ({ op: 'class-remove', id: pick(random, classes) }),
          ...Array(4).fill(() => ({ op: 'samples-add', samples: [0, 1, 2].map(() => sample(fresh('sample'), pick(random, classes))) })),
          () => ({ op: 'samples-remove', ids: some }),
          () => ({ op: 'samples-move', moves: some.map((id) => [id, pick(random, classes)]) }),
        ]
      : []),
  ];
  return pick(random, choices)();
}

/** Does some work. @param {() => number} random @param {import('../../../static/js/store/edits.js').State} state @param {number} steps */
export function work(random, state, steps) {
  for (let step = 0; step < steps; step += 1) applyEdits(state, [randomEdit(random, state)]);
  return state;
}

/** @param {() => number} random @param {number} [steps] */
export const randomState = (random, steps = 20) => work(random, emptyState('start'), steps);
