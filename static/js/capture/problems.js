// Why there is no camera picture, in plain words, and what one can do instead.

/**
 * @typedef {'insecure' | 'none' | 'denied' | 'busy' | 'unsupported' | 'ended' | 'unknown'} Kind
 * @typedef {{kind: Kind, title: string, explanation: string, wayOn: string}} CameraProblem
 */

const INSTEAD = 'You can also add picture files or a video, or draw.';

/** @type {Record<Kind, Omit<CameraProblem, 'kind'>>} */
const WORDS = {
  insecure: {
    title: 'The camera needs a secure address',
    explanation: 'Browsers give pages a camera only at http://localhost or at an address that begins with https.',
    wayOn: `Open this page on the computer that runs the server, at http://localhost, or set up https. ${INSTEAD}`,
  },
  none: {
    title: 'No camera found',
    explanation: 'This device has no camera, or it is switched off or unplugged.',
    wayOn: `Plug a camera in and try again. ${INSTEAD}`,
  },
  denied: {
    title: 'The camera is not allowed',
    explanation: 'This page may not use the camera. Nothing that the camera sees leaves your computer unless you save it.',
    wayOn: `Allow the camera in the browser's address bar (and in the privacy settings of your system), then try again. ${INSTEAD}`,
  },
  busy: {
    title: 'The camera is busy',
    explanation: 'Another program or tab seems to be using the camera, or its driver does not answer.',
    wayOn: `Close video calls and other camera programs, then try again. ${INSTEAD}`,
  },
  unsupported: {
    title: 'The camera cannot do this',
    explanation: 'The chosen camera is gone or cannot give a picture as asked for.',
    wayOn: `Choose another camera. ${INSTEAD}`,
  },
  ended: {
    title: 'The camera has stopped',
    explanation: 'It was unplugged, or the browser or the system took it away.',
    wayOn: `Start the camera again. ${INSTEAD}`,
  },
  unknown: {
    title: 'The camera did not start',
    explanation: 'The browser did not say why.',
    wayOn: `Try again, or reload the page. ${INSTEAD}`,
  },
};

/** Which problem each error of getUserMedia and of a video element means. @type {Record<string, Kind>} */
const KINDS = {
  NotAllowedError: 'denied',
  PermissionDeniedError: 'denied',
  NotFoundError: 'none',
  DevicesNotFoundError: 'none',
  NotReadableError: 'busy',
  TrackStartError: 'busy',
  AbortError: 'busy',
  OverconstrainedError: 'unsupported',
  NotSupportedError: 'unsupported',
  SecurityError: 'insecure',
};

/**
 * Explain a problem.
 * @param {Kind} kind @param {string} [detail] what the browser said
 * @returns {CameraProblem}
 */
export function problem(kind, detail = '') {
  const words = WORDS[kind];
  const explanation = kind === 'unknown' && detail ? `The browser says: ${detail}` : words.explanation;
  return { kind, ...words, explanation };
}

/**
 * Explain an error of getUserMedia.
 * @param {any} error @returns {CameraProblem}
 */
export function problemOf(error) {
  return problem(KINDS[error?.name] ?? 'unknown', String(error?.message ?? error ?? ''));
}
