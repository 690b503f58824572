/**
 * Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019) and gradients clipped by their norm over all parameters
 * (Pascanu et al. 2013).
 */
export interface AdamOptions {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly clip: number;
  /** 1 where decay applies. */
  readonly decayed: Uint8Array;
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

export interface Adam {
  /** One step on `weights`, in place. `gradients` are left as they are. */
  step(weights: Float64Array, gradients: Float64Array): void;
}

export function newAdam({ learningRate, weightDecay, clip, decayed }: AdamOptions): Adam {
  const first = new Float64Array(decayed.length);
  const second = new Float64Array(decayed.length);
  // Powers by repeated multiplication: Math.pow's last bits belong to the engine.
  let power1 = 1;
  let power2 = 1;
  return {
    step(weights, gradients) {
      power1 *= BETA_1;
      power2 *= BETA_2;
      let squares = 0;
      for (let i = 0; i < gradients.length; i++) squares += gradients[i]! ** 2;
      const norm = Math.sqrt(squares);
      const scale = norm > clip ? clip / norm : 1;
      for (let i = 0; i < weights.length; i++) {
        const gradient = scale * gradients[i]!;
        const m = BETA_1 * first[i]! + (1 - BETA_1) * gradient;
        const v = BETA_2 * second[i]! + (1 - BETA_2) * gradient * gradient;
        first[i] = m;
        second[i] = v;
        const step = m / (1 - power1) / (Math.sqrt(v / (1 - power2)) + EPSILON);
        weights[i] = weights[i]! - learningRate * (step + weightDecay * decayed[i]! * weights[i]!);
      }
    },
  };
}
