/** What a sensor does to the values it measures: it trembles, rounds, or sees nothing. Counts, labels, ids and times of calls stay. */
import type { Call, Event, RawMetrics } from '@optikal/contracts';
import { exp, type Random } from '@optikal/ml';
import { chance } from '../draw.ts';
import type { ResolvedNoise } from './options.ts';

export interface Sensor {
  readonly noise: ResolvedNoise;
  /** Coarse ones round to the step. */
  readonly coarse: boolean;
  readonly random: Random;
}

const STEPS = { percent: 5, megabytes: 64, milliseconds: 50, bytes: 256 } as const;
const MOST = 1e9;

export function noisyMetrics<Row extends RawMetrics>(row: Row, sensor: Sensor): Row {
  const measured = {
    ...row,
    cpu_usage_percent: upTo(100, measure(row.cpu_usage_percent, STEPS.percent, sensor)),
    memory_usage_mb: measure(row.memory_usage_mb, STEPS.megabytes, sensor),
    response_time_ms: measure(row.response_time_ms, STEPS.milliseconds, sensor),
  };
  const kept = {
    network_calls_count: seen(row.network_calls_count, sensor),
    file_operations_count: seen(row.file_operations_count, sensor),
    api_calls_count: seen(row.api_calls_count, sensor),
    error_count: seen(row.error_count, sensor),
    hour_of_day: seen(row.hour_of_day, sensor),
    day_of_week: seen(row.day_of_week, sensor),
    query_diversity: seen(row.query_diversity, sensor),
    success_rate: seen(row.success_rate, sensor),
  };
  return { ...measured, ...kept };
}

/** Only fields that may be null change; the order of draws is the order of the fields. */
export function noisyEvent(event: Event, sensor: Sensor): Event {
  switch (event.type) {
    case 'argus.agent.metrics.v1': {
      const { calls, metrics } = event.data;
      const noisy = { ...event.data, metrics: noisyMetrics(metrics, sensor) };
      return { ...event, data: calls === undefined ? noisy : { ...noisy, calls: calls.map((call) => noisyCall(call, sensor)) } };
    }
    case 'argus.io.validation.v1':
      return { ...event, data: { ...event.data, score: seen(event.data.score, sensor) } };
    case 'argus.policy.decisions.v1': {
      const { riskScore, latencyMs } = event.data;
      return {
        ...event,
        data: { ...event.data, riskScore: seen(riskScore, sensor), latencyMs: measure(latencyMs, 1, sensor) },
      };
    }
    case 'argus.agent.lifecycle.v1':
      return { ...event, data: noisyLifecycle(event.data, sensor) };
    default:
      return event;
  }
}

function noisyCall(call: Call, sensor: Sensor): Call {
  const { coarse } = sensor;
  const { provenance } = call;
  return {
    ...call,
    latencyMs: measure(call.latencyMs, STEPS.milliseconds, sensor),
    argBytes: seen(call.argBytes, sensor),
    outBytes: seen(call.outBytes === null || !coarse ? call.outBytes : rounded(call.outBytes, STEPS.bytes), sensor),
    argHmac: seen(call.argHmac, sensor),
    textCharsThisTurn: seen(call.textCharsThisTurn, sensor),
    ...(provenance === undefined ? {} : { provenance: seen(provenance, sensor) }),
  };
}

function noisyLifecycle(data: Extract<Event, { type: 'argus.agent.lifecycle.v1' }>['data'], sensor: Sensor): typeof data {
  if (data.kind === 'task_started') return { ...data, requestChars: seen(data.requestChars, sensor) };
  if (data.kind === 'task_ended') return { ...data, answerChars: seen(data.answerChars, sensor), ok: seen(data.ok, sensor) };
  return data;
}

function seen<T>(value: T, { random, noise }: Sensor): T | null {
  return chance(random, noise.dropped) ? null : value;
}

/** Null stays null and draws as much as a number does. */
function measure(value: number | null, step: number, sensor: Sensor): number | null {
  const { random, noise, coarse } = sensor;
  const factor = exp(noise.jitter * random.nextGaussian());
  const shown = seen(value, sensor);
  if (shown === null) return null;
  const trembled = noise.jitter === 0 ? shown : Math.min(MOST, Math.round(shown * factor * 10) / 10);
  return coarse ? rounded(trembled, step) : trembled;
}

function rounded(value: number, step: number): number {
  return Math.round(value / step) * step;
}

function upTo(limit: number, value: number | null): number | null {
  return value === null ? null : Math.min(limit, value);
}
