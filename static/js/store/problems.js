/** A trouble in words for a person: what it is, what it means for their work, what to do. */
export class Problem extends Error {
  /** @param {string} title @param {string} explanation @param {unknown} [cause] */
  constructor(title, explanation, cause) {
    super(explanation, { cause });
    this.name = 'Problem';
    this.title = title;
  }
}

/** @type {Record<string, [string, string]>} */
const STORAGE = {
  QuotaExceededError: [
    'This browser has no room left',
    'The newest changes are only in this tab. Save to the server, or delete a project that you no longer need, and do not close the tab before.',
  ],
  InvalidStateError: ['This browser closed its storage', 'The newest changes are only in this tab. Save to the server, then reload the page.'],
};

/**
 * Says why a project could not be written to this browser's storage.
 * @param {Error} error
 * @returns {Problem}
 */
export function storageProblem(error) {
  if (error instanceof Problem) return error;
  const [title, explanation] = STORAGE[error.name] ?? [
    'This browser cannot store the changes',
    `The newest changes are only in this tab. Save to the server before you close it. The browser says: ${error.message}`,
  ];
  return new Problem(title, explanation, error);
}
