/** What a week of the fleet looks like: daily cycle, autocorrelation, deploys, and attacks that no single feature tells from benign work. */
import { describe, expect, it } from 'vitest';
import { SIMULATED_THREATS, simulateFleet } from './index.ts';

const HOUR_MS = 3_600_000;
const WINDOW_MS = 60_000;
const week = simulateFleet({
  agents: 60,
  days: 5,
  seed: 'habits',
  attackedShare: 0.5,
  campaignsPerAgent: 4,
  intensities: ['blatant', 'moderate'],
});

type Row = Record<string, number>;
const rows = new Map<string, Row>();
const windowOf = new Map<string, string>();
const byHour = new Float64Array(24);
const perAgent = new Map<string, Float64Array>();
const cpu = new Map<string, number[]>();
const kinds = new Set<string>();

function rowOf(agent: string, timeMs: number): Row {
  const key = `${agent} ${Math.floor(timeMs / WINDOW_MS)}`;
  const known = rows.get(key);
  if (known !== undefined) return known;
  const row: Row = {
    calls: 0,
    turn: 0,
    side: 0,
    errors: 0,
    out: 0,
    arg: 0,
    tokens: 0,
    cpu: -1,
    destOut: 0,
    destNew: 0,
    values: 0,
    words: 0,
    affinity: 1,
    score: -1,
    risk: 0,
  };
  rows.set(key, row);
  return row;
}

for (const event of week.events()) {
  const row = event.type === 'argus.agent.lifecycle.v1' ? {} : rowOf(event.agent, event.timeMs);
  switch (event.type) {
    case 'argus.agent.lifecycle.v1':
      kinds.add(event.data.kind);
      if (event.data.kind !== 'task_started') break;
      byHour[Math.floor(event.timeMs / HOUR_MS) % 24]++;
      {
        const series = perAgent.get(event.agent) ?? new Float64Array(5 * 24 * 2);
        series[Math.floor((event.timeMs - week.startMs) / (HOUR_MS / 2))]++;
        perAgent.set(event.agent, series);
      }
      break;
    case 'argus.io.validation.v1':
      row.score = Math.max(row.score, event.data.score ?? -1);
      break;
    case 'argus.policy.decisions.v1':
      row.risk = Math.max(row.risk, event.data.riskScore ?? 0);
      break;
    case 'argus.agent.metrics.v1': {
      const load = event.data.metrics.cpu_usage_percent;
      if (load !== null) cpu.set(event.agent, [...(cpu.get(event.agent) ?? []).slice(-400), load]);
      row.cpu = Math.max(row.cpu, load ?? -1);
      row.tokens += event.data.tokensIn ?? 0;
      for (const call of event.data.calls!) {
        windowOf.set(call.callId, `${event.agent} ${Math.floor(event.timeMs / WINDOW_MS)}`);
        const side = call.effect !== 'read' && call.effect !== 'unknown';
        row.calls++;
        row.turn = Math.max(row.turn, call.turn!);
        row.errors += call.ok ? 0 : 1;
        row.out += call.outBytes!;
        if (side) {
          row.side++;
          row.arg += call.argBytes!;
          row.affinity = Math.min(row.affinity, call.provenance?.affinity ?? 1);
        }
        row.destOut += call.provenance?.destOut ?? 0;
        row.destNew += call.provenance?.destNew ?? 0;
        row.values += call.provenance?.valuesOut ?? 0;
        row.words = Math.max(row.words, call.provenance?.wordsOutShare ?? 0);
      }
      break;
    }
    default:
  }
}

function autocorrelation(series: ArrayLike<number>): number {
  const values = Array.from(series);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let lagged = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    total += (values[i] - mean) ** 2;
    if (i > 0) lagged += (values[i] - mean) * (values[i - 1] - mean);
  }
  return lagged / total;
}

/** The largest balanced accuracy of one threshold on one feature. */
function bestStump(positive: readonly Row[], negative: readonly Row[], feature: string): number {
  const all = [...positive.map((row) => [row[feature], 1]), ...negative.map((row) => [row[feature], 0])].sort((a, b) => a[0] - b[0]);
  let best = 0.5;
  let hits = 0;
  let misses = 0;
  for (let i = 0; i < all.length; i++) {
    if (all[i][1] === 1) hits++;
    else misses++;
    if (i + 1 < all.length && all[i + 1][0] === all[i][0]) continue;
    best = Math.max(best, 0.5 + Math.abs(hits / positive.length - misses / negative.length) / 2);
  }
  return best;
}

describe('benign work', () => {
  it('follows the day: the office at noon is busier than the night', () => {
    const sum = (from: number, to: number): number => byHour.slice(from, to).reduce((total, count) => total + count, 0);
    expect(sum(9, 12)).toBeGreaterThan(3 * sum(1, 4));
    expect(sum(1, 4)).toBeGreaterThan(0);
  });

  it('comes in spells: tasks per half hour and CPU are autocorrelated', () => {
    const load = [...perAgent.values()].filter((series) => series.some((count) => count > 1)).map(autocorrelation);
    expect(load.reduce((sum, value) => sum + value, 0) / load.length).toBeGreaterThan(0.2);
    const heat = [...cpu.values()].filter((series) => series.length > 100).map(autocorrelation);
    expect(heat.reduce((sum, value) => sum + value, 0) / heat.length).toBeGreaterThan(0.2);
  });

  it('is redeployed now and then', () => {
    expect(kinds).toEqual(new Set(['register', 'task_started', 'task_ended', 'deploy', 'maintenance', 'retire']));
  });

  it('has side effects, errors, first contacts and false alarms of its own', () => {
    const acted = new Set(week.truth.map((line) => windowOf.get(line.callId!)));
    const benign = [...rows].filter(([key, row]) => row.calls > 0 && !acted.has(key)).map(([, row]) => row);
    const share = (holds: (row: Row) => boolean): number => benign.filter(holds).length / benign.length;
    expect(share((row) => row.side > 0)).toBeGreaterThan(0.4);
    expect(share((row) => row.errors > 0)).toBeGreaterThan(0.08);
    expect(share((row) => row.destOut > 0)).toBeGreaterThan(0.05);
    expect(share((row) => row.destNew > 0)).toBeGreaterThan(0.03);
    expect(share((row) => row.arg > 20_000)).toBeGreaterThan(0.003);
    expect(share((row) => row.calls > 15)).toBeGreaterThan(0.005);
    expect(share((row) => row.score >= 0.5)).toBeGreaterThan(0.002);
    expect(share((row) => row.score >= 0.5)).toBeLessThan(0.03);
  });
});

describe('moderate attacks', () => {
  const label = new Map<string, string>();
  for (const line of week.truth) if (line.acted === 1) label.set(windowOf.get(line.callId!)!, `${line.threat} ${line.intensity}`);
  const seen = new Set(week.truth.map((line) => windowOf.get(line.callId!)));
  const benign = [...rows].filter(([key, row]) => row.calls > 0 && !seen.has(key)).map(([, row]) => row);
  const features = Object.keys(benign[0]);
  const labelled = (ending: string): Row[] => [...label].filter(([, name]) => name.endsWith(ending)).map(([key]) => rows.get(key)!);

  it('are told from benign windows by no single feature beyond 0.75 balanced accuracy', () => {
    const moderate = labelled('moderate');
    expect(moderate.length).toBeGreaterThan(100);
    const beyond = features.filter((feature) => bestStump(moderate, benign, feature) > 0.75);
    expect(beyond).toEqual([]);
  });

  it('are harder than blatant ones', () => {
    for (const threat of SIMULATED_THREATS) {
      const best = (intensity: string): number =>
        Math.max(...features.map((feature) => bestStump(labelled(`${threat} ${intensity}`), benign, feature)));
      expect(best('blatant')).toBeGreaterThan(best('moderate'));
      // Drift shows in the order of steps, which these rows do not hold.
      if (threat !== 'behavioral_drift') expect(best('blatant')).toBeGreaterThan(0.8);
    }
  });
});
