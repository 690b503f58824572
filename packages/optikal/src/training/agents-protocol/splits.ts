/** What is left out: groups of model names, and suites by their name over all sources. */
import { createRandom } from '@optikal/ml';
import type { RecordedSession } from '../../behaviour/agents-data.ts';

export interface Split {
  readonly protocol: 'model' | 'suite';
  /** Parts by name, with the models or suites of each. */
  readonly parts: readonly { readonly name: string; readonly holds: ReadonlySet<string> }[];
}

const MODEL_GROUPS = 5;

/** Models in five groups of about as many sessions each; fewer where there are fewer models. Seeded. */
export function modelSplit(sessions: readonly RecordedSession[], seed: string): Split {
  const counts = countsOf(sessions.map(({ group }) => group.model));
  const order = createRandom(`${seed}:models`).shuffle([...counts.keys()].sort());
  // The largest first, each to the smallest group: sort is stable, so the seed decides among equals.
  order.sort((a, b) => counts.get(b)! - counts.get(a)!);
  const groups = Array.from({ length: Math.min(MODEL_GROUPS, order.length) }, () => ({ holds: new Set<string>(), sessions: 0 }));
  for (const model of order) {
    const smallest = groups.reduce((least, group) => (group.sessions < least.sessions ? group : least));
    smallest.holds.add(model);
    smallest.sessions += counts.get(model)!;
  }
  return { protocol: 'model', parts: groups.map(({ holds }) => ({ name: [...holds].sort().join('+'), holds })) };
}

export function suiteSplit(sessions: readonly RecordedSession[]): Split {
  const names = [...new Set(sessions.map(({ group }) => group.suite))].sort();
  return { protocol: 'suite', parts: names.map((name) => ({ name, holds: new Set([name]) })) };
}

function countsOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
