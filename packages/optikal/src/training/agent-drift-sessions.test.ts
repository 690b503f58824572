import { describe, expect, it } from 'vitest';
import { registerEvent, taskEvents } from '../behaviour/events.ts';
import { hasRecorded, recorded } from '../behaviour/test-support/recorded.ts';
import { argHmacs } from '../content/fingerprint.ts';
import { encodeTask, NO_TASKS, rememberTask } from '../detection/agent-drift/memory.ts';
import { newProfile } from '../detection/profile.ts';
import { pass } from '../detection/test-support/windows.ts';
import { windowStart } from '../stream/window.ts';
import { driftSessions } from './agent-drift-sessions.ts';

describe.skipIf(!hasRecorded)('sessions as drift of an agent sees them', () => {
  const sessions = recorded('drift_sessions.jsonl.gz').filter((_, i) => i % 40 === 0);

  it('hold the tasks that a live agent remembers, from the same events in windows', () => {
    for (const session of sessions) {
      const events = [
        registerEvent(session.tasks[0]!),
        ...session.tasks.flatMap((task) => taskEvents(task, { argHmacs: argHmacs('any key', task.calls) })),
      ];
      const profile = newProfile();
      const windows = Map.groupBy(events, ({ timeMs }) => windowStart(timeMs));
      for (const start of [...windows.keys()].sort((a, b) => a - b)) pass(profile, windows.get(start)!);
      const [{ tasks }] = driftSessions([session]) as [ReturnType<typeof driftSessions>[number]]; // one in, one out
      expect(profile.drift).toBe(tasks.reduce((memory, { values }) => rememberTask(memory, values), NO_TASKS));
      expect(profile.drift.slice(0, encodeTask(tasks[0]!.values).length)).toBe(encodeTask(tasks[0]!.values));
    }
  });

  it('say beside their tasks who worked, and nothing of it in their numbers', () => {
    const swapped = driftSessions(sessions).find(({ swap }) => swap !== null)!;
    expect(swapped.tasks.map(({ model }) => model)).toEqual(
      swapped.tasks.map((_, i) => (i < swapped.swap!.task ? swapped.model : swapped.swap!.model)),
    );
    expect(new Set(swapped.tasks.map(({ run }) => run)).size).toBe(swapped.tasks.length);
  });
});
