/** The server answered, and the answer is no. */
export class ApiError extends Error {
  /**
   * @param {number} status HTTP status
   * @param {Record<string, any>} problem problem details (RFC 9457), as far as there are any
   */
  constructor(status, problem = {}) {
    const title = typeof problem.title === 'string' ? problem.title : `The server answered ${status}`;
    const detail = typeof problem.detail === 'string' ? problem.detail : '';
    super([detail || `${title}.`, problem.hint].filter(Boolean).join(' '));
    this.name = 'ApiError';
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.problem = problem;
  }
}

/** No answer: the server is off, or the network is gone. Sending again is safe. */
export class NetworkError extends Error {
  /** @param {unknown} [cause] */
  constructor(cause) {
    super('The server does not answer. What you taught is kept in this browser; start the server and try again.', { cause });
    this.name = 'NetworkError';
    this.title = 'The server cannot be reached';
  }
}
