/**
 * A workload whose every committed position says what else must be there: a round is one tick and five events, and its commit writes the
 * position into the agent's state, the partition's state and one alert. `inconsistencies` finds a commit that was torn apart.
 */
import type { Commit, LogEntry, LogRecord } from '../contract.ts';
import { alertRow, commitOf, eventEntry, scoreRow, T0, tick } from './samples.ts';

export const ROUND = 6;

export function roundEntries(round: number): LogEntry[] {
  return [tick(T0 + round + 1), ...[0, 1, 2, 3, 4].map((n) => eventEntry(`${round}-${n}`))];
}

/** The commit that ends round `next / ROUND − 1`. */
export function roundCommit(next: number): Commit {
  return commitOf(next, {
    state: [{ key: 't|a', body: `${next}`, dueMs: T0 + next }],
    partitionState: `${next}`,
    out: { alerts: [alertRow(`at-${next}`)], scores: [scoreRow(T0 + next * 60_000)] },
  });
}

export interface Found {
  readonly end: number;
  readonly next: number;
  readonly partitionState: string | null;
  readonly dueMs: number | undefined;
  readonly state: string | null;
  readonly alertIds: readonly string[];
  readonly records: readonly LogRecord[];
}

/** Empty if log, position, state and alerts fit together. */
export function inconsistencies(found: Found): string[] {
  const wrong: string[] = [];
  const check = (holds: boolean, what: string) => {
    if (!holds) wrong.push(what);
  };
  const { end, next, records } = found;
  check(end % ROUND === 0, `half a batch: the log ends at ${end}`);
  check(next % ROUND === 0 && next <= end, `position ${next} of ${end}`);
  check(records.length === end && records.every(({ offset }, n) => offset === n), 'the log has gaps');
  for (const [n, record] of records.entries()) {
    const round = Math.floor(n / ROUND);
    const fits =
      record.kind === 'tick'
        ? n % ROUND === 0 && record.timeMs === T0 + round + 1
        : record.kind === 'event' && record.event.id === `${round}-${(n % ROUND) - 1}`;
    check(fits, `record ${n} is not the one that was written there`);
  }
  const text = next === 0 ? null : `${next}`;
  check(found.partitionState === text, `partition state ${found.partitionState} at position ${next}`);
  check(found.state === text, `agent state ${found.state} at position ${next}`);
  check(found.dueMs === (next === 0 ? undefined : T0 + next), `due ${found.dueMs} at position ${next}`);
  const expected = Array.from({ length: next / ROUND }, (_, n) => `at-${(n + 1) * ROUND}`);
  check(JSON.stringify(found.alertIds) === JSON.stringify(expected), `${found.alertIds.length} alerts at position ${next}`);
  return wrong;
}
