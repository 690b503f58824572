/** How well agents are judged by how long they have been watched: windows seen before, as baselines need time to form. */
import { headline } from '../../training/measure.ts';
import type { Judge, Judged } from './judged.ts';
import { type Share, shareOf } from './numbers.ts';

export interface AgeGroup {
  /** Earlier windows of the same agent. */
  readonly from: number;
  /** null = without end. */
  readonly to: number | null;
  readonly falseAlarms: Share;
  readonly caught: Share;
  readonly rivals: readonly { readonly name: string; readonly caught: Share }[];
}

const EDGES = [0, 5, 20, 60, 200];

export function byAge({ samples }: Pick<Judged, 'samples'>, ensemble: Judge, rivals: readonly Judge[]): AgeGroup[] {
  const seen = new Map<string, number>();
  const ages = samples.map(({ key }) => {
    const age = seen.get(key) ?? 0;
    seen.set(key, age + 1);
    return age;
  });
  return EDGES.map((from, at) => {
    const next = EDGES[at + 1];
    const own = samples.flatMap((sample, i) =>
      headline(sample) && ages[i]! >= from && (next === undefined || ages[i]! < next) ? [i] : [],
    );
    const share = (label: 0 | 2, { alerts }: Judge) => {
      const rows = own.filter((i) => samples[i]!.label === label);
      return shareOf(rows.filter((i) => alerts[i] === 1).length, rows.length);
    };
    return {
      from,
      to: next === undefined ? null : next - 1,
      falseAlarms: share(0, ensemble),
      caught: share(2, ensemble),
      rivals: rivals.map((judge) => ({ name: judge.name, caught: share(2, judge) })),
    };
  }).filter(({ falseAlarms, caught }) => falseAlarms.count + caught.count > 0);
}
