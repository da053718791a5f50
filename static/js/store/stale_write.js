/** A write that was made from a state of the project which another tab has replaced meanwhile. */
export class StaleWrite extends Error {
  /** @param {string} projectId @param {number} expected @param {number} found 0 where the project is gone */
  constructor(projectId, expected, found) {
    super(`Project ${projectId} is at change ${found} in this browser's storage; expected ${expected}.`);
    this.name = 'StaleWrite';
    this.found = found;
  }
}
