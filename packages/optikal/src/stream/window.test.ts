import { type Event, RAW_METRIC_NAMES, type RawMetrics } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { MAX_WINDOW_RECORDS } from './limits.ts';
import { type AgentWindows, admit, newAgentWindows, nextDueMs, sortedRecords, windowDueMs, windowStart } from './window.ts';

/** A full minute; all times of the tests are milliseconds after it. */
const M = 1_760_000_040_000;

const event = (at: number, id: string, more: Partial<Event> = {}): Event =>
  ({
    id,
    source: '/test',
    type: 'argus.agent.lifecycle.v1',
    tenant: 't',
    agent: 'a',
    timeMs: M + at,
    session: null,
    task: null,
    correlation: null,
    sequence: null,
    data: { kind: 'retire' },
    ...more,
  }) as Event; // type and data stay those of a retirement
const sameBody = (a: Event, b: Event): boolean => JSON.stringify(a) === JSON.stringify(b);
const put = (windows: AgentWindows, one: Event, clockAt: number) => {
  const admission = admit(windows, { event: one, offset: 0 }, M + clockAt, sameBody);
  return admission.outcome === 'dead' ? admission.code : admission.outcome;
};
const dueAt = (windows: AgentWindows): number => nextDueMs(windows)! - M;

describe('a window', () => {
  it('is a minute of the epoch: its start belongs to it, its end to the next', () => {
    expect(windowStart(M)).toBe(M);
    expect(windowStart(M + 59_999)).toBe(M);
    expect(windowStart(M + 60_000)).toBe(M + 60_000);
    expect(windowStart(M - 1)).toBe(M - 60_000);
  });

  it('is due 10 s after its end when its last record came before the end', () => {
    const windows = newAgentWindows();
    put(windows, event(5000, 'a'), 5000);
    expect(dueAt(windows)).toBe(70_000);
    put(windows, event(59_000, 'b'), 59_000);
    expect(dueAt(windows)).toBe(70_000);
  });

  it('is due 10 s after its last record when that came after the end', () => {
    const windows = newAgentWindows();
    put(windows, event(5000, 'a'), 5000);
    put(windows, event(6000, 'b'), 65_000);
    expect(dueAt(windows)).toBe(75_000);
  });

  it('is due at most 70 s after its end, whatever still arrives', () => {
    const windows = newAgentWindows();
    put(windows, event(0, 'first'), 0);
    for (let at = 60_000; at < 130_000; at += 1000) put(windows, event(1, `r${at}`), at);
    expect(dueAt(windows)).toBe(130_000);
  });

  it('is due at most 70 s after its first record where that came after the end', () => {
    const windows = newAgentWindows();
    put(windows, event(0, 'first'), 100_000);
    for (let at = 101_000; at < 170_000; at += 1000) put(windows, event(1, `r${at}`), at);
    expect(dueAt(windows)).toBe(170_000);
  });

  it('sorts its records by event time, id and source, whatever the order of arrival', () => {
    const windows = newAgentWindows();
    for (const [at, id, source] of [
      [9, 'a', '/1'],
      [5, 'b', '/2'],
      [5, 'b', '/1'],
      [5, 'a', '/9'],
      [5, 'B', '/1'],
    ] as const)
      put(windows, event(at, id, { source }), 0);
    expect(sortedRecords(windows.open[0]!).map(({ timeMs, id, source }) => [timeMs - M, id, source])).toEqual([
      [5, 'B', '/1'],
      [5, 'a', '/9'],
      [5, 'b', '/1'],
      [5, 'b', '/2'],
      [9, 'a', '/1'],
    ]);
  });
});

describe('a record as text', () => {
  const asText = (windows: AgentWindows, one: Event) => {
    const admission = admit(windows, { event: one, text: JSON.stringify(one), offset: 0 }, M, sameBody);
    return admission.outcome === 'dead' ? admission.code : admission.outcome;
  };

  it('is what the event is: same order, same repeats and conflicts, few records or many', () => {
    for (const count of [3, 16, 17, 100]) {
      const [text, plain] = [newAgentWindows(), newAgentWindows()];
      for (let n = 0; n < count; n++) {
        const one = event((n * 7919) % 60_000, `r${n}`);
        expect([asText(text, one), put(plain, one, 0)]).toEqual(['accepted', 'accepted']);
        expect([asText(text, one), put(plain, one, 0)]).toEqual(['duplicate', 'duplicate']);
      }
      expect(sortedRecords(text.open[0]!)).toEqual(sortedRecords(plain.open[0]!));
      expect(asText(text, event(1, 'r0'))).toBe('duplicate_id_conflict');
      expect(text.open[0]!.records.every(({ body }) => typeof body === 'string')).toBe(true);
    }
  });
});

describe('the windows of an agent', () => {
  it('are due in order: only the oldest counts', () => {
    const windows = newAgentWindows();
    put(windows, event(60_000, 'later'), 1000);
    expect(dueAt(windows)).toBe(130_000);
    put(windows, event(0, 'earlier'), 2000);
    expect(windows.open.map(({ startMs }) => startMs - M)).toEqual([0, 60_000]);
    expect(dueAt(windows)).toBe(70_000);
    expect(windowDueMs(windows.open[1]!) - M).toBe(130_000);
  });

  it('take an older window as long as no later one has closed', () => {
    const windows = newAgentWindows();
    windows.lastClosedEndMs = M;
    expect(put(windows, event(-1, 'old'), 0)).toBe('late');
    expect(put(windows, event(0, 'new'), 0)).toBe('accepted');
    expect(windows.open).toHaveLength(1);
  });

  it('are 64 at most; an open one still takes records', () => {
    const windows = newAgentWindows();
    for (let i = 0; i < 64; i++) expect(put(windows, event(-i * 60_000, `w${i}`), 0)).toBe('accepted');
    expect(put(windows, event(-64 * 60_000, 'w64'), 0)).toBe('open_windows_exceeded');
    expect(put(windows, event(-63 * 60_000, 'more'), 0)).toBe('accepted');
    expect(put(windows, event(-64 * 60_000, 'w0'), 0)).toBe('duplicate_id_conflict');
  });
});

describe('an event', () => {
  it('may be 5 minutes ahead of the log clock and no more', () => {
    expect(put(newAgentWindows(), event(300_000, 'a'), 0)).toBe('accepted');
    expect(put(newAgentWindows(), event(300_001, 'a'), 0)).toBe('clock_ahead');
  });

  it('is ahead of a clock that no tick has set', () => {
    expect(admit(newAgentWindows(), { event: event(0, 'a'), offset: 0 }, Number.NEGATIVE_INFINITY, sameBody)).toEqual({
      outcome: 'dead',
      code: 'clock_ahead',
    });
  });

  it('that repeats source and id is a duplicate, and a conflict with another body', () => {
    const windows = newAgentWindows();
    put(windows, event(0, 'a'), 0);
    expect(put(windows, event(0, 'a'), 1)).toBe('duplicate');
    expect(put(windows, event(1, 'a'), 1)).toBe('duplicate_id_conflict');
    expect(put(windows, event(60_000, 'a'), 1)).toBe('duplicate_id_conflict');
    expect(put(windows, event(0, 'a', { source: '/other' }), 1)).toBe('accepted');
    expect(windows.open[0]!.lastAppendMs).toBe(M + 1);
    expect(windows.open).toHaveLength(1);
  });

  it('is told apart by source and id whatever characters they hold', () => {
    const windows = newAgentWindows();
    expect(put(windows, event(0, 'c', { source: 'a\nb' }), 0)).toBe('accepted');
    expect(put(windows, event(0, 'b\nc', { source: 'a' }), 0)).toBe('accepted');
    expect(put(windows, event(0, '__proto__', { source: '__proto__' }), 0)).toBe('accepted');
    expect(put(windows, event(0, '__proto__', { source: '__proto__' }), 0)).toBe('duplicate');
  });

  it('that is refused leaves the windows as they were', () => {
    const windows = newAgentWindows();
    put(windows, event(0, 'a'), 0);
    const before = JSON.stringify(windows);
    put(windows, event(0, 'a'), 5);
    put(windows, event(2, 'a'), 5);
    put(windows, event(400_000, 'b'), 5);
    expect(JSON.stringify(windows)).toBe(before);
  });

  it('is recognised again after the windows were stored and read back', () => {
    const windows = newAgentWindows();
    put(windows, event(0, 'a'), 0);
    put(windows, event(0, 'b'), 0);
    const restored: AgentWindows = {
      lastClosedEndMs: windows.lastClosedEndMs,
      open: JSON.parse(JSON.stringify(windows.open)) as AgentWindows['open'],
    };
    expect(put(restored, event(0, 'a'), 1)).toBe('duplicate');
    expect(put(restored, event(0, 'c'), 1)).toBe('accepted');
    expect(put(restored, event(0, 'c'), 1)).toBe('duplicate');
  });

  it('is the last that a window takes when that holds 4096; repeats are still known', () => {
    const windows = newAgentWindows();
    for (let i = 0; i < MAX_WINDOW_RECORDS; i++) put(windows, event(i % 60_000, `r${i}`), 0);
    expect(windows.open[0]!.records).toHaveLength(4096);
    expect(put(windows, event(0, 'more'), 0)).toBe('window_records_exceeded');
    expect(put(windows, event(7, 'r7'), 0)).toBe('duplicate');
    expect(put(windows, event(60_000, 'next window'), 0)).toBe('accepted');
  });

  it('is refused when its calls would be more than 16,384 in the window', () => {
    const windows = newAgentWindows();
    const busy = (id: string): Event => {
      const call = { callId: id, taskId: null, turn: null, time: 0, tool: 'read_file', ok: true, errorKind: null, latencyMs: null };
      const calls = Array.from({ length: 512 }, () => ({
        ...call,
        argBytes: null,
        outBytes: null,
        argHmac: null,
        textCharsThisTurn: null,
      }));
      const metrics = Object.fromEntries(RAW_METRIC_NAMES.map((name) => [name, null])) as RawMetrics; // one entry a metric
      return { ...event(0, id), type: 'argus.agent.metrics.v1', data: { windowStartMs: 0, windowEndMs: 0, metrics, calls } } as Event; // type and data match
    };
    const outcomes = Array.from({ length: 33 }, (_, n) => put(windows, busy(`m${n}`), 0));
    expect(outcomes.slice(0, 32).every((outcome) => outcome === 'accepted')).toBe(true);
    expect(outcomes[32]).toBe('window_records_exceeded');
    expect(put(windows, event(0, 'small'), 0)).toBe('accepted');
  });
});
