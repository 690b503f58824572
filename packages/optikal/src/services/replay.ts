/**
 * `replay`: steps through the log as it is with another bundle, under a run of its own, and says which alerts would come and which would go. It
 * writes nothing where the detectors write, and nobody is told: the alerts stand in a file, or in a topic of the run. The whole log is stepped through, since what is
 * usual for an agent is learnt from its beginning; alerts of windows that start in [from, to) are compared.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AlertRow, LogReader } from '../bus/index.ts';
import type { Bundle } from '../detection/ensemble/bundle.ts';
import { newPartitionState } from '../detection/partition.ts';
import { alertLine } from './alert-event.ts';
import { FIRST_EPOCH_MS, modelEpoch } from './epochs.ts';
import { createModelStore } from './model-store.ts';
import { readAlerts, replayPartition } from './verify.ts';

export interface ReplayOptions {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly bundle: Bundle;
  /** null = the bundle's own. */
  readonly threshold: number | null;
  /** Names the run; not `live`, so that no alert of it has the name of a live one. */
  readonly run: string;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ReplayedWindow {
  /** `tenant|agent`. */
  readonly key: string;
  readonly windowStartMs: number;
  readonly detector: string;
  readonly threatType: string;
  readonly probability: number | null;
}

export interface Replay {
  readonly records: number;
  readonly stored: number;
  readonly replayed: number;
  readonly kept: number;
  readonly gained: readonly ReplayedWindow[];
  readonly lost: readonly ReplayedWindow[];
  /** All alerts of the run in the span, as they would be published. */
  readonly alerts: readonly AlertRow[];
}

export async function replayLog(reader: LogReader, options: ReplayOptions): Promise<Replay> {
  const { bundle, threshold, run, fromMs, toMs } = options;
  const store = createModelStore({ load: () => bundle, hmacKey: new Uint8Array(32) });
  const epoch = modelEpoch(bundle.fingerprint, threshold, FIRST_EPOCH_MS);
  await store.prepare([epoch]);
  const models = { ...store, prepare: async () => {}, of: () => store.of(epoch) };
  const states = await reader.partitionStates();
  const total = states.reduce((sum, { next }) => sum + next, 0);
  const within = ({ windowStartMs }: AlertRow) => windowStartMs >= fromMs && windowStartMs < toMs;
  const alerts: AlertRow[] = [];
  let records = 0;
  for (const { partition, next } of states)
    await replayPartition(reader, { partition, from: 0, to: next }, newPartitionState(run), models, (batch) => {
      alerts.push(...batch.alerts.filter(within));
      records += batch.records;
      options.onProgress?.(records, total);
    });
  const stored = standing((await readAlerts(reader)).filter(within));
  const replayed = standing(alerts);
  const missing = (from: ReadonlyMap<string, ReplayedWindow>, of: ReadonlyMap<string, ReplayedWindow>) =>
    [...of].flatMap(([name, window]) => (from.has(name) ? [] : [window])).sort((a, b) => a.windowStartMs - b.windowStartMs);
  const lost = missing(replayed, stored);
  const gained = missing(stored, replayed);
  return { records, stored: stored.size, replayed: replayed.size, kept: stored.size - lost.length, gained, lost, alerts };
}

/** The alerts as `GET /v1/alerts` would have them, a line each. */
export function writeReplay(path: string, alerts: readonly AlertRow[]): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, alerts.map((alert) => `${alertLine(alert)}\n`).join(''), { mode: 0o600 });
}

/** Of each window and detector the last revision, where it alerts. */
function standing(alerts: readonly AlertRow[]): Map<string, ReplayedWindow> {
  const windows = new Map<string, ReplayedWindow>();
  for (const { key, windowStartMs, body } of [...alerts].sort((a, b) => a.revision - b.revision)) {
    const said = JSON.parse(body) as { detector?: string; decision: string; threatType: string; probability?: number }; // a ThreatAlert
    const detector = said.detector ?? 'ensemble';
    const name = `${key} ${windowStartMs} ${detector}`;
    if (said.decision !== 'alert') windows.delete(name);
    else windows.set(name, { key, windowStartMs, detector, threatType: said.threatType, probability: said.probability ?? null });
  }
  return windows;
}
