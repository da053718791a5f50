import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS } from '../../../static/js/control/decider.js';
import { bindingFor, calibrationOf, controlOf, isBound, schemeFor, withBinding, withCalibration, withControl } from '../../../static/js/play/settings.js';
import { meansNothing, meantBy } from '../../../static/js/play/words.js';

const actions = (...ids) => ids.map((id) => ({ id, title: id }));
const TWO = { id: 'two', actions: actions('left', 'right') };
const FOUR = { id: 'four', actions: actions('left', 'right', 'up', 'down') };
const classes = (...labels) => labels.map((label, i) => ({ id: `c${i}`, label }));
const bound = (game, scheme, map) => ({ play: { bindings: { [game]: { scheme, map } } } });

test('classes are bound by what their names mean, whatever their order', () => {
  const table = [
    [['Right', 'Left'], ['right', 'left']],
    [['Rechts', 'Nichts', 'Links'], ['right', null, 'left']],
    [['À gauche', 'À droite', 'Rien'], ['left', 'right', null]],
    [['👉', '👈'], ['right', 'left']],
    [['Höger hand', 'Vänster hand'], ['right', 'left']],
  ];
  for (const [labels, expected] of table) {
    assert.deepEqual(Object.values(bindingFor({}, 'pong', TWO, classes(...labels))), expected, labels.join());
  }
});

test('names that say nothing are bound in order, and what is left over is nothing', () => {
  assert.deepEqual(bindingFor({}, 'pong', TWO, classes('Cup', 'Hand', 'Book')), { c0: 'left', c1: 'right', c2: null });
  assert.deepEqual(bindingFor({}, 'pong', TWO, classes('Cup', 'Left')), { c0: 'right', c1: 'left' });
  assert.deepEqual(bindingFor({}, 'pong', TWO, classes('Empty', 'Cup', 'Hand')), { c0: null, c1: 'left', c2: 'right' });
});

test('what was bound stays, also several classes to one action and a class to nothing', () => {
  const map = { c0: 'right', c1: 'right', c2: null };
  assert.deepEqual(bindingFor(bound('pong', 'two', map), 'pong', TWO, classes('Left', 'Cup', 'Right')), map);
});

test('a class that came after the binding does what its name says, or nothing', () => {
  const settings = bound('pong', 'two', { c0: 'left', c1: null });
  assert.deepEqual(bindingFor(settings, 'pong', TWO, classes('A', 'B', 'Right', 'Cup')), { c0: 'left', c1: null, c2: 'right', c3: null });
});

test('what another game has bound to an action does that here too, before any name', () => {
  const settings = bound('snake', 'two', { c0: 'right', c1: 'left' });
  assert.deepEqual(bindingFor(settings, 'pong', TWO, classes('Left', 'Right')), { c0: 'right', c1: 'left' });
});

test('another scheme of a game begins with what fits of the one before', () => {
  const settings = bound('maze', 'four', { c0: 'up', c1: 'right', c2: 'left' });
  assert.deepEqual(bindingFor(settings, 'maze', TWO, classes('A', 'B', 'C')), { c0: null, c1: 'right', c2: 'left' });
  assert.deepEqual(bindingFor(bound('maze', 'two', { c0: 'right', c1: 'left' }), 'maze', FOUR, classes('A', 'B', 'C', 'D')), { c0: 'right', c1: 'left', c2: 'up', c3: 'down' });
});

test('an action that the scheme does not know is bound anew', () => {
  assert.deepEqual(bindingFor(bound('pong', 'two', { c0: 'fly', c1: 'right' }), 'pong', TWO, classes('Left', 'B')), { c0: 'left', c1: 'right' });
});

test('a title of an action is a word for it, and two meanings are none', () => {
  const runner = [{ id: 'up', title: 'Leap' }, { id: 'down', title: 'Slide' }];
  assert.equal(meantBy('leap!', runner), 'up');
  assert.equal(meantBy('up and down', runner), null);
  assert.equal(meantBy('Cup', runner), null);
  assert.ok(meansNothing('Hintergrund') && meansNothing('No gesture: nothing') && !meansNothing('No'));
});

test('the scheme is the one that was bound, else the first', () => {
  assert.equal(schemeFor({}, 'maze', [TWO, FOUR]), TWO);
  assert.equal(schemeFor(bound('maze', 'four', {}), 'maze', [TWO, FOUR]), FOUR);
  assert.equal(schemeFor(bound('maze', 'gone', {}), 'maze', [TWO, FOUR]), TWO);
});

test('a game of bins has one for each class that is something', () => {
  const schemes = [2, 3, 4].map((n) => ({ id: `of-${n}`, actions: actions(...Array.from({ length: n }, (_, i) => `bin${i + 1}`)) }));
  assert.equal(schemeFor({}, 'sorter', schemes, classes('Cup', 'Nothing', 'Hand', 'Book')).id, 'of-3');
  assert.equal(schemeFor({}, 'sorter', schemes, classes('Cup')).id, 'of-2');
  assert.equal(schemeFor({}, 'sorter', schemes, classes(...'abcdef')).id, 'of-4');
  assert.equal(schemeFor({}, 'maze', [TWO, FOUR], classes(...'abcdef')), TWO);
});

test('changes keep all else that was remembered, and the settings before them as they were', () => {
  const first = bound('pong', 'two', { c0: 'left' });
  const before = structuredClone(first);
  let settings = { ...first, ...withBinding(first, 'snake', 'two', { c0: 'right' }) };
  settings = { ...settings, ...withControl(settings, { hold_ms: 90 }) };
  settings = { ...settings, ...withCalibration(settings, { at: '2026-01-01T00:00:00Z', game: 'pong', accuracy: 1, median_ms: 200, p95_ms: 300 }) };
  assert.deepEqual(first, before);
  assert.ok(isBound(settings, 'pong') && isBound(settings, 'snake') && !isBound(settings, 'maze'));
  assert.equal(calibrationOf(settings)?.median_ms, 200);
  assert.deepEqual(controlOf(settings), { ...controlOf({}), hold_ms: 90 });
  assert.equal(controlOf({}).smoothing_ms, DEFAULTS.smoothing_ms);
});
