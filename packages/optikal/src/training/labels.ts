/**
 * Truth lines, indexed by agent, so that windows and calls get their labels: 2 = acted, 1 = exposed, 0 = neither; a line with a callId labels
 * the window that holds this call, one without labels the windows that its span meets.
 */
import { DEFAULT_TENANT, type Threat, type Truth } from '@optikal/contracts';

export interface WindowLabel {
  readonly label: 0 | 1 | 2;
  readonly threat: Threat | null;
  readonly intensity: string | null;
  readonly campaign: string | null;
  readonly exclude: boolean;
}

export interface TruthIndex {
  readonly lines: number;
  windowLabel(tenant: string, agent: string, startMs: number, endMs: number, callIds: readonly string[]): WindowLabel;
  /** 1 = this call serves an attack. */
  callLabel(tenant: string, agent: string, callId: string): 0 | 1;
}

const CLEAN: WindowLabel = { label: 0, threat: null, intensity: null, campaign: null, exclude: false };

export function indexTruth(truth: Iterable<Truth>): TruthIndex {
  const calls = new Map<string, Truth[]>();
  const spans = new Map<string, Truth[]>();
  let lines = 0;
  for (const line of truth) {
    lines++;
    const agent = `${line.tenant ?? DEFAULT_TENANT}|${line.agent}`;
    const [table, key] = line.callId === null ? [spans, agent] : [calls, `${agent}|${line.callId}`];
    const known = table.get(key);
    if (known === undefined) table.set(key, [line]);
    else known.push(line);
  }
  const linesOf = (tenant: string, agent: string, startMs: number, endMs: number, callIds: readonly string[]): Truth[] => {
    const key = `${tenant}|${agent}`;
    const found = (spans.get(key) ?? []).filter((line) => line.startMs < endMs && line.endMs >= startMs);
    for (const id of callIds) found.push(...(calls.get(`${key}|${id}`) ?? []));
    return found;
  };
  return {
    lines,
    windowLabel(tenant, agent, startMs, endMs, callIds) {
      const found = linesOf(tenant, agent, startMs, endMs, callIds);
      if (found.length === 0) return CLEAN;
      const acted = found.find((line) => line.acted === 1);
      const told = acted ?? found.find((line) => line.exposure === 1);
      return {
        label: acted !== undefined ? 2 : told !== undefined ? 1 : 0,
        threat: told?.threat ?? null,
        intensity: told?.intensity ?? null,
        campaign: told?.campaign ?? null,
        exclude: found.some((line) => line.exclude === 1),
      };
    },
    callLabel: (tenant, agent, callId) => ((calls.get(`${tenant}|${agent}|${callId}`) ?? []).some((line) => line.acted === 1) ? 1 : 0),
  };
}
