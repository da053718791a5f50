import { html, render } from 'lit';

/**
 * @typedef {object} Choice
 * @property {string} value
 * @property {string} label
 * @property {string} [hint] a line that says what will happen
 * @property {'primary'|'danger'} [kind]
 * @property {string} [testid]
 */

/**
 * Ask in a modal dialog and wait for the answer. Escape and the backdrop answer null.
 * @param {{title: string, text: any, choices: Choice[], big?: boolean, cancel?: boolean}} question
 *   `big` shows the choices as a list with their hints; without `cancel` there is nothing to refuse
 * @returns {Promise<string|null>}
 */
export function ask({ title, text, choices, big = false, cancel = true }) {
  const dialog = document.createElement('dialog');
  dialog.setAttribute('aria-labelledby', 'ask-title');
  dialog.dataset.testid = 'dialog';
  const button = (/** @type {Choice} */ c) => big
    ? html`<button class="choice" value=${c.value} data-testid=${c.testid ?? `choice-${c.value}`}><strong>${c.label}</strong><span>${c.hint ?? ''}</span></button>`
    : html`<button class="button ${c.kind === 'danger' ? 'danger primary' : (c.kind ?? '')}" value=${c.value} data-testid=${c.testid ?? `choice-${c.value}`}>${c.label}</button>`;
  render(html`<form method="dialog">
    <h2 id="ask-title">${title}</h2>
    <div class="muted">${text}</div>
    <div class=${big ? 'choices' : 'actions'}>
      ${big ? choices.map(button) : ''}
      ${big ? '' : html`${cancel ? html`<button class="button ghost" value="">Cancel</button>` : ''}${choices.map(button)}`}
    </div>
    ${big ? html`<div class="actions"><button class="button ghost" value="">Decide later</button></div>` : ''}
  </form>`, dialog);
  document.body.append(dialog);
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog && outside(dialog, event)) dialog.close('');
  });
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
    dialog.showModal();
  });
}

/**
 * True if a click on a dialog hit its backdrop.
 * @param {HTMLDialogElement} dialog
 * @param {MouseEvent} event
 */
export function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
