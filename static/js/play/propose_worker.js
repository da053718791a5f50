import { propose } from '../control/propose.js';

/** @param {MessageEvent<{samples: import('../control/round.js').Samples, control: import('../control/decider.js').Control}>} event */
onmessage = ({ data }) => postMessage(propose(data.samples, data.control));
