import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liveSessions, SESSION_IDLE_MS, type SessionTask, withSessions } from './sessions.ts';

const MINUTE = 60_000;
const task = (from: number, to: number, over: Partial<SessionTask> = {}): SessionTask => ({
  agent: 'clerk',
  session: null,
  instance: 'p1',
  startMs: from * MINUTE,
  endMs: to * MINUTE,
  ...over,
});
/** Sessions by the letter of their first task. */
const shape = (tasks: readonly SessionTask[]) => {
  const names = new Map<string, string>();
  return withSessions(tasks)
    .map(({ session }) => names.get(session) ?? names.set(session, String.fromCharCode(97 + names.size)).get(session)!)
    .join('');
};

describe('the session of a task', () => {
  it('is the conversation that it names, whatever the process and the pause', () => {
    const told = [task(0, 1, { session: 'c1' }), task(500, 501, { session: 'c1', instance: 'p2' }), task(2, 3, { session: 'c2' })];
    expect(withSessions(told).map(({ session }) => session)).toEqual(['c1', 'c1', 'c2']);
  });

  it('ends with a pause of 30 minutes, and is marked as inferred', () => {
    const tasks = [task(0, 5), task(10, 12), task(12 + 29, 42), task(42 + 30, 80)];
    expect(shape(tasks)).toBe('aaab');
    expect(SESSION_IDLE_MS).toBe(30 * MINUTE);
    for (const { session } of withSessions(tasks)) expect(session).toMatch(/^~[0-9a-f]{16}$/);
  });

  it('goes on after a restart, and is another one in a process beside it', () => {
    expect(shape([task(0, 5), task(6, 8, { instance: 'p2' })])).toBe('aa');
    expect(shape([task(0, 5), task(4, 8, { instance: 'p2' }), task(9, 10)])).toBe('aba');
    expect(shape([task(0, 5), task(0, 5, { agent: 'bank' })])).toBe('ab');
  });

  it('is the conversation around it, where it lies between two tasks of one', () => {
    const between = [task(0, 1, { session: 'c1' }), task(2, 3), task(4, 5, { session: 'c1' }), task(6, 7), task(8, 9, { session: 'c2' })];
    const sessions = withSessions(between).map(({ session }) => session);
    expect(sessions.slice(0, 3)).toEqual(['c1', 'c1', 'c1']);
    expect(sessions[3]).toMatch(/^~/);
  });

  it('is there for every task, and the same in whatever order they come', () => {
    const any = fc.record({
      agent: fc.constantFrom('a', 'b'),
      session: fc.constantFrom(null, null, 'c1'),
      instance: fc.constantFrom(null, 'p', 'q'),
      startMs: fc.nat(200).map((m) => m * MINUTE),
      endMs: fc.constant(0),
    });
    const distinct = fc.uniqueArray(any, { maxLength: 12, selector: ({ startMs }) => startMs });
    fc.assert(
      fc.property(distinct, (drawn) => {
        const tasks = drawn.map((one) => ({ ...one, endMs: one.startMs + MINUTE / 2 }));
        const sessions = withSessions(tasks).map(({ session }) => session);
        expect(sessions.every((session) => /^(c1|~[0-9a-f]{16})$/.test(session))).toBe(true);
        const turned = withSessions(tasks.toReversed()).map(({ session }) => session);
        expect(turned.toReversed()).toEqual(sessions);
      }),
    );
  });
});

/** Told one after the other, as they begin and end. */
function live(tasks: readonly SessionTask[]): string[] {
  const sessions = liveSessions('clerk');
  return tasks.map((one) => {
    const session = sessions.begin(one);
    sessions.busy(one.endMs);
    return session;
  });
}

describe('the session of a task that begins now', () => {
  it('is the run without a pause that it is in, named by the first task that told none', () => {
    const tasks = [task(0, 5), task(34, 40), task(70, 71), task(72, 73, { session: 'c1' }), task(74, 75)];
    const [a, b, c, told, after] = live(tasks);
    expect([b, told, after]).toEqual([a, 'c1', c]);
    expect(c).not.toBe(a);
    for (const session of [a, c]) expect(session).toMatch(/^~[0-9a-f]{16}$/);
  });

  it('cannot know that the conversation before it goes on after it', () => {
    const between = [task(0, 1, { session: 'c1' }), task(2, 3), task(4, 5, { session: 'c1' })];
    expect(live(between)[1]).toMatch(/^~/);
    expect(withSessions(between)[1]!.session).toBe('c1');
  });

  it('is that of the whole, in order of time, wherever no conversation is told twice', () => {
    const step = fc.record({ pause: fc.nat(40), length: fc.nat(20), told: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let at = 0;
        const tasks = steps.map(({ pause, length, told }, i) => {
          const from = at + pause;
          at = from + length;
          return task(from, at, { instance: null, session: told ? `c${i}` : null });
        });
        expect(live(tasks)).toEqual(withSessions(tasks).map(({ session }) => session));
      }),
    );
  });
});
