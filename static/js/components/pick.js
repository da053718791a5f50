/**
 * Let the person choose files. The input stays in the page until they have chosen: one that nothing
 * refers to may be collected while the dialog is open, and then never reports.
 * @param {{accept?: string, multiple?: boolean, folder?: boolean}} options
 * @returns {Promise<File[]>} empty if they chose none
 */
export function pickFiles({ accept = '', multiple = true, folder = false }) {
  const input = document.createElement('input');
  Object.assign(input, { type: 'file', accept, multiple, webkitdirectory: folder, hidden: true });
  document.body.append(input);
  return new Promise((resolve) => {
    for (const type of ['change', 'cancel']) {
      input.addEventListener(type, () => {
        resolve([...(input.files ?? [])]);
        input.remove();
      });
    }
    input.click();
  });
}
