export { addNoise } from './add-noise.ts';
export { type NoiseOptions, noiseOf } from './options.ts';
