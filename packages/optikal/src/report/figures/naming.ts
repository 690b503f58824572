/** Which threat the detector names for windows of each true threat. */
import { THREATS, type Threat } from '@optikal/contracts';
import type { Judged } from './judged.ts';
import { isMissing, type Part } from './part.ts';

export interface Naming {
  /** Threats that occur or were named, in the taxonomy's order. */
  readonly threats: readonly Threat[];
  /** `counts[true][named]` of windows that acted. */
  readonly counts: readonly (readonly number[])[];
  readonly windows: number;
  readonly rightShare: number;
  /** What naming the most common threat every time would give. */
  readonly commonest: { readonly threat: Threat; readonly share: number };
}

export function namingOf({ samples, named }: Pick<Judged, 'samples' | 'named'>): Part<Naming> {
  if (isMissing(named)) return named;
  const pairs = samples.flatMap(({ label, exclude, threat }, i): [Threat, Threat][] =>
    label === 2 && !exclude && threat !== null ? [[threat, named(i)]] : [],
  );
  return confusion(pairs);
}

/** Pairs of (true, named). */
export function confusion(pairs: readonly (readonly [Threat, Threat])[]): Part<Naming> {
  if (pairs.length === 0) return { missing: 'No window that acted has a threat to name.' };
  const threats = THREATS.filter((threat) => pairs.some((pair) => pair.includes(threat)));
  const counts = threats.map((actual) => threats.map((called) => pairs.filter(([a, b]) => a === actual && b === called).length));
  const sums = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const most = sums.indexOf(Math.max(...sums));
  return {
    threats,
    counts,
    windows: pairs.length,
    rightShare: pairs.filter(([a, b]) => a === b).length / pairs.length,
    commonest: { threat: threats[most]!, share: sums[most]! / pairs.length },
  };
}
