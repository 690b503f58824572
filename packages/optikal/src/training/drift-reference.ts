/**
 * What the features of live windows are compared with: benign training windows of many agents, few enough that the file stays small. Whole
 * stretches of an agent are kept, not every n-th window: how windows depend on each other is what the critical values are made of.
 */
import { FEATURE_SETS } from '@optikal/contracts';
import { type DriftReference, fitDrift } from '@optikal/ml';
import type { WindowSample } from './dataset.ts';

/** Features that move without any drift: the time, and what knows it. */
const CALENDAR: readonly string[] = ['hour_of_day', 'day_of_week', 'is_night', 'is_weekend', 'hour_sin', 'hour_cos', 'suspicion_score'];
/** Against an agent's own history: what is new to it becomes rarer as it grows older, so a younger or older fleet would be a drift. */
const HISTORY = /^(own_|z_|new_tool_share$|dest_new$|history$)/;
/** The same as `response_time_sec` by rank, which is all that bins see. */
const REPEATED: readonly string[] = ['response_time_log'];
/** With edges of 1 kB a column the file stays below 300 kB. */
const ROW_BYTES = 220_000;
/** Time and group of a row. */
const BYTES_BESIDE = 12;
/** So many agents tell how agents differ; more would leave too short a stretch to each. */
const MOST_AGENTS = 60;
/** Starts of stretches are spread evenly over any number of agents: Weyl's sequence of the golden ratio. */
const GOLDEN = 0.618_033_988_749_894_9;

/** Names of the features that are compared, in the order of `fused1`. */
export const DRIFT_FEATURES: readonly string[] = FEATURE_SETS.fused1
  .map(({ name }) => name)
  .filter((name) => !CALENDAR.includes(name) && !HISTORY.test(name) && !REPEATED.includes(name));

/** The windows that are kept: benign ones, stretches of up to 60 agents. */
export function driftSamples(samples: readonly WindowSample[]): WindowSample[] {
  const agents = new Map<string, WindowSample[]>();
  for (const sample of samples) {
    if (sample.label !== 0 || sample.exclude) continue;
    const own = agents.get(sample.key);
    if (own === undefined) agents.set(sample.key, [sample]);
    else own.push(sample);
  }
  const names = [...agents.keys()].sort();
  const chosen = Array.from(
    { length: Math.min(MOST_AGENTS, names.length) },
    (_, i) => agents.get(names[Math.floor((i * names.length) / Math.min(MOST_AGENTS, names.length))]!)!, // keys of the map
  );
  let rows = Math.floor(ROW_BYTES / (DRIFT_FEATURES.length + BYTES_BESIDE));
  let left = chosen.length;
  // The least active first: what they do not use is for the others.
  return chosen
    .map((own) => own.toSorted((a, b) => a.startMs - b.startMs))
    .sort((a, b) => a.length - b.length || (a[0]!.key < b[0]!.key ? -1 : 1)) // an agent is there by its first window
    .flatMap((own, i) => {
      const count = Math.min(own.length, Math.floor(rows / left));
      rows -= count;
      left--;
      const start = Math.floor((own.length - count + 1) * ((i * GOLDEN) % 1));
      return own.slice(start, start + count);
    });
}

/** The reference of a bundle. ML_EMPTY_INPUT for fewer than 20 benign windows: then there is none. */
export function driftReferenceOf(samples: readonly WindowSample[]): DriftReference {
  const kept = driftSamples(samples);
  const names = FEATURE_SETS.fused1.map(({ name }) => name);
  const values = new Float64Array(kept.length * names.length);
  kept.forEach(({ row }, i) => {
    values.set(row, i * names.length);
  });
  return fitDrift(
    { rows: kept.length, cols: names.length, values },
    {
      times: kept.map(({ startMs }) => startMs),
      groups: kept.map(({ key }) => key),
      names,
      columns: DRIFT_FEATURES.map((name) => names.indexOf(name)),
    },
  );
}
