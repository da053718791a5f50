/** What the name of a class may mean, in a few languages. */

/** Words as `plain` makes them: lower case, without accents. @type {Record<string, string[]>} */
const WORDS = {
  left: ['left', 'links', 'gauche', 'izquierda', 'sinistra', 'esquerda', 'vanster', 'venstre', 'lewo', 'vlevo', 'vasen'],
  right: ['right', 'rechts', 'droite', 'derecha', 'destra', 'direita', 'hoger', 'hojre', 'hoyre', 'prawo', 'vpravo', 'oikea'],
  up: ['up', 'hoch', 'oben', 'rauf', 'haut', 'arriba', 'alto', 'cima', 'omhoog', 'upp', 'jump', 'spring', 'springen', 'saute', 'salta', 'gora'],
  down: ['down', 'runter', 'unten', 'bas', 'abajo', 'basso', 'baixo', 'omlaag', 'ner', 'ned', 'duck', 'ducken', 'dol'],
  go: ['go', 'los', 'fire', 'run', 'fast', 'schnell', 'vite', 'vamos', 'vai', 'start', 'push', 'action', 'dash'],
};

/** @type {Record<string, string[]>} */
const SIGNS = {
  left: ['←', '⬅', '👈', '左'],
  right: ['→', '➡', '👉', '右'],
  up: ['↑', '⬆', '👆', '☝', '上'],
  down: ['↓', '⬇', '👇', '下'],
  go: ['▶', '👍', '✊'],
};

const NOTHING = new Set([
  'none', 'nothing', 'neutral', 'idle', 'rest', 'background', 'empty', 'nobody', 'nichts', 'leer', 'hintergrund', 'ruhe', 'niemand',
  'rien', 'vide', 'fond', 'personne', 'nada', 'vacio', 'fondo', 'niente', 'vuoto', 'sfondo', 'vazio', 'fundo', 'niets', 'leeg', 'achtergrond',
  'ingenting', 'tom', 'nic', 'neutre', 'neutro',
]);

/** @param {string} label */
const plain = (label) => label.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replace(/ø/g, 'o').replace(/æ/g, 'ae').split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** Whether a class of this name is meant to do nothing. @param {string} label */
export const meansNothing = (label) => plain(label).some((word) => NOTHING.has(word));

/**
 * Which of some actions a class is named for.
 * @param {string} label
 * @param {{id: string, title?: string}[]} actions
 * @returns {string|null} null: none of them, or more than one
 */
export function meantBy(label, actions) {
  const words = new Set(plain(label));
  const meant = actions.filter(({ id, title = '' }) => {
    const names = [id, ...(WORDS[id] ?? []), ...plain(title)];
    return names.some((name) => words.has(name)) || (SIGNS[id] ?? []).some((sign) => label.includes(sign));
  });
  return meant.length === 1 ? meant[0].id : null;
}
