/**
 * What a window costs by how much was done in it: one message whose `calls[]` holds 1, 10 or 500, of agents that have a history, judged by the
 * bundle that ships. Whether a call costs more where there are many is the row of the next call: its price from 1 to 10, and from 10 to 500.
 */
import { type Event, parseEventText } from '@optikal/contracts';
import { type Analysis, analyse, type Lens, learnFrom } from '../packages/optikal/src/detection/analyse.ts';
import { attribute } from '../packages/optikal/src/detection/ensemble/attribute.ts';
import type { Bundle } from '../packages/optikal/src/detection/ensemble/bundle.ts';
import { type Judgement, judge } from '../packages/optikal/src/detection/ensemble/judge.ts';
import { thresholdFor } from '../packages/optikal/src/detection/ensemble/planes.ts';
import { fleetViews } from '../packages/optikal/src/detection/fleet.ts';
import { type AgentProfile, copyProfile, newProfile } from '../packages/optikal/src/detection/profile.ts';
import { toolLookup } from '../packages/optikal/src/detection/tools/index.ts';
import { readBundle } from '../packages/optikal/src/services/bundle-files.ts';
import { median, quantileOf, type Row, rowOf } from './support/rows.ts';
import { createTraffic, TRAFFIC_START_MS } from './support/traffic.ts';

export const name = 'score-window';
export const title =
  'a window of one message with 1, 10 or 500 calls → facts → features → ensemble → decision, the starter bundle, agents with 10 windows behind them';

const RUNS = 7;
const MINUTE_MS = 60_000;
/** Windows of each agent before the one that is measured: a full sequence. */
const BEHIND = 10;
/** So many windows that one in a hundred is more than one. `judged`: a gateway spoke of each output. */
const SIZES = [
  { calls: 1, agents: 2000, judged: false, words: '1 call' },
  { calls: 10, agents: 2000, judged: false, words: '10 calls' },
  { calls: 500, agents: 400, judged: false, words: '500 calls' },
  { calls: 500, agents: 400, judged: true, words: '500 calls, each output judged' },
] as const;

export async function run(): Promise<Row[]> {
  const bundle = readBundle('starter');
  const lens = { tools: toolLookup(bundle.tools), fleetOf: fleetViews(bundle.snapshot) };
  const figures = SIZES.map((size) => measure(bundle, lens, dueOf(size, lens)));
  const micros = (work: string, runs: readonly number[]) => rowOf({ work, unit: 'µs', better: 'less', runs });
  const next = (few: number, many: number) => [
    (figures[many]!.decided.median - figures[few]!.decided.median) / (SIZES[many]!.calls - SIZES[few]!.calls),
  ];
  return [
    ...SIZES.flatMap(({ words }, i) => {
      const { features, decided, explained } = figures[i]!;
      const rows = (work: string, { mean, median, p99 }: Cost) => [
        micros(`${words}: ${work}, median`, [median]),
        micros(`${words}: ${work}, p99 of the windows`, [p99]),
        rowOf({ work: `${words}: ${work}, mean with all the collecting`, unit: 'CPU µs', better: 'less', runs: mean }),
      ];
      return [
        ...rows('features + decision', decided),
        micros(`${words}: of it the features, median`, [features.median]),
        ...rows('with attributions', explained),
      ];
    }),
    micros('the next call, from 1 to 10', next(0, 1)),
    micros('the next call, from 10 to 500', next(1, 2)),
    micros('the next call, its output judged, from 10 to 500', next(1, 3)),
  ];
}

interface Due {
  readonly records: readonly Event[];
  readonly startMs: number;
  readonly before: AgentProfile;
}

/**
 * Quantiles over the windows, each by the fastest of its runs, or they would be those of what else the machine does; and the processor time of
 * all windows together, a run each, with the garbage that they leave.
 */
interface Cost {
  readonly median: number;
  readonly p99: number;
  readonly mean: readonly number[];
}

/** The same windows in every run, each with a copy of the agent's memory made outside the timer. */
function costOf(due: readonly Due[], work: (one: Due) => unknown): Cost {
  const fastest = due.map(() => Number.POSITIVE_INFINITY);
  const mean: number[] = [];
  for (let n = 0; n < RUNS + 1; n++) {
    const fresh = due.map((one) => ({ ...one, before: copyProfile(one.before) }));
    const startCpu = process.cpuUsage();
    const micros = fresh.map((one) => {
      const start = performance.now();
      work(one);
      return 1000 * (performance.now() - start);
    });
    const { user, system } = process.cpuUsage(startCpu);
    if (n === 0) continue; // the first one compiles
    mean.push((user + system) / due.length);
    for (const [i, value] of micros.entries()) fastest[i] = Math.min(fastest[i]!, value);
  }
  return { median: median(fastest), p99: quantileOf(fastest, 0.99), mean };
}

function measure(bundle: Bundle, lens: Lens, due: readonly Due[]): { features: Cost; decided: Cost; explained: Cost } {
  return {
    features: costOf(due, ({ records, before, startMs }) => analyse(records, before, lens, startMs)),
    decided: costOf(due, (one) => decide(bundle, lens, one)),
    explained: costOf(due, (one) => {
      const { analysis, judgement } = decide(bundle, lens, one);
      return attribute(bundle, analysis, judgement, one.before.role);
    }),
  };
}

interface Decision {
  readonly analysis: Analysis;
  readonly judgement: Judgement;
  readonly alerted: boolean;
}

/** As the detector closes a window (detection/step.ts). */
function decide(bundle: Bundle, lens: Lens, { before, records, startMs }: Due): Decision {
  const analysis = analyse(records, before, lens, startMs);
  const judgement = judge(bundle, analysis);
  return { analysis, judgement, alerted: judgement.margin >= thresholdFor(bundle, bundle.operatingPoint.threshold, analysis.row) };
}

/** The eleventh minute of each agent, and what it remembers of the ten before. */
function dueOf({ calls, agents, judged }: (typeof SIZES)[number], lens: Lens): Due[] {
  const traffic = createTraffic({ agents, messagesPerMinute: 1, callsPerMessage: calls, hijackShare: 0.05, seed: 'window' });
  const byAgent = new Map<string, { profile: AgentProfile; records: Event[] }>();
  let due: Due[] = [];
  const close = (startMs: number) => {
    due = []; // the last minute's is what is left
    for (const { profile, records } of byAgent.values()) {
      if (records.length === 0) continue;
      due.push({ records: [...records], startMs, before: copyProfile(profile) });
      learnFrom(analyse(records, profile, lens, startMs), profile, false);
      records.length = 0;
    }
  };
  const take = (text: string) => {
    const parsed = parseEventText(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const { event } = parsed;
    const known = byAgent.get(event.agent) ?? { profile: newProfile(), records: [] };
    byAgent.set(event.agent, known);
    known.records.push(event);
    if (judged && event.type === 'argus.agent.metrics.v1')
      for (const { callId } of event.data.calls ?? []) known.records.push(allowed(event, callId));
  };
  for (const text of traffic.registers()) take(text);
  for (let minute = 0; minute <= BEHIND; minute++) {
    const startMs = TRAFFIC_START_MS + minute * MINUTE_MS;
    for (const text of traffic.slice(startMs, startMs + MINUTE_MS)) take(text);
    close(startMs);
  }
  return due;
}

/** What a gateway says of the output of a call. */
function allowed({ id, timeMs, source, agent, task }: Event, callId: string): Event {
  const parsed = parseEventText(
    JSON.stringify({
      specversion: '1.0',
      id: `${id}.${callId}.v`,
      source,
      type: 'argus.io.validation.v1',
      subject: agent,
      time: new Date(timeMs).toISOString(),
      data: { direction: 'tool_output', callId, taskId: task, verdict: 'allow', enforcement: 'allowed', score: 0.02, findings: [] },
    }),
  );
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.event;
}
