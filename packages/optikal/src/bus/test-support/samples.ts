/** Small events, alerts and scores for the tests of the bus. */
import type { Event } from '@optikal/contracts';
import type { AlertRow, Bus, Commit, CommitOutput, Lease, LogEntry, LogRecord, ScoreRow } from '../contract.ts';

export const T0 = 1_760_000_000_000;
export const NOTHING: CommitOutput = { alerts: [], scores: [], deadLetters: [] };

export function sampleEvent(id: string, agent = 'a', answerChars = 0): Event {
  return {
    id,
    source: '/test',
    type: 'argus.agent.lifecycle.v1',
    tenant: 't',
    agent,
    timeMs: T0,
    session: null,
    task: null,
    correlation: null,
    sequence: null,
    data: { kind: 'task_ended', taskId: 'task', turns: 1, answerChars, ok: true },
  };
}

export const eventEntry = (id: string, agent?: string, answerChars?: number): LogEntry => ({
  kind: 'event',
  event: sampleEvent(id, agent, answerChars),
});
export const tick = (timeMs: number): LogEntry => ({ kind: 'tick', timeMs });
export const control = (untilMs = T0 + 1): LogEntry => ({
  kind: 'control',
  control: { kind: 'quarantine', tenant: 't', agent: 'a', fromMs: T0, untilMs, reason: 'test' },
});

export const alertRow = (id: string, more: Partial<AlertRow> = {}): AlertRow => ({
  id,
  revision: 1,
  key: 't|a',
  windowStartMs: T0,
  body: `{"id":"${id}"}`,
  ...more,
});
export const scoreRow = (windowStartMs: number, more: Partial<ScoreRow> = {}): ScoreRow => ({
  key: 't|a',
  windowStartMs,
  windowEndMs: windowStartMs + 60_000,
  fingerprint: 'f',
  body: `{"at":${windowStartMs}}`,
  ...more,
});
export const commitOf = (next: number, more: Partial<Omit<Commit, 'out'>> & { out?: Partial<CommitOutput> } = {}): Commit => ({
  next,
  state: more.state ?? [],
  partitionState: more.partitionState ?? `{"next":${next}}`,
  out: { ...NOTHING, ...more.out },
});

/** Everything from `next` to the end, without waiting. */
export async function readAll(bus: Bus, lease: Lease, next = lease.next): Promise<LogRecord[]> {
  const all: LogRecord[] = [];
  for (;;) {
    const batch = await bus.read(lease, next, { maxRecords: 100, maxWaitMs: 0 });
    if (batch.records.length === 0) return all;
    all.push(...batch.records);
    next = batch.next;
  }
}

export function nameOf(record: LogRecord): string {
  if (record.kind === 'event') return record.event.id;
  return record.kind === 'tick' ? `tick ${record.timeMs - T0}` : 'control';
}
