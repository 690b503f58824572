import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpenAgents } from './open-agents.ts';

const change = (key: string, dueMs: number | null) => ({ key, dueMs, body: '' });

describe('OpenAgents', () => {
  it('counts who opens and who closes, each agent once', () => {
    const open = new OpenAgents([{ key: 'a', dueMs: 1 }]);
    const state = [change('a', 2), change('b', 3), change('c', null)];
    expect(open.countAfter(state)).toBe(2);
    expect(open.countAfter([])).toBe(1); // nothing was kept
    open.keep(state);
    expect(open.countAfter([change('a', null), change('b', null), change('b', 4)])).toBe(1);
  });

  it('is the number of agents whose last change has a due time', () => {
    const changes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(fc.integer())));
    fc.assert(
      fc.property(fc.array(changes), (commits) => {
        const open = new OpenAgents([]);
        const last = new Map<string, number | null>();
        for (const commit of commits) {
          const state = commit.map(([key, dueMs]) => change(key, dueMs));
          for (const { key, dueMs } of state) last.set(key, dueMs);
          expect(open.countAfter(state)).toBe([...last.values()].filter((dueMs) => dueMs !== null).length);
          open.keep(state);
        }
      }),
    );
  });
});
