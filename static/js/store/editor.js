/**
 * What a person can do with an open project. Every edit is applied at once, stored by itself and
 * can be undone.
 *
 * @typedef {import('./edits.js').ClassInfo} ClassInfo
 * @typedef {import('./edits.js').Quality} Quality
 *
 * @typedef {object} NewSample
 * @property {string} [id]
 * @property {Blob} jpeg the 224-pixel square
 * @property {Float32Array|null} [embedding] with `fingerprint`, of unit length
 * @property {string} [fingerprint] of the backbone that made the embedding
 * @property {string|null} [burst] samples of one held button share it; null for a sample on its own
 * @property {string} [source] 'camera', 'file', 'video', 'drawing', 'import' or 'upload'
 * @property {Quality|null} [quality]
 * @property {string|null} [contributor] who showed it on a phone
 */
import { fitsClasses, MOST_BYTES, OPTIONAL } from './class_settings.js';
import { DEFAULT_SETTINGS } from './edits.js';
import { strictClock, uuid } from './ids.js';
import { jsonBytes, sameJson } from './json.js';
import { LONGEST_LABEL, nextLabel, pictures as inWords, tidyName, uniqueLabel } from './names.js';
import { nextColor } from './palette.js';
import { Project } from './project.js';

/** Where a sample may come from, in the server's words. */
const SOURCES = new Set(['camera', 'file', 'video', 'drawing', 'import', 'upload']);

const LONGEST_BURST = 100;

/** The ranges that the server accepts. @type {Record<string, (value: any) => boolean>} */
const SETTINGS = {
  k: (value) => Number.isInteger(value) && value >= 1 && value <= 1000,
  tolerance: (value) => value === null || (value > 0 && value <= 100),
  smoothing_ms: (value) => Number.isInteger(value) && value >= 0 && value <= 10_000,
  mirror: (value) => typeof value === 'boolean',
  play: fitsClasses,
  outputs: fitsClasses,
};

export class Editor extends Project {
  #clock = strictClock();

  /** @param {string} name an empty one changes nothing */
  rename(name) {
    const value = tidyName(name);
    if (value && value !== this.name) this.apply([{ op: 'name', value }], { label: 'Rename the project', key: 'name' });
  }

  /**
   * @param {Partial<import('./edits.js').Settings>} patch `undefined` takes `play` or `outputs` away
   * @param {{label?: string, key?: string|null}} [step] what undo calls it; key: steps of the same one that follow
   *   closely are one, as while a slider is pulled; null: a step of its own
   * @throws {RangeError} where a value is out of its range, or of more than 64 KiB
   */
  setSettings(patch, { label = 'Change settings', key } = {}) {
    for (const [key, value] of Object.entries(patch)) {
      if (SETTINGS[key]?.(value)) continue;
      if (OPTIONAL.includes(key)) throw new RangeError(`Setting ${key} of ${jsonBytes(value)} bytes; expected an object of at most ${MOST_BYTES}. Bind fewer classes.`);
      throw new RangeError(`Setting ${key} = ${value}; expected ${[...Object.keys(DEFAULT_SETTINGS), ...OPTIONAL].join(', ')} in their ranges.`);
    }
    const keys = Object.keys(patch).filter((key) => !sameJson(patch[key], this.settings[key]));
    if (!keys.length) return;
    const value = Object.fromEntries(keys.map((key) => [key, patch[key]]));
    this.apply([{ op: 'settings', value }], { label, key: key === undefined ? `settings:${keys.sort()}` : key });
  }

  /** @param {string|null} name */
  setBackbone(name) {
    if (name !== this.backbone) this.apply([{ op: 'backbone', value: name }], { label: 'Change the eyes' });
  }

  /** @param {string} [label] "Class 1", "Class 2", ... where left out @returns {ClassInfo} */
  addClass(label = '') {
    const labels = this.classes.map((other) => other.label);
    const added = {
      id: uuid(),
      label: uniqueLabel(tidyName(label, LONGEST_LABEL) || nextLabel(labels), labels),
      color: nextColor(this.classes.map((other) => other.color)),
    };
    this.apply([{ op: 'class-add', class: added }], { label: `Add ${added.label}` });
    return added;
  }

  /** @param {string} id @param {string} label made unique by a number; an empty one changes nothing */
  renameClass(id, label) {
    const value = tidyName(label, LONGEST_LABEL);
    const { label: old } = this.#class(id);
    if (value && value !== old) {
      this.apply([{ op: 'class-set', id, value: { label: value } }], { label: `Rename ${old}`, key: `label:${id}` });
    }
  }

  /** @param {string} id @param {string} color '#rrggbb' */
  recolorClass(id, color) {
    if (!/^#[0-9a-f]{6}$/i.test(color)) throw new RangeError(`Colour "${color}"; expected one like #2f7fd6.`);
    const { label, color: old } = this.#class(id);
    if (color.toLowerCase() === old) return;
    this.apply([{ op: 'class-set', id, value: { color: color.toLowerCase() } }], { label: `Recolour ${label}`, key: `color:${id}` });
  }

  /** @param {string[]} ids */
  reorderClasses(ids) {
    this.apply([{ op: 'class-order', ids: [...ids] }], { label: 'Reorder classes' });
  }

  /** Deletes a class with its samples. @param {string} id */
  deleteClass(id) {
    const { label } = this.#class(id);
    const count = this.samplesOf(id).length;
    this.apply([{ op: 'class-remove', id }], { label: `Delete ${label}${count ? ` with ${inWords(count)}` : ''}` });
  }

  /**
   * Adds samples. What follows with the same burst becomes part of the same undo step.
   * @param {string} classId
   * @param {NewSample[]} list
   * @returns {string[]} their ids
   */
  addSamples(classId, list) {
    const { label } = this.#class(classId);
    const samples = list.map(({ id = uuid(), jpeg, burst, source = 'camera', quality = null, contributor = null }) => ({
      id, classId, burst: tidyName(burst ?? '', LONGEST_BURST) || id, source, createdAt: this.#clock(),
      quality, bytes: jpeg.size, contributor, synced: null,
    }));
    const unknown = samples.find(({ source }) => !SOURCES.has(source));
    if (unknown) throw new RangeError(`Source "${unknown.source}"; expected one of ${[...SOURCES].join(', ')}.`);
    if (!samples.length) return [];
    const [{ burst }] = samples;
    const oneGesture = list[0].burst != null && samples.every((sample) => sample.burst === burst);
    this.apply([{ op: 'samples-add', samples }], {
      label: `Add ${inWords(samples.length)} to ${label}`,
      key: oneGesture ? `burst:${burst}:${classId}` : null,
      pictures: samples.map(({ id }, index) => [id, list[index].jpeg]),
      embeddings: samples.flatMap(({ id }, index) => {
        const { embedding, fingerprint } = list[index];
        return embedding && fingerprint ? [{ id, fingerprint, vector: embedding }] : [];
      }),
    });
    void this.database.askToPersist();
    return samples.map(({ id }) => id);
  }

  /** @param {Iterable<string>} ids */
  deleteSamples(ids) {
    const found = [...ids].filter((id) => this.samples.has(id));
    if (found.length) this.apply([{ op: 'samples-remove', ids: found }], { label: `Delete ${inWords(found.length)}` });
  }

  /** @param {Iterable<string>} ids @param {string} classId */
  moveSamples(ids, classId) {
    const { label } = this.#class(classId);
    const moves = [...ids].filter((id) => this.samples.get(id)?.classId !== classId).map((id) => [id, classId]);
    if (moves.length) this.apply([{ op: 'samples-move', moves }], { label: `Move ${inWords(moves.length)} to ${label}` });
  }

  /** @param {string} id */
  #class(id) {
    const found = this.classes.find((other) => other.id === id);
    if (found) return found;
    throw new RangeError(`No class ${id}; there are ${this.classes.map((other) => other.id).join(', ') || 'none'}.`);
  }
}
