/**
 * One event through everything: the floor of DESIGN 12. The prototype's figures are those that it published (1.1 events a second, 840 ms an
 * event); it was not run here.
 */
import { calibratedProbability } from '@optikal/ml';
import { type Analysis, analyse, learnFrom } from '../packages/optikal/src/detection/analyse.ts';
import { type Judgement, judge } from '../packages/optikal/src/detection/ensemble/judge.ts';
import { viewSequence } from '../packages/optikal/src/detection/ensemble/sequence-view.ts';
import type { AgentProfile } from '../packages/optikal/src/detection/profile.ts';
import { createRig, type Due, type Rig } from './support/ensemble-rig.ts';
import { quantileOf, type Row, rowOf } from './support/rows.ts';

export const name = 'ensemble';
export const title =
  'one call per event, features included, 1,000 agents in random order, ten windows each: forest 100, boosting 200, per call 100 trees, LSTM H=32 T=10, meta-model, 50 dropout passes';

const RUNS = 7;
const SIZES = { agents: 1000, windows: 10, hidden: 32, seed: 'ensemble' } as const;
const TENANT = 'default';

export async function run(): Promise<Row[]> {
  const rig = createRig(SIZES);
  const { bundle, due } = rig;
  const rates: number[] = [];
  const p50s: number[] = [];
  const p99s: number[] = [];
  const parts = { features: [] as number[], bases: [] as number[], passes: [] as number[] };
  for (let n = 0; n < RUNS + 1; n++) {
    rates.push(rateOf(due, wholeOf(rig)));
    const one = wholeOf(rig);
    const ms = due.map((event) => msOf(() => one(event)));
    p50s.push(quantileOf(ms, 0.5));
    p99s.push(quantileOf(ms, 0.99));
    const features = featuresOf(rig);
    const analyses: Analysis[] = [];
    parts.features.push(microsOf(due, (event) => analyses.push(features(event))));
    parts.bases.push(microsOf(analyses, (analysis) => judge(bundle, analysis)));
    parts.passes.push(
      microsOf(
        analyses.map((analysis, i) => ({ analysis, agent: due[i]!.name, startMs: due[i]!.startMs })),
        ({ analysis, agent, startMs }) => viewSequence(bundle.bases, analysis, { tenant: TENANT, agent, startMs }),
      ),
    );
  }
  const warm = <T>(runs: readonly T[]) => runs.slice(1); // the first one compiles
  const prototype = (value: number) => ({ name: 'Python prototype, the figure it published', version: 'as published', runs: [value] });
  return [
    rowOf({ work: 'events, all of it', unit: 'events/CPU s', better: 'more', floor: 20_000, runs: warm(rates), rival: prototype(1.1) }),
    rowOf({ work: 'one event, median', unit: 'ms', better: 'less', runs: warm(p50s), rival: prototype(840) }),
    rowOf({ work: 'one event, p99', unit: 'ms', better: 'less', floor: 0.5, runs: warm(p99s) }),
    rowOf({ work: 'of it: features, profile and sequence', unit: 'CPU µs', better: 'less', runs: warm(parts.features) }),
    rowOf({ work: 'of it: bases and meta-model', unit: 'CPU µs', better: 'less', runs: warm(parts.bases) }),
    rowOf({ work: 'of it: 50 dropout passes and attention', unit: 'CPU µs', better: 'less', runs: warm(parts.passes) }),
  ];
}

export interface Verdict {
  readonly judgement: Judgement;
  readonly probability: number;
  readonly uncertainty: number;
  readonly alerted: boolean;
}

/** As the detector closes a window, with what an alert adds; each agent's memory moves on. */
function wholeOf(rig: Rig): (event: Due) => Verdict {
  const profiles = rig.profiles();
  const { bundle, threshold } = rig;
  return ({ agent, name, startMs, records }) => {
    const profile = profileOf(profiles, agent);
    const analysis = analyse(records, profile, rig.lens, startMs);
    const judgement = judge(bundle, analysis);
    const probability = calibratedProbability(bundle.calibration, judgement.margin, bundle.prevalence);
    const view = viewSequence(bundle.bases, analysis, { tenant: TENANT, agent: name, startMs });
    const alerted = judgement.margin >= threshold;
    learnFrom(analysis, profile, alerted);
    return { judgement, probability, uncertainty: view?.uncertainty ?? Number.NaN, alerted };
  };
}

function featuresOf(rig: Rig): (event: Due) => Analysis {
  const profiles = rig.profiles();
  return ({ agent, startMs, records }) => {
    const profile = profileOf(profiles, agent);
    const analysis = analyse(records, profile, rig.lens, startMs);
    learnFrom(analysis, profile, false);
    return analysis;
  };
}

function profileOf(profiles: readonly AgentProfile[], agent: number): AgentProfile {
  return profiles[agent]!; // the rig numbers its agents so
}

function rateOf<T>(items: readonly T[], work: (item: T) => unknown): number {
  return 1e6 / microsOf(items, work);
}

/** Processor time an item, all threads of this process together. */
function microsOf<T>(items: readonly T[], work: (item: T) => unknown): number {
  const start = process.cpuUsage();
  for (const item of items) work(item);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / items.length;
}

function msOf(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
