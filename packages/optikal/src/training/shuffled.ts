/** Sequences without their order: what a model that uses the order must lose on. */
import { createRandom } from '@optikal/ml';
import { SEQUENCE_STEPS } from '../detection/steps.ts';
import type { WindowSample } from './dataset.ts';

/** The windows of each agent in a random order: every sequence ends with its own window, and those before are others of the agent. */
export function withShuffledWindows(samples: readonly WindowSample[], seed: string): WindowSample[] {
  const shuffled = [...samples];
  for (const [key, own] of Map.groupBy(samples.keys(), (i) => samples[i]!.key)) {
    const order = createRandom(`${seed}:${key}`).shuffle([...own]);
    const steps = order.map((i) => samples[i]!.sequence.at(-1)!); // a sequence ends with its window
    order.forEach((i, at) => {
      shuffled[i] = { ...samples[i]!, sequence: steps.slice(Math.max(0, at + 1 - SEQUENCE_STEPS), at + 1) };
    });
  }
  return shuffled;
}
