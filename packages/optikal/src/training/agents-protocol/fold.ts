/**
 * One fold: ensembles fitted on some cases judge others. Thresholds, and what a run's windows, calls and verdicts are worth beside each other, come
 * from cases of the training part that were judged by ensembles of its other units (suites, or models), so that they know what comes from outside.
 */
import { groupedFolds } from '@optikal/ml';
import type { Ensemble } from '../../detection/ensemble/judge.ts';
import { fitActed } from '../acted.ts';
import { BASE_SPECS } from '../bases.ts';
import type { WindowSample } from '../dataset.ts';
import { priorLogOdds } from '../meta.ts';
import { fitStack } from '../stack.ts';
import { type CaseScores, fitRunModel, runScore, scoreCase } from './case-scores.ts';
import type { Case, Cases } from './cases.ts';

export const LEVELS = ['window', 'run'] as const;
export type Level = (typeof LEVELS)[number];
export const RIVALS = ['benign', 'ignored'] as const;
export type Against = (typeof RIVALS)[number];

export interface FoldData {
  readonly samples: readonly WindowSample[];
  readonly cases: Cases;
}

export interface FoldOptions {
  /** Never on both sides of an inner split. */
  readonly unitOf: (of: Case) => string;
  readonly seed: string;
}

/** Of one level against one rival: margins of the test cases, and the threshold of 1 % of the training part's rivals. */
export interface FoldMargins {
  readonly margins: Float64Array;
  readonly threshold: number;
  /** What the product's margin says of the same cases. */
  readonly plain: Float64Array;
}

export type FoldLevels = Readonly<Record<Level, Readonly<Record<Against, FoldMargins>>>>;

export interface FoldScores extends FoldLevels {
  /** Of each run that was attacked, each of its calls alone, on the scale of runs against the benign; null = it was not. */
  readonly calls: readonly (readonly number[] | null)[];
}

/** Isolation forest and sequence model were on trial in every fold of every protocol and had no weight in any: left out, they change nothing. */
export const PROTOCOL_SPECS = BASE_SPECS.filter(({ name }) => name === 'boosting' || name === 'call-boosting');
const STACK_FOLDS = 2;
const INNER_FOLDS = 4;
const FPR = 0.01;

/** Fits on `train`, judges `test` once. */
export function scoreFold(train: FoldData, test: FoldData, { unitOf, seed }: FoldOptions): FoldScores {
  const fitted = fitBoth(train, unitOf, seed);
  const found = judgeAll(fitted, test);
  const inner = innerScores(train, unitOf, seed);
  /** Training cases that count, as they were judged from outside; with one unit none were. */
  const known = (level: Level, against: Against) =>
    casesOfLevel(train.cases, level).flatMap((of, i) => {
      const scores = inner[level][against][i];
      return scores !== undefined && counts(of, against) ? [{ scores, acted: of.label === 2 }] : [];
    });
  const runs = known('run', 'benign');
  const runModel = fitRunModel(
    runs.map(({ scores }) => scores),
    Uint8Array.from(runs, ({ acted }) => (acted ? 1 : 0)),
    seed,
  );
  const of = (level: Level, against: Against): FoldMargins => {
    // The head of those that ignored has one base, and asks about the call that was made.
    const say = (scores: CaseScores) => runScore(level === 'run' && against === 'benign' ? runModel : null, scores);
    const rivals = known(level, against).filter(({ acted }) => !acted);
    return {
      margins: Float64Array.from(found[level][against], say),
      plain: Float64Array.from(found[level].benign, ({ margin }) => margin),
      // Where no rival was judged from outside no threshold is known, and nothing is over it.
      threshold: thresholdAt(
        Float64Array.from(rivals, ({ scores }) => say(scores)),
        FPR,
      ),
    };
  };
  const level = (name: Level) => ({ benign: of(name, 'benign'), ignored: of(name, 'ignored') });
  const { ensemble, prior } = fitted.benign;
  const calls = test.cases.runs.map((run) =>
    run.label === 2 ? callsOf(run).map((call) => runScore(runModel, scoreCase(ensemble, prior, test.samples, call))) : null,
  );
  return { window: level('window'), run: level('run'), calls };
}

/** Of the headline: acted against one kind of rival. */
export function counts({ label, exclude }: Case, against: Against): boolean {
  return !exclude && (label === 2 || label === (against === 'benign' ? 0 : 1));
}

/** The least value above which lie at most so many of the scores; with few of them, none. */
export function thresholdAt(scores: Float64Array, fpr: number): number {
  const sorted = scores.toSorted().reverse();
  return sorted[Math.floor(fpr * sorted.length)] ?? Number.POSITIVE_INFINITY;
}

type Scores = Readonly<Record<Level, Readonly<Record<Against, CaseScores[]>>>>;

/** Of the training cases, by ensembles of the other units. */
function innerScores(train: FoldData, unitOf: (of: Case) => string, seed: string): Scores {
  const empty = () => ({ benign: [], ignored: [] });
  const found: Scores = { window: empty(), run: empty() };
  const units = train.cases.windows.map(unitOf);
  const folds = Math.min(INNER_FOLDS, new Set(units).size);
  if (folds < 2) return found;
  const dealt = groupedFolds(units, folds, seed);
  const foldOfUnit = new Map(units.map((unit, i) => [unit, dealt[i]!]));
  for (let k = 0; k < folds; k++) {
    const isOut = (of: Case) => foldOfUnit.get(unitOf(of)) === k;
    const own = part(train, isOut);
    const fitted = fitBoth(part(train, (of) => !isOut(of)).data, unitOf, `${seed}:${k}`);
    const scored = judgeAll(fitted, own.data);
    for (const level of LEVELS)
      for (const against of RIVALS)
        own.at[level].forEach((to, i) => {
          found[level][against][to] = scored[level][against][i]!;
        });
  }
  return found;
}

interface Fitted {
  readonly ensemble: Ensemble;
  /** Log-odds of a fit hold its share of attacks; pooled as they are, they would rank parts against their labels. */
  readonly prior: number;
}

/** Against the benign, and the head of its own for those that read and ignored. */
function fitBoth({ samples, cases }: FoldData, unitOf: (of: Case) => string, seed: string): Readonly<Record<Against, Fitted>> {
  const used = cases.windows.map((of) => samples[of.parts[0]!.sample]!);
  // Sessions are of one group each.
  const units = new Map(cases.windows.map((of) => [samples[of.parts[0]!.sample]!.key, `${unitOf(of)}|${of.group}`]));
  const options = { unitOf: ({ key }: WindowSample) => units.get(key)!, folds: STACK_FOLDS, seed };
  const stack = fitStack(used, { ...options, specs: PROTOCOL_SPECS });
  const benign = { ensemble: stack, prior: stack.meta === null ? 0 : priorLogOdds(used) };
  const exposed = used.filter(({ label }) => label > 0).map((sample): WindowSample => ({ ...sample, label: sample.label === 1 ? 0 : 2 }));
  const { head } = fitActed(used, options);
  // With too few windows to learn from there is no head: the margin stands in.
  return { benign, ignored: head === null ? benign : { ensemble: head, prior: priorLogOdds(exposed) } };
}

function judgeAll(fitted: Readonly<Record<Against, Fitted>>, { samples, cases }: FoldData): Scores {
  const of = (list: readonly Case[], { ensemble, prior }: Fitted) => list.map((one) => scoreCase(ensemble, prior, samples, one));
  const level = (list: readonly Case[]) => ({ benign: of(list, fitted.benign), ignored: of(list, fitted.ignored) });
  return { window: level(cases.windows), run: level(cases.runs) };
}

/** Each call of a case as a case of its own. */
function callsOf(of: Case): Pick<Case, 'parts'>[] {
  return of.parts.flatMap(({ sample, calls }) => calls.map((call) => ({ parts: [{ sample, calls: [call] }] })));
}

export function casesOfLevel({ windows, runs }: Cases, level: Level): readonly Case[] {
  return level === 'window' ? windows : runs;
}

/** The cases that are taken, and where they stand among all. */
export function part(
  { samples, cases }: FoldData,
  take: (of: Case) => boolean,
): { readonly data: FoldData; readonly at: Readonly<Record<Level, readonly number[]>> } {
  const at = (list: readonly Case[]) => list.flatMap((of, i) => (take(of) ? [i] : []));
  const places = { window: at(cases.windows), run: at(cases.runs) };
  const taken = { windows: places.window.map((i) => cases.windows[i]!), runs: places.run.map((i) => cases.runs[i]!) };
  return { data: { samples, cases: taken }, at: places };
}
