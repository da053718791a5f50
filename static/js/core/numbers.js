// Classes that are named by numbers: what a regression learns from.

/**
 * The number a class is named by, or null. As Python reads it: a comma counts as a point.
 * @param {string} label @returns {number | null}
 */
export function numberOf(label) {
  const text = label.trim().replace(',', '.');
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text)) ? Number(text) : null;
}

/**
 * Whether classes with these labels stand for numbers: at least one, and nothing else.
 * @param {string[]} labels
 */
export const areNumbers = (labels) => labels.length > 0 && labels.every((label) => numberOf(label) !== null);

/**
 * Whether classes look like points of a scale (0, 50, 100) rather than names that happen to be digits
 * (hand signs from 0 to 9).
 * @param {string[]} labels
 */
export const areScale = (labels) => areNumbers(labels) && labels.some((label) => !/^\d$/.test(label.trim()));
