/** Outages of the surroundings: for a while all tools of one kind are slow and fail, for every agent. No attack has a part in them. */
import { createRandom } from '@optikal/ml';
import { between, pick, poisson } from './draw.ts';
import type { ResolvedFleetOptions } from './options.ts';
import type { ToolKind } from './tools.ts';

export interface Outage {
  readonly startMs: number;
  readonly endMs: number;
  readonly kind: ToolKind;
  readonly errorShare: number;
  readonly slowdown: number;
}

const OUTAGES_A_DAY = 2;

export function drawOutages(options: ResolvedFleetOptions): Outage[] {
  const random = createRandom(options.seed).fork('outages');
  return Array.from({ length: poisson(random, Math.min(30, options.days * OUTAGES_A_DAY)) }, () => {
    const startMs = Math.floor(between(random, options.startMs, options.endMs));
    return {
      startMs,
      endMs: startMs + Math.floor(between(random, 300_000, 2_400_000)),
      kind: pick(random, ['network', 'file', 'api', 'api'] as const),
      errorShare: between(random, 0.15, 0.6),
      slowdown: between(random, 1.5, 6),
    };
  });
}

export function outageAt(outages: readonly Outage[], timeMs: number, kind: ToolKind): Outage | null {
  for (const outage of outages) if (timeMs >= outage.startMs && timeMs < outage.endMs && outage.kind === kind) return outage;
  return null;
}
