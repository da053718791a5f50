export { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
