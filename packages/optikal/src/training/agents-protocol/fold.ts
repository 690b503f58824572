/**
 * One fold: ensembles fitted on some cases judge others. Thresholds, and how a run's score is made of its windows and calls, come from cases of
 * the training part that were judged by ensembles of its other units (suites, or models), so that they know what comes from outside.
 */
import { groupedFolds } from '@optikal/ml';
import type { Ensemble } from '../../detection/ensemble/judge.ts';
import { fitActed } from '../acted.ts';
import { BASE_SPECS } from '../bases.ts';
import type { WindowSample } from '../dataset.ts';
import { priorLogOdds } from '../meta.ts';
import { fitStack } from '../stack.ts';
import { type CaseScores, chooseRule, type Rule, scoreCase } from './case-scores.ts';
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
  readonly rule: Rule;
  /** What the product's margin says of the same cases. */
  readonly plain: Float64Array;
  /** Of each attack, the margin of each of its calls alone; null = the case is none. */
  readonly calls: readonly (readonly number[] | null)[];
}

export type FoldScores = Readonly<Record<Level, Readonly<Record<Against, FoldMargins>>>>;

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
  const of = (level: Level, against: Against): FoldMargins => {
    const cases = casesOfLevel(train.cases, level);
    const scores = inner[level][against];
    const taken = cases.flatMap((one, i) => (counts(one, against) ? [i] : []));
    const labels = Uint8Array.from(taken, (i) => (cases[i]!.label === 2 ? 1 : 0));
    const by = (rule: Rule) => Float64Array.from(taken, (i) => scores[i]?.[rule] ?? Number.NEGATIVE_INFINITY);
    // A window against the benign is what the product judges: its margin.
    const rule = level === 'window' && against === 'benign' ? 'both' : chooseRule(by, labels);
    return {
      margins: Float64Array.from(found[level][against], (one) => one![rule]),
      plain: Float64Array.from(found[level].benign, (one) => one!.both),
      // With one unit nothing was judged from outside: no threshold is known, and nothing is over it.
      threshold: thresholdAt(scores.length === 0 ? new Float64Array(0) : by(rule).filter((_, i) => labels[i] === 0), FPR),
      rule,
      calls: casesOfLevel(test.cases, level).map((one) =>
        one.label === 2
          ? callsOf(one).map((call) => scoreCase(fitted[against].ensemble, fitted[against].prior, test.samples, call)[rule])
          : null,
      ),
    };
  };
  const level = (name: Level) => ({ benign: of(name, 'benign'), ignored: of(name, 'ignored') });
  return { window: level('window'), run: level('run') };
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

type Scores = Readonly<Record<Level, Readonly<Record<Against, (CaseScores | undefined)[]>>>>;

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
          found[level][against][to] = scored[level][against][i];
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
