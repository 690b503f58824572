/** Compiled from packages/ml/kernels/probe.ts by `npm run kernels`; 121 bytes. */
export const PROBE =
  'AGFzbQEAAAABCAFgBH99f38AAwIBAAUDAQAABxECBGF4cHkAAAZtZW1vcnkCAApJAUcCA38BeyAB/RMhBwNAIAAgBEoEQCAEQQJ0IgUgA2oiBiAHIAIgBWr9AAQA/eYBIAb9AAQA/eQB/QsEACAEQQRqIQQMAQsLCw==';
