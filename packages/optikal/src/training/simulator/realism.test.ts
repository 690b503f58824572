/** Benign windows of the simulator beside those of recorded agents; bench/simulator-realism.ts has more seeds and what training brings. */
import { join } from 'node:path';
import { ksDistance } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { dataFolder } from '../../../../../test/support/data.ts';
import { openDataSource } from '../../services/data-source.ts';
import { benignWindows, COMPARED, LENGTHS, observed, simulatedSource } from './test-support/realism.ts';

const folder = dataFolder('agents/sessions.jsonl.gz', 'agents/traces.jsonl.gz');
const FURTHEST = 0.35;

describe.skipIf(folder === null)('a minute of benign work', () => {
  // Made by the first test that runs: a skipped suite must not look for its data.
  let known: ReturnType<typeof load> | null = null;
  const windows = () => {
    known ??= load(join(folder ?? '', 'agents'));
    return known;
  };

  it.each([...Object.entries(COMPARED), ...Object.entries(LENGTHS)])(
    `has its %s distributed as with real agents: Kolmogorov–Smirnov distance of at most ${FURTHEST}`,
    { timeout: 120_000 },
    (_, feature) => {
      const { simulated, recorded } = windows();
      const distance = ksDistance(observed(simulated, feature), observed(recorded, feature));
      expect(distance).toBeLessThanOrEqual(FURTHEST);
      // A distance of nothing would say that they are the same data.
      expect(distance).toBeGreaterThan(0.01);
    },
  );
});

function load(agents: string) {
  const recorded = benignWindows(openDataSource(agents, { content: 'none' }));
  const simulated = benignWindows(simulatedSource({ agents: 60, days: 1, seed: 'realism' }));
  expect(Math.min(recorded.length, simulated.length)).toBeGreaterThan(2000);
  return { recorded, simulated };
}
