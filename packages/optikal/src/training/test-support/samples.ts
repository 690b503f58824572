/** Windows for tests of what learns: an attack shows in `write_calls` and `role_surprise_max`, and in its call; everything else is noise. */
import { createRandom, type Random } from '@optikal/ml';
import { CALL_COLUMNS } from '../../detection/features/calls.ts';
import { FUSED_COLUMNS } from '../../detection/features/fused.ts';
import { NO_STEPS, rememberSequence, type StepMemory, sequenceOf } from '../../detection/steps.ts';
import type { WindowSample } from '../dataset.ts';

const MINUTE_MS = 60_000;

export function sampleOf(more: Partial<WindowSample> = {}, columns: Readonly<Record<string, number>> = {}): WindowSample {
  const row = new Float64Array(FUSED_COLUMNS.length).fill(Number.NaN);
  for (const name in columns) row[FUSED_COLUMNS.at(name)] = columns[name]!;
  return {
    key: 't|a0',
    role: 'clerk',
    startMs: 0,
    row,
    callRows: [],
    sequence: sequenceOf(NO_STEPS, row, 0).steps,
    callIds: [],
    callLabels: [],
    label: 0,
    threat: null,
    intensity: null,
    campaign: null,
    exclude: false,
    ...more,
  };
}

export function callRowOf(columns: Readonly<Record<string, number>>): Float64Array {
  const row = new Float64Array(CALL_COLUMNS.length).fill(Number.NaN);
  for (const name in columns) row[CALL_COLUMNS.at(name)] = columns[name]!;
  return row;
}

export interface FakeFleet {
  readonly agents: number;
  readonly windows: number;
  /** Agents from the first on that are attacked in every tenth window. */
  readonly attacked: number;
  readonly seed: string;
  /** How far an attack stands out, in standard deviations. Default 3. */
  readonly strength?: number;
}

export function fakeSamples({ agents, windows, attacked, seed, strength = 3 }: FakeFleet): WindowSample[] {
  const samples: WindowSample[] = [];
  for (let agent = 0; agent < agents; agent++) {
    const random = createRandom(`${seed}:${agent}`);
    let memory: StepMemory = NO_STEPS;
    for (let w = 0; w < windows; w++) {
      const sample = fakeWindow(agent, w, agent < attacked && w % 10 === 5 ? strength : 0, random);
      const steps = sequenceOf(memory, sample.row, sample.startMs);
      memory = rememberSequence(steps, sample.startMs);
      samples.push({ ...sample, sequence: steps.steps });
    }
  }
  return samples;
}

function fakeWindow(agent: number, w: number, strength: number, random: Random): WindowSample {
  const acted = strength > 0;
  const columns = {
    write_calls: random.nextGaussian() + strength,
    role_surprise_max: random.nextGaussian() + strength,
    calls: 2,
    out_bytes_log: random.nextGaussian(),
  };
  const callRows = [0, 1].map((i) =>
    callRowOf({ call_role_surprise: random.nextGaussian() + (i === 1 ? strength : 0), call_reads_before: random.nextGaussian() }),
  );
  return sampleOf(
    {
      key: `t|a${agent}`,
      startMs: w * MINUTE_MS,
      callRows,
      callIds: [`c${w}.0`, `c${w}.1`],
      callLabels: [0, acted ? 1 : 0],
      ...(acted
        ? {
            label: 2 as const,
            threat: w % 20 === 5 ? ('data_exfiltration' as const) : ('resource_abuse' as const),
            intensity: 'moderate',
            campaign: `a${agent}:${Math.floor(w / 20)}`,
          }
        : {}),
    },
    columns,
  );
}
