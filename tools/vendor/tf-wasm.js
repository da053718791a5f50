export { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
