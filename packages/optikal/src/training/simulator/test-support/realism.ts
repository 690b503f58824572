/**
 * What the simulator is compared with: benign windows of recorded agents. Both go through the code that serves, and only what both really have
 * is compared: counts, errors, diversity, success and lengths. The recordings' clock, CPU, memory and response time are made by formulas.
 */
import type { RawMetricName } from '@optikal/contracts';
import { columnsOf } from '../../../detection/features/columns.ts';
import { parseToolsYaml } from '../../../detection/tools/index.ts';
import type { DataSource } from '../../../services/data-source.ts';
import { catalogueOf, extractSource } from '../../../services/train.ts';
import type { WindowSample } from '../../dataset.ts';
import { indexTruth } from '../../labels.ts';
import { type FleetOptions, simulateFleet, toolsYaml } from '../index.ts';

/** Raw metrics that both have, and the feature that holds them: a window is a minute, so a rate is a count. */
export const COMPARED: Readonly<Partial<Record<RawMetricName, string>>> = {
  api_calls_count: 'api_calls_per_min',
  network_calls_count: 'network_calls_per_min',
  file_operations_count: 'file_ops_per_min',
  error_count: 'errors_per_min',
  query_diversity: 'query_diversity_score',
  success_rate: 'success_rate_score',
};

/** Lengths, no raw metrics but features: bytes of arguments and outputs in a window. */
export const LENGTHS = { 'bytes of arguments': 'arg_bytes_log', 'bytes of outputs': 'out_bytes_log' } as const;

const COLUMNS = columnsOf('fused1');

export function simulatedSource(options: FleetOptions): DataSource {
  const fleet = simulateFleet(options);
  return {
    kind: 'fleet',
    description: 'simulated fleet',
    events: () => fleet.events(),
    truth: indexTruth(fleet.truth),
    tools: parseToolsYaml(toolsYaml()),
    relatives: () => [],
    metaOf: null,
    refused: () => 0,
  };
}

/** Windows in which nothing hostile was read or done, with activity. */
export function benignWindows(source: DataSource): WindowSample[] {
  return extractSource(source, catalogueOf(source)).dataset.samples.filter(({ label, exclude }) => label === 0 && !exclude);
}

/** A feature of windows, where it was observed. */
export function observed(samples: readonly WindowSample[], feature: string): number[] {
  const at = COLUMNS.at(feature);
  return samples.map(({ row }) => row[at]!).filter((value) => !Number.isNaN(value));
}
