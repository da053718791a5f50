import { html } from 'lit';
import { ask } from '../components/dialogs.js';

/** True if keys belong to what is being typed. @param {EventTarget|null} target */
export function typing(target) {
  const element = /** @type {HTMLElement|null} */ (target);
  if (!element?.matches) return false;
  return element.matches('select, textarea, [contenteditable], input:not([type=range], [type=radio], [type=checkbox], [type=button])');
}

/** What the keys do, for the dialog and for docs/teaching.md. @type {[string, string][]} */
export const KEYS = [
  ['1 – 9', 'Hold: record the first to the ninth class'],
  ['Space or Enter', 'Hold on a class’s button: record that class'],
  ['Ctrl Z', 'Undo'],
  ['Ctrl Shift Z', 'Redo'],
  ['Ctrl S', 'Save'],
  ['Arrows, Space', 'Walk and select pictures in the viewer, cells in the table'],
  ['Delete', 'Delete the selected pictures'],
  ['?', 'Show these keys'],
];

/**
 * Listen for the page's keys.
 * @param {object} does
 * @param {(digit: number) => void} does.press a digit 1 to 9 goes down
 * @param {(digit: number) => void} does.release
 * @param {() => void} does.undo
 * @param {() => void} does.redo
 * @param {() => void} does.save
 * @returns {() => void} stops listening
 */
export function listen({ press, release, undo, redo, save }) {
  /** @type {Set<number>} */
  const down = new Set();
  const digitOf = (/** @type {KeyboardEvent} */ e) => Number(/^(?:Digit|Numpad)([1-9])$/.exec(e.code)?.[1] ?? (/^[1-9]$/.test(e.key) ? e.key : 0));
  /** @type {Record<string, (e: KeyboardEvent) => void>} */
  const commands = {
    z: (e) => (e.shiftKey ? redo() : undo()),
    y: () => redo(),
    s: () => save(),
  };
  const onDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey) {
      const command = commands[event.key.toLowerCase()];
      // In a text field, undo belongs to the text.
      if (!command || event.altKey || (typing(event.target) && event.key.toLowerCase() !== 's')) return;
      event.preventDefault();
      if (!event.repeat) command(event);
      return;
    }
    if (event.altKey || typing(event.target) || document.querySelector('dialog[open]')) return;
    if (event.key === '?') return void explain();
    const digit = digitOf(event);
    if (!digit || event.shiftKey) return;
    event.preventDefault();
    if (event.repeat || down.has(digit)) return;
    down.add(digit);
    press(digit);
  };
  const let_go = (/** @type {number} */ digit) => {
    if (down.delete(digit)) release(digit);
  };
  const onUp = (/** @type {KeyboardEvent} */ event) => let_go(digitOf(event));
  // A key that comes up while another window has the focus is never reported.
  const onBlur = () => [...down].forEach(let_go);
  const controller = new AbortController();
  const { signal } = controller;
  window.addEventListener('keydown', onDown, { signal });
  window.addEventListener('keyup', onUp, { signal });
  window.addEventListener('blur', onBlur, { signal });
  return () => controller.abort();
}

/** Show the keys in a dialog. */
export function explain() {
  return ask({
    title: 'Keys',
    text: html`<dl class="keys">${KEYS.map(([key, what]) => html`<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`)}</dl>`,
    choices: [{ value: 'ok', label: 'Close', kind: 'primary' }],
    cancel: false,
  });
}
