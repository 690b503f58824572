/** Outages of the surroundings: for a while all tools of one kind are slow and fail, for every agent. No attack has a part in them. */
import { createRandom, type Random } from '@optikal/ml';
import { between, pick, poisson } from './draw.ts';
import type { ResolvedFleetOptions } from './options.ts';
import type { ToolKind } from './tools.ts';

export interface Outage {
  readonly startMs: number;
  readonly endMs: number;
  readonly kind: ToolKind;
  readonly errorShare: number;
  readonly slowdown: number;
  /** Bad enough that people are called, at any hour. */
  readonly incident: boolean;
}

const MINUTE_MS = 60_000;
const OUTAGES_A_DAY = 2;
const INCIDENTS_A_DAY = 0.3;

export function drawOutages(options: ResolvedFleetOptions): Outage[] {
  const random = createRandom(options.seed).fork('outages');
  const incidents = random.fork('incidents');
  const draw = (stream: Random, aDay: number, one: (startMs: number) => Omit<Outage, 'startMs'>): Outage[] =>
    Array.from({ length: poisson(stream, options.days * aDay) }, () => {
      const startMs = Math.floor(between(stream, options.startMs, options.endMs));
      return { startMs, ...one(startMs) };
    });
  return [
    ...draw(random, OUTAGES_A_DAY, (startMs) => ({
      endMs: startMs + Math.floor(between(random, 5 * MINUTE_MS, 40 * MINUTE_MS)),
      kind: pick(random, ['network', 'file', 'api', 'api'] as const),
      errorShare: between(random, 0.15, 0.6),
      slowdown: between(random, 1.5, 6),
      incident: false,
    })),
    ...draw(incidents, INCIDENTS_A_DAY, (startMs) => ({
      endMs: startMs + Math.floor(between(incidents, 30 * MINUTE_MS, 150 * MINUTE_MS)),
      kind: pick(incidents, ['network', 'api', 'api', 'api'] as const),
      errorShare: between(incidents, 0.5, 0.9),
      slowdown: between(incidents, 2, 8),
      incident: true,
    })),
  ];
}

/** The worst that holds at that time. */
export function outageAt(outages: readonly Outage[], timeMs: number, kind: ToolKind): Outage | null {
  let worst: Outage | null = null;
  for (const outage of outages)
    if (
      timeMs >= outage.startMs &&
      timeMs < outage.endMs &&
      outage.kind === kind &&
      !(worst !== null && worst.errorShare >= outage.errorShare)
    )
      worst = outage;
  return worst;
}

export function incidentAt(outages: readonly Outage[], timeMs: number): Outage | null {
  for (const outage of outages) if (outage.incident && timeMs >= outage.startMs && timeMs < outage.endMs) return outage;
  return null;
}
