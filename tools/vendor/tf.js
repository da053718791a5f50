// TensorFlow.js as the page needs it: tensors and graph models, and no backend yet
// (each backend is a bundle of its own, so that a page fetches only the one it runs on).
export * from '@tensorflow/tfjs-core';
export { loadGraphModel, GraphModel } from '@tensorflow/tfjs-converter';
