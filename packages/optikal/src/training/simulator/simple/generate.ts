/**
 * The simple generator: independent rows of the 11 raw metrics, each drawn from its scenario alone. For comparison with earlier work, never for
 * training: one split of one metric solves it (docs/simulator.md has the figure), because nothing in it is a person's or an agent's habit.
 */
import { RAW_METRICS, type RawMetricName, type RawMetrics, THREATS, type Threat } from '@optikal/contracts';
import { createRandom, type Random } from '@optikal/ml';
import { chance, pick, poisson, wholeBetween } from '../draw.ts';
import { type Draw, scenarioOf } from './scenarios.ts';

export interface SimpleOptions {
  /** 1 to 10,000,000. */
  readonly rows: number;
  readonly seed: number | string;
  /** Share of rows under a threat, 0 to 1, spread evenly over the six. Default 0.3. */
  readonly threatShare?: number;
}

export interface SimpleRow extends RawMetrics {
  /** 1 = a threat. */
  readonly label: 0 | 1;
  readonly threat: Threat | null;
}

const KNOWN = ['rows', 'seed', 'threatShare'];

/**
 * The rows in a random order of scenarios; more rows begin with the same ones. RangeError for an option outside its range.
 *
 * @example
 * const rows = [...generateSimpleScenarios({ rows: 1000, seed: 7 })];
 */
export function generateSimpleScenarios(options: SimpleOptions): Generator<SimpleRow> {
  const { rows, seed, threatShare = 0.3 } = options;
  for (const name of Object.keys(options))
    if (!KNOWN.includes(name)) throw new RangeError(`expected an option of simple scenarios, found \`${name}\``);
  if (!(Number.isInteger(rows) && rows >= 1 && rows <= 1e7)) throw new RangeError(`expected \`rows\` from 1 to 10000000, found ${rows}`);
  if (!(threatShare >= 0 && threatShare <= 1)) throw new RangeError(`expected \`threatShare\` from 0 to 1, found ${threatShare}`);
  return drawRows(rows, threatShare, createRandom(seed).fork('simple'));
}

function* drawRows(rows: number, threatShare: number, random: Random): Generator<SimpleRow> {
  for (let i = 0; i < rows; i++) {
    const threat = chance(random, threatShare) ? pick(random, THREATS) : null;
    const scenario = scenarioOf(threat);
    const of = (name: RawMetricName): number => drawValue(name, scenario[name], random);
    yield {
      cpu_usage_percent: of('cpu_usage_percent'),
      memory_usage_mb: of('memory_usage_mb'),
      network_calls_count: of('network_calls_count'),
      file_operations_count: of('file_operations_count'),
      api_calls_count: of('api_calls_count'),
      error_count: of('error_count'),
      hour_of_day: of('hour_of_day'),
      day_of_week: of('day_of_week'),
      query_diversity: of('query_diversity'),
      response_time_ms: of('response_time_ms'),
      success_rate: of('success_rate'),
      label: threat === null ? 0 : 1,
      threat,
    };
  }
}

/** Within the metric's range, to three digits behind the point. */
function drawValue(name: RawMetricName, draw: Draw, random: Random): number {
  if (draw.kind === 'whole') return wholeBetween(random, draw.low, draw.high);
  if (draw.kind === 'count') return poisson(random, draw.mean);
  const { minimum, maximum } = RAW_METRICS.find((metric) => metric.name === name)!; // the scenarios name raw metrics only
  return Math.round(Math.max(minimum, Math.min(maximum, draw.mean + draw.spread * random.nextGaussian())) * 1000) / 1000;
}
