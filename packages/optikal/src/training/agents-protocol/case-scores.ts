/**
 * What is said of a case in four ways: the ensemble's margin, its calls alone, the lower of window and calls, and the gateway's highest verdict
 * that its calls had read. A window in which another run was attacked makes a harmless run beside it suspicious; its own calls do not. Which way
 * serves best is chosen on the training part.
 */

import { type Ensemble, judge } from '../../detection/ensemble/judge.ts';
import { CALL_COLUMNS } from '../../detection/features/calls.ts';
import type { WindowSample } from '../dataset.ts';
import { everyRow, finite, rankingOf } from '../ranking.ts';
import type { Case } from './cases.ts';

const INJECTION = CALL_COLUMNS.at('call_injection');

export const RULES = ['both', 'calls', 'lower', 'read'] as const;
export type Rule = (typeof RULES)[number];
export type CaseScores = Readonly<Record<Rule, number>>;

/** The highest over the windows of the case, each seen with the calls of the case only. */
export function scoreCase(ensemble: Ensemble, prior: number, samples: readonly WindowSample[], { parts }: Pick<Case, 'parts'>): CaseScores {
  const most = {
    both: Number.NEGATIVE_INFINITY,
    calls: Number.NEGATIVE_INFINITY,
    lower: Number.NEGATIVE_INFINITY,
    read: Number.NEGATIVE_INFINITY,
  };
  for (const { sample, calls } of parts) {
    const { row, callRows, sequence } = samples[sample]!;
    const own = calls.length === callRows.length ? callRows : calls.map((call) => callRows[call]!);
    const { margin, bases } = judge(ensemble, { row, callRows: own, sequence });
    const of = (name: string) => bases.find((base) => base.name === name)?.margin ?? null;
    const byWindow = of('boosting') ?? margin;
    const byCalls = of('call-boosting') ?? byWindow;
    most.both = Math.max(most.both, margin - prior);
    most.calls = Math.max(most.calls, byCalls);
    for (const call of own) if (call[INJECTION]! > most.read) most.read = call[INJECTION]!;
    most.lower = Math.max(most.lower, Math.min(byWindow, byCalls));
  }
  return most;
}

/** The way with the highest average precision; the first of equals. */
export function chooseRule(by: (rule: Rule) => Float64Array, labels: Uint8Array): Rule {
  let best: { rule: Rule; found: number } = { rule: 'both', found: Number.NEGATIVE_INFINITY };
  for (const rule of RULES) {
    const found = rankingOf(finite(by(rule)), labels).averagePrecision(everyRow(labels.length));
    if (found > best.found) best = { rule, found };
  }
  return best.rule;
}
