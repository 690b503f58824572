/** One window through features and the whole ensemble, as the detector does it when the window closes; and the attributions of an alert. */
import { type Event, parseEventText } from '@optikal/contracts';
import { type Analysis, analyse } from '../packages/optikal/src/detection/analyse.ts';
import { attribute } from '../packages/optikal/src/detection/ensemble/attribute.ts';
import { type Judgement, judge } from '../packages/optikal/src/detection/ensemble/judge.ts';
import { fleetViews } from '../packages/optikal/src/detection/fleet.ts';
import { newProfile } from '../packages/optikal/src/detection/profile.ts';
import { toolLookup } from '../packages/optikal/src/detection/tools/index.ts';
import { benchBundle } from './support/pipeline.ts';
import { quantileOf, type Row, rowOf } from './support/rows.ts';
import { createTraffic, TRAFFIC_START_MS } from './support/traffic.ts';

export const name = 'score-row';
export const title =
  'a window of one message with 5 calls → features → the bases of the demo (forest, boosting, boosting per call, LSTM), first windows of 10,000 agents';

const RUNS = 7;

export async function run(): Promise<Row[]> {
  const bundle = await benchBundle();
  const lens = { tools: toolLookup(bundle.tools), fleetOf: fleetViews(bundle.snapshot) };
  const windows = windowsOf(1);
  const busy = windowsOf(6);
  const whole = (records: readonly Event[]): [Analysis, Judgement] => {
    const analysis = analyse(records, newProfile(), lens, TRAFFIC_START_MS);
    return [analysis, judge(bundle, analysis)];
  };
  const rates: number[] = [];
  const busyRates: number[] = [];
  const judgeRates: number[] = [];
  const p99s: number[] = [];
  const explainMs: number[] = [];
  for (let n = 0; n < RUNS + 1; n++) {
    rates.push(rateOf(windows, whole));
    busyRates.push(rateOf(busy, whole));
    const analyses = windows.map((records) => whole(records));
    judgeRates.push(rateOf(analyses, ([analysis]) => judge(bundle, analysis)));
    p99s.push(
      quantileOf(
        windows.map((records) => msOf(() => whole(records))),
        0.99,
      ),
    );
    explainMs.push(
      quantileOf(
        analyses.slice(0, 300).map(([a, j]) => msOf(() => attribute(bundle, a, j, null))),
        0.5,
      ),
    );
  }
  const warm = <T>(runs: readonly T[]) => runs.slice(1); // the first one compiles
  return [
    rowOf({ work: 'features + ensemble, 5 calls', unit: 'windows/s', better: 'more', floor: 20_000, runs: warm(rates) }),
    rowOf({ work: 'features + ensemble, 30 calls', unit: 'windows/s', better: 'more', runs: warm(busyRates) }),
    rowOf({ work: 'ensemble alone, 5 calls', unit: 'windows/s', better: 'more', runs: warm(judgeRates) }),
    rowOf({ work: 'features + ensemble, one window, p99', unit: 'ms', better: 'less', floor: 0.5, runs: warm(p99s) }),
    rowOf({ work: 'attributions of one alert', unit: 'ms', better: 'less', floor: 5, runs: warm(explainMs) }),
  ];
}

/** The first minute of 10,000 agents. */
function windowsOf(messages: number): Event[][] {
  const traffic = createTraffic({ agents: 10_000, messagesPerMinute: messages, hijackShare: 0.05, seed: 'score' });
  const byAgent = new Map<string, Event[]>();
  for (const text of traffic.slice(TRAFFIC_START_MS, TRAFFIC_START_MS + 60_000)) {
    const parsed = parseEventText(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const known = byAgent.get(parsed.event.agent);
    if (known === undefined) byAgent.set(parsed.event.agent, [parsed.event]);
    else known.push(parsed.event);
  }
  return [...byAgent.values()];
}

/** By processor time. */
function rateOf<T>(items: readonly T[], work: (item: T) => unknown): number {
  const start = process.cpuUsage();
  for (const item of items) work(item);
  const { user, system } = process.cpuUsage(start);
  return (1e6 * items.length) / (user + system);
}

function msOf(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
