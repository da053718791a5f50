/**
 * What the control page shows of a project, a game and a binding, worked out in one place.
 */
import { DEFAULTS, Decider, thresholdOf } from '../control/decider.js';
import { bindingFor, calibrationOf, controlOf, schemeFor } from '../play/settings.js';

/**
 * @param {import('../store/session.js').Session} session
 * @param {import('../games/table.js').GameAbout} game
 * @param {number} fps answers a second; 0 while it is not known
 */
export function viewOf(session, game, fps) {
  const { settings, classes } = session;
  const scheme = schemeFor(settings, game.name, game.schemes, classes);
  const control = controlOf(settings);
  const actions = scheme.actions.map(({ id }) => id);
  return {
    game,
    scheme,
    map: bindingFor(settings, game.name, scheme, classes),
    control,
    thresholds: Object.fromEntries(actions.map((id) => [id, thresholdOf(control, id)])),
    // Whole pictures count, once it is known how fast they come; to a tenth, lest every frame is a change.
    delays: new Decider({ actions, ...control }).delays({ every: fps > 0 ? 1000 / fps : 0 }),
    isDefault: isStart(control),
    calibrated: calibrationOf(settings),
  };
}

/** @param {import('../control/decider.js').Control} control */
function isStart(control) {
  const timing = /** @type {const} */ (['smoothing_ms', 'hold_ms', 'repeat_ms', 'repeat_delay_ms']);
  return timing.every((name) => control[name] === DEFAULTS[name]) && Object.keys(control.thresholds).length === 0;
}
