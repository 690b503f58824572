/** Made-up training texts for the gateway's detector. */
export { type AugmentOptions, augmentTexts } from './augment.ts';
export { resembles } from './wrappings.ts';
