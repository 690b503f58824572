/**
 * The whole ensemble at the sizes of its floor, and a fleet whose agents have their own profiles and ten windows behind them. The models are
 * fitted to labels that are half noise, so that trees grow to their full size: what they find does not matter here, what they cost does.
 */
import { type Event, parseEventText, type RawMetrics } from '@optikal/contracts';
import {
  type BaseScorer,
  createRandom,
  fitBoosting,
  fitIsolationForest,
  fitLstm,
  fitPlatt,
  type MetaModel,
  matrixOf,
  sequencesOf,
} from '@optikal/ml';
import { type Analysis, analyse, type Lens, learnFrom } from '../../packages/optikal/src/detection/analyse.ts';
import { countStep, tokenOf } from '../../packages/optikal/src/detection/counts.ts';
import type { BaseModel, Bundle } from '../../packages/optikal/src/detection/ensemble/bundle.ts';
import { judge } from '../../packages/optikal/src/detection/ensemble/judge.ts';
import { type FleetSnapshot, fleetViews, learnWindow, newGroup, snapshotOf } from '../../packages/optikal/src/detection/fleet.ts';
import { type AgentProfile, copyProfile, newProfile } from '../../packages/optikal/src/detection/profile.ts';
import { parseToolsYaml, resolveTools, toolLookup } from '../../packages/optikal/src/detection/tools/index.ts';
import { toolsYaml } from '../../packages/optikal/src/training/simulator/index.ts';
import { quantileOf } from './rows.ts';
import { createTraffic, TRAFFIC_START_MS } from './traffic.ts';

const MINUTE_MS = 60_000;
/** Windows of each agent before the first that is measured: a full sequence. */
const BEHIND = 12;
const TREES = { forest: 100, boosting: 200, calls: 100 };
const BOOSTING = { leaves: 31, learningRate: 0.1, minDataInLeaf: 20, rowShare: 0.7, columnShare: 0.5 };
const FITTED_SEQUENCES = 1500;
const ALERT_SHARE = 0.01;

export interface RigOptions {
  readonly agents: number;
  /** Windows of each agent that are measured. */
  readonly windows: number;
  readonly hidden: number;
  readonly seed: string;
}

/** One window of one agent that is to be judged. */
export interface Due {
  readonly agent: number;
  readonly name: string;
  readonly startMs: number;
  readonly records: readonly Event[];
}

export interface Rig {
  readonly bundle: Pick<Bundle, 'bases' | 'meta' | 'calibration' | 'prevalence'>;
  readonly threshold: number;
  readonly lens: Lens;
  /** Agents in random order, each agent's windows in their own. */
  readonly due: readonly Due[];
  /** The agents before their first window of `due`, each time anew. */
  profiles(): AgentProfile[];
}

export function createRig({ agents, windows, hidden, seed }: RigOptions): Rig {
  const byAgent = windowsOf(agents, BEHIND + windows, seed);
  const tools = toolLookup(resolveTools({ user: parseToolsYaml(toolsYaml()) }));
  // Once without peers, for what the fleet does; once with them, for what the models see.
  const snapshot = fleetOf(byAgent, { tools, fleetOf: fleetViews(snapshotOf([])) });
  const lens: Lens = { tools, fleetOf: fleetViews(snapshot) };
  const profiles = byAgent.map(newProfile);
  const seen: Analysis[] = [];
  for (const [agent, list] of byAgent.entries())
    for (const { records, startMs } of list.slice(0, BEHIND)) {
      const analysis = analyse(records, profiles[agent]!, lens, startMs);
      learnFrom(analysis, profiles[agent]!, false);
      seen.push(analysis);
    }
  const bundle = fitted(seen, hidden, seed);
  const margins = seen.map((analysis) => judge(bundle, analysis).margin);
  const order = createRandom(`${seed}:order`).shuffle(byAgent.flatMap((list, agent) => list.slice(BEHIND).map(() => agent)));
  const next = byAgent.map(() => BEHIND);
  return {
    bundle,
    threshold: quantileOf(margins, 1 - ALERT_SHARE),
    lens,
    due: order.map((agent) => byAgent[agent]![next[agent]!++]!),
    profiles: () => profiles.map(copyProfile),
  };
}

/** One message a window, with the eleven metrics and one call. */
function windowsOf(agents: number, minutes: number, seed: string): Due[][] {
  const traffic = createTraffic({ agents, messagesPerMinute: 1, callsPerMessage: 1, hijackShare: 0, seed });
  const random = createRandom(`${seed}:metrics`);
  const byAgent = new Map<string, Due[]>();
  for (const text of [...traffic.registers(), ...traffic.slice(TRAFFIC_START_MS, TRAFFIC_START_MS + minutes * MINUTE_MS)]) {
    const parsed = parseEventText(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const { event } = parsed;
    const name = event.agent;
    const known = byAgent.get(name);
    const list: Due[] = known ?? [];
    if (known === undefined) byAgent.set(name, list);
    const startMs = Math.floor(event.timeMs / MINUTE_MS) * MINUTE_MS;
    const record =
      event.type === 'argus.agent.metrics.v1' ? { ...event, data: { ...event.data, metrics: whole(event.data.metrics) } } : event;
    const last = list.at(-1);
    if (last?.startMs === startMs) list[list.length - 1] = { ...last, records: [...last.records, record] };
    else list.push({ agent: list[0]?.agent ?? byAgent.size - 1, name, startMs, records: [record] });
  }
  return [...byAgent.values()];

  function whole(metrics: RawMetrics): RawMetrics {
    const count = () => Math.floor(3 * random.nextFloat());
    return {
      ...metrics,
      network_calls_count: count(),
      file_operations_count: count(),
      query_diversity: random.nextFloat(),
      success_rate: random.nextFloat() < 0.9 ? 1 : 0,
    };
  }
}

/** What the agents' first windows show, as a bundle's snapshot holds it. */
function fleetOf(byAgent: readonly (readonly Due[])[], lens: Lens): FleetSnapshot {
  return snapshotOf(
    byAgent.map((list) => {
      const profile = newProfile();
      const group = newGroup();
      let previous: string | null = null;
      for (const { records, startMs } of list.slice(0, BEHIND)) {
        const analysis = analyse(records, profile, lens, startMs);
        learnFrom(analysis, profile, false);
        learnWindow(group, analysis.habitValues);
        for (const { call } of analysis.content.calls) {
          countStep(group.counts, previous, tokenOf(call.tool));
          previous = tokenOf(call.tool);
        }
      }
      return { role: profile.role, group };
    }),
  );
}

function fitted(seen: readonly Analysis[], hidden: number, seed: string): Rig['bundle'] {
  const random = createRandom(`${seed}:labels`);
  const labels = Uint8Array.from(seen, ({ row }) => (noisy(row) + 2 * random.nextGaussian() > 2 ? 1 : 0));
  const calls = seen.flatMap(({ callRows }, i) => callRows.map((row) => ({ row, label: labels[i]! })));
  const rows = matrixOf(seen.map(({ row }) => row));
  const taken = seen.slice(0, FITTED_SEQUENCES);
  const bases: BaseModel[] = [
    standardised('isolation-forest', 'window', fitIsolationForest(rows, { treeCount: TREES.forest, subsampleSize: 256, seed }), seen),
    standardised('boosting', 'window', fitBoosting(rows, labels, { ...BOOSTING, rounds: TREES.boosting, seed }), seen),
    standardised(
      'call-boosting',
      'call',
      fitBoosting(
        matrixOf(calls.map(({ row }) => row)),
        Uint8Array.from(calls, ({ label }) => label),
        {
          ...BOOSTING,
          rounds: TREES.calls,
          seed,
        },
      ),
      seen,
    ),
    {
      name: 'lstm',
      on: 'sequence',
      scorer: fitLstm(sequencesOf(taken.map(({ sequence }) => sequence)), labels.slice(0, FITTED_SEQUENCES), { hidden, epochs: 1, seed }),
      mean: 0,
      sd: 1,
    },
  ];
  const meta: MetaModel = {
    kind: 'meta-model',
    weights: new Float64Array(bases.length).fill(0.5),
    absent: new Float64Array(bases.length),
    intercept: -1,
  };
  const margins = Float64Array.from(seen, (analysis) => judge({ bases, meta }, analysis).margin);
  return { bases, meta, calibration: fitPlatt(margins, labels), prevalence: 0.01 };
}

/** Something of several features, so that no tree is done after a split. */
function noisy(row: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) if (!Number.isNaN(row[i])) sum += Math.sin(i) * Math.tanh(row[i]!);
  return sum;
}

function standardised(name: string, on: 'window' | 'call', scorer: BaseScorer, seen: readonly Analysis[]): BaseModel {
  const scores = seen.map(({ row, callRows }) => scorer.score(on === 'window' ? row : callRows[0]!));
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
  return { name, on, scorer, mean, sd: Math.sqrt(variance) || 1 };
}
