/**
 * What has to be sent so that the server has what this browser has. Pure.
 *
 * @typedef {import('./merge.js').Snapshot} Snapshot
 * @typedef {{kind: 'create', project: object}
 *   | {kind: 'patch', patch: Record<string, any>, dropped: string[]}
 *   | {kind: 'move', id: string, classId: string}
 *   | {kind: 'add', classId: string, ids: string[]}
 *   | {kind: 'delete', id: string}} Operation `dropped` are classes that go, with their samples
 */
import { OPTIONAL } from './class_settings.js';
import { sameJson } from './json.js';
import { sameClasses } from './merge.js';
import { uniqueLabel } from './names.js';

/** A request carries at most so many pictures and bytes: what is lost when it fails is sent again. */
export const CHUNK = Object.freeze({ count: 20, bytes: 2_000_000 });

/**
 * Lists the operations in the order in which they must be sent: classes come before their samples,
 * and go after what is kept of theirs has been moved out.
 * @param {Snapshot} local samples in order of creation
 * @param {Snapshot|null} base what the server has; null where it has not heard of the project
 * @param {(id: string) => number} [bytesOf] size of a sample's picture
 * @returns {Operation[]} none where both are the same
 */
export function diff(local, base, bytesOf = () => 0) {
  const { name, settings, backbone, classes } = local;
  /** @type {Operation[]} */
  const operations = [];
  const has = new Set(classes.map(({ id }) => id));
  const dropped = base ? base.classes.filter(({ id }) => !has.has(id)) : [];
  const gone = new Set(dropped.map(({ id }) => id));
  if (!base) {
    operations.push({ kind: 'create', project: { name, settings, classes, ...(backbone === null ? {} : { backbone }) } });
  } else {
    const patch = fieldsThatDiffer(local, base);
    const meanwhile = withDropped(classes, dropped);
    if (!sameClasses(meanwhile, base.classes)) patch.classes = meanwhile;
    if (Object.keys(patch).length) operations.push({ kind: 'patch', patch, dropped: [] });
  }
  const known = base?.samples ?? new Map();
  for (const [id, classId] of known) {
    const wanted = local.samples.get(id);
    if (wanted !== undefined && wanted !== classId) operations.push({ kind: 'move', id, classId: wanted });
  }
  for (const { id: classId } of classes) {
    const ids = [...local.samples].filter(([id, wanted]) => wanted === classId && !known.has(id)).map(([id]) => id);
    for (const chunk of chunksOf(ids, bytesOf)) operations.push({ kind: 'add', classId, ids: chunk });
  }
  for (const [id, classId] of known) {
    if (!local.samples.has(id) && !gone.has(classId)) operations.push({ kind: 'delete', id });
  }
  if (dropped.length) operations.push({ kind: 'patch', patch: { classes }, dropped: [...gone] });
  return operations;
}

/**
 * Gives name, backbone and settings as far as they differ from the server's. Without a wish for a
 * backbone, or for a setting that this browser does not know, the server's counts.
 * @param {Omit<Snapshot, 'samples'>} local
 * @param {Omit<Snapshot, 'samples'>} base
 * @returns {Record<string, any>}
 */
export function fieldsThatDiffer(local, base) {
  /** @type {Record<string, any>} */
  const patch = {};
  if (local.name !== base.name) patch.name = local.name;
  if (local.backbone !== null && local.backbone !== base.backbone) patch.backbone = local.backbone;
  const known = [...Object.keys(local.settings), ...OPTIONAL.filter((key) => key in base.settings)];
  const keys = [...new Set(known)].filter((key) => !sameJson(local.settings[key], base.settings[key]));
  // On the wire null takes away: what is undefined would not be sent at all.
  if (keys.length) patch.settings = Object.fromEntries(keys.map((key) => [key, local.settings[key] ?? null]));
  return patch;
}

/**
 * Cuts a list of samples into requests.
 * @param {string[]} ids
 * @param {(id: string) => number} bytesOf
 * @returns {string[][]}
 */
export function chunksOf(ids, bytesOf) {
  /** @type {string[][]} */
  const chunks = [];
  let bytes = Infinity;
  for (const id of ids) {
    const size = bytesOf(id);
    const last = chunks[chunks.length - 1];
    if (!last || last.length >= CHUNK.count || bytes + size > CHUNK.bytes) {
      chunks.push([id]);
      bytes = size;
    } else {
      last.push(id);
      bytes += size;
    }
  }
  return chunks;
}

/** Classes that are about to go stand at the end, under labels that no other class wants. @param {Snapshot['classes']} classes @param {Snapshot['classes']} dropped */
function withDropped(classes, dropped) {
  const labels = classes.map(({ label }) => label);
  return [...classes, ...dropped.map((item) => {
    const label = uniqueLabel(item.label, labels);
    labels.push(label);
    return { ...item, label };
  })];
}
