/** Longest name of a project and longest label of a class, in characters. */
export const LONGEST_NAME = 200;
export const LONGEST_LABEL = 100;

/**
 * Tidies a name that a person typed: no control characters, no outer space, not too long.
 * @param {string} text
 * @param {number} [longest] characters
 * @returns {string} may be empty
 */
export function tidyName(text, longest = LONGEST_NAME) {
  const plain = String(text).normalize('NFC').replace(/[\p{Cc}\p{Cs}]+/gu, ' ').trim();
  return Array.from(plain).slice(0, longest).join('').trim();
}

/**
 * Makes a label unique among others by a number at its end: "Cat" becomes "Cat 2".
 * @param {string} label
 * @param {Iterable<string>} others
 * @returns {string} the label itself where nobody else has it
 */
export function uniqueLabel(label, others) {
  const taken = new Set(others);
  if (!taken.has(label)) return label;
  for (let number = 2; ; number += 1) {
    const ending = ` ${number}`;
    const candidate = Array.from(label).slice(0, LONGEST_LABEL - ending.length).join('') + ending;
    if (!taken.has(candidate)) return candidate;
  }
}

/**
 * Gives the next free default label: "Class 1", "Class 2", ...
 * @param {Iterable<string>} others
 * @returns {string}
 */
export function nextLabel(others) {
  const taken = new Set(Array.from(others, (label) => label.toLowerCase()));
  for (let number = 1; ; number += 1) {
    if (!taken.has(`class ${number}`)) return `Class ${number}`;
  }
}

/**
 * Says a number of pictures in words: "1 picture", "3 pictures".
 * @param {number} count
 * @returns {string}
 */
export const pictures = (count) => `${count} ${count === 1 ? 'picture' : 'pictures'}`;
