import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { parseSafetensors } from '../../../static/js/net/safetensors.js';

/** @param {any} header @param {number[]} numbers @returns {ArrayBuffer} */
function file(header, numbers = [], claim = NaN) {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const buffer = new ArrayBuffer(8 + text.length + numbers.length * 4);
  new DataView(buffer).setBigUint64(0, BigInt(claim || text.length), true);
  new Uint8Array(buffer).set(text, 8);
  const view = new DataView(buffer);
  numbers.forEach((value, index) => view.setFloat32(8 + text.length + index * 4, value, true));
  return buffer;
}
const vectors = { vectors: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] } };

test('tensors and metadata are read, wherever the numbers begin', () => {
  for (const padding of ['', 'x', 'xx', 'xxx']) {
    const { metadata, tensors } = parseSafetensors(file({ __metadata__: { padding }, ...vectors }, [1, 0.5, -2, 4]));
    assert.equal(metadata.padding, padding);
    assert.deepEqual(tensors.get('vectors')?.shape, [2, 2]);
    assert.deepEqual([...tensors.get('vectors')?.data], [1, 0.5, -2, 4]);
  }
});

test('an empty matrix is a matrix', () => {
  const { tensors } = parseSafetensors(file({ vectors: { dtype: 'F32', shape: [0, 1280], data_offsets: [0, 0] } }));
  assert.deepEqual([tensors.get('vectors')?.shape, tensors.get('vectors')?.data.length], [[0, 1280], 0]);
});

test('files that are not what they say are refused', () => {
  const entry = (more) => file({ vectors: { ...vectors.vectors, ...more } }, [1, 2, 3, 4]);
  /** @type {[string, ArrayBuffer, RegExp][]} */
  const hostile = [
    ['too short', new ArrayBuffer(5), /5 bytes/],
    ['a header longer than the file', file(vectors, [1, 2, 3, 4], 10_000), /header of 10000 bytes/],
    ['a header of 2^60 bytes', file(vectors, [], 2 ** 60), /header of/],
    ['no JSON', file('{"vectors":'), /not JSON/],
    ['a list', file('[1]'), /not an object/],
    ['numbers beyond the end', file(vectors, [1, 2, 3]), /does not lie/],
    ['a shape that needs more', entry({ shape: [2, 3] }), /does not lie/],
    ['a negative size', entry({ shape: [-2, -2] }), /does not lie/],
    ['a fraction', entry({ shape: [2, 2.5] }), /does not lie/],
    ['offsets the wrong way', entry({ data_offsets: [16, 0] }), /does not lie/],
    ['a shape that overflows', entry({ shape: [2 ** 40, 2 ** 40] }), /does not lie/],
    ['a type we do not read', entry({ dtype: 'F8' }), /of type F8/],
    ['a whole number that a double cannot hold', file({ labels: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, [0, -1e30]), /larger than can be told exactly/],
    ['no entry', file({ vectors: null }), /of type undefined/],
  ];
  for (const [name, buffer, message] of hostile) assert.throws(() => parseSafetensors(buffer), message, name);
});

test('what the reference library writes in Python is read', () => {
  const python = ['.venv/bin/python', 'python3'].find((name) => name === 'python3' || existsSync(name)) ?? 'python3';
  const script = `
import sys, numpy
from safetensors.numpy import save
sys.stdout.buffer.write(save({"vectors": numpy.arange(6, dtype="float32").reshape(2, 3) / 4, "labels": numpy.array([1, 0], "int32"), "long": numpy.array([-3, 2**40], "int64")}, {"ids": '["a", "b"]'}))`;
  const bytes = execFileSync(python, ['-c', script]);
  const { metadata, tensors } = parseSafetensors(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  assert.deepEqual(JSON.parse(metadata.ids), ['a', 'b']);
  assert.deepEqual([...tensors.get('vectors')?.data], [0, 0.25, 0.5, 0.75, 1, 1.25]);
  assert.deepEqual([...tensors.get('labels')?.data], [1, 0]);
  assert.deepEqual([...tensors.get('long')?.data], [-3, 2 ** 40]);
});
