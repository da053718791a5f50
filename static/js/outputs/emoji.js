// Emoji to choose from, and which one a class's name calls for.

/** For choosing; each is one character that all systems draw. @type {readonly string[]} */
export const EMOJI = Object.freeze(
  ('👍 👎 👋 ✋ ✌️ 👏 🙌 💪 👀 😀 😂 😍 😮 😴 🤔 🥳 🤖 👻 🐱 🐶 🐻 🦊 🐸 🐵 🦁 🐟 🦋 🌳 🌻 🌈 ⭐ 🌙 ☀️ ⚡ 🔥 💧 🍎 🍌 🍕 🎂 ☕ ⚽ 🎈 🎉 🎸 🥁 🎺 🚗 🚀 🏠 📚 ✏️ 💡 🔔 ❤️ ✅ ❌ ⬅️ ➡️ ⬆️ ⬇️ 🛑').split(' '),
);

/** Where the name says nothing: all different, all cheerful. */
const OTHERS = ['⭐', '🌈', '🎈', '🦊', '🚀', '🌻', '🎸', '🍕', '⚡', '🐸', '💡', '🎉', '🦋', '🍎', '⚽', '🌙', '🔥', '💧', '🐻', '📚'];

/** Parts of names in English and some neighbours, the longer ones first. @type {[RegExp, string][]} */
const WORDS = /** @type {[string, string][]} */ ([
  ['nothing|none|nichts|nobody|background|empty|rien|nada|leer', '💤'],
  ['thumbs? ?down', '👎'], ['thumb|good|gut|like', '👍'], ['left|links|gauche|izquierda', '⬅️'], ['right|rechts|droite|derecha', '➡️'],
  ['up|hoch|oben|arriba|haut', '⬆️'], ['down|runter|unten|abajo|bas', '⬇️'], ['stop|halt', '🛑'], ['go|los|start', '🚀'], ['yes|ja|oui|si|correct', '✅'], ['no|nein|non|wrong', '❌'],
  ['wave|hello|hi|hallo|winken', '👋'], ['hand|palm|high ?five', '✋'], ['peace|victory', '✌️'], ['clap', '👏'], ['fist|strong|muscle', '💪'], ['eyes?|look', '👀'],
  ['smile|happy|smiling|lachen', '😀'], ['laugh', '😂'], ['love|heart|herz', '❤️'], ['surprise|wow', '😮'], ['sleep|tired', '😴'], ['think', '🤔'], ['robot', '🤖'], ['ghost', '👻'],
  ['cat|katze|chat|gato', '🐱'], ['dog|hund|chien|perro', '🐶'], ['bear|bär|teddy', '🐻'], ['fox|fuchs', '🦊'], ['frog|frosch', '🐸'], ['monkey|affe', '🐵'], ['lion|löwe', '🦁'], ['fish|fisch', '🐟'], ['butterfly', '🦋'],
  ['tree|baum', '🌳'], ['flower|blume|sunflower|plant', '🌻'], ['rainbow', '🌈'], ['star|stern', '⭐'], ['moon|mond', '🌙'], ['sun|sonne', '☀️'], ['light|lamp|lampe', '💡'], ['lightning', '⚡'], ['fire|feuer', '🔥'], ['water|wasser|bottle', '💧'],
  ['apple|apfel', '🍎'], ['banana|banane', '🍌'], ['pizza', '🍕'], ['cake|kuchen', '🎂'], ['coffee|cup|mug|tasse|kaffee', '☕'], ['ball|football', '⚽'], ['balloon', '🎈'], ['party', '🎉'], ['guitar|gitarre', '🎸'], ['drum', '🥁'], ['trumpet', '🎺'],
  ['car|auto', '🚗'], ['rocket', '🚀'], ['house|home|haus', '🏠'], ['book|buch|books', '📚'], ['pen|pencil|stift', '✏️'], ['bell|glocke', '🔔'],
]).map(([words, emoji]) => [new RegExp(`(^|[^\\p{L}])(${words})s?([^\\p{L}]|$)`, 'iu'), emoji]);

/**
 * Choose an emoji for a class: what its name calls for, else one that no other class has.
 * @param {string} label
 * @param {Set<string>} [used]
 * @returns {string}
 */
export function emojiFor(label, used = new Set()) {
  const called = WORDS.find(([pattern]) => pattern.test(label));
  if (called && !used.has(called[1])) return called[1];
  return OTHERS.find((emoji) => !used.has(emoji)) ?? OTHERS[used.size % OTHERS.length];
}

/**
 * Choose an emoji for each class, all different where there are enough.
 * @param {readonly {label: string}[]} classes
 * @returns {string[]}
 */
export function emojiForEach(classes) {
  /** @type {Set<string>} */
  const used = new Set();
  return classes.map(({ label }) => {
    const emoji = emojiFor(label, used);
    used.add(emoji);
    return emoji;
  });
}

/** Cut a text to its first few characters as people count them. @param {string} text @param {number} most */
export function graphemes(text, most) {
  if (typeof Intl.Segmenter !== 'function') return [...text].slice(0, most).join('');
  let cut = '';
  let n = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (n++ === most) break;
    cut += segment;
  }
  return cut;
}
