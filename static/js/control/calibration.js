// Calibration in one place: plan a round, run it, read its result, and find better values.

export { CALM, LIMIT, Round, STAY, plan } from './round.js';
export { propose, rehearse } from './propose.js';
export { Onset } from './onset.js';
