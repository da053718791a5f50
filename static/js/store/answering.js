/**
 * Which classifier answered in a project the last time, in this browser. Private windows may refuse:
 * then it answers until the page is closed.
 */

/** @param {string} projectId */
export const answeringKey = (projectId) => `showtell.classifier.${projectId}`;

/**
 * Say which classifier answered the last time.
 * @param {string} projectId
 * @returns {string|null} id of a trained classifier; null: the KNN
 */
export function answeredLast(projectId) {
  try {
    return localStorage.getItem(answeringKey(projectId));
  } catch {
    return null;
  }
}

/**
 * Remember which classifier answers.
 * @param {string} projectId @param {string|null} id null for the KNN
 */
export function rememberAnswering(projectId, id) {
  try {
    if (id) localStorage.setItem(answeringKey(projectId), id);
    else localStorage.removeItem(answeringKey(projectId));
  } catch {
    // Not for longer than this page, then.
  }
}
