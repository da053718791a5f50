export { MathBackendWebGL, webgl } from '@tensorflow/tfjs-backend-webgl';
