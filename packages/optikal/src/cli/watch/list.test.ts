import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlertEntry } from '../../services/watch-entry.ts';
import { addEntries, type Item, standingOf } from './alerts.ts';
import { listHeight } from './layout.ts';
import { entryOfRow, selectedRow } from './list.ts';
import type { State } from './state.ts';
import { entry, keys, screen, send } from './test-support/samples.ts';

const SIZE = { columns: 80, rows: 24 };
const agentsOf = ({ list }: State) => list.rows.map((row) => entryOfRow(list, row).agent);
const lineOfCursor = ({ list }: State) => list.rows.findIndex(({ id }) => id === list.selected) - list.top;
const newer = (...entries: AlertEntry[]) => ({ kind: 'newer', entries }) as const;
const many = (count: number) => Array.from({ length: count }, (_, n) => entry(n + 1));

describe('revisions', () => {
  const all = () => true;
  const early = entry(1, { id: 'a', revision: 1 });
  const final = entry(2, { id: 'a', revision: 2, paired: true });
  const withdrawn = entry(2, { id: 'a', revision: 2, paired: true, decision: 'withdrawn' });
  const standings = (items: ReadonlyMap<string, Item>) => [...items.values()].map(standingOf);

  test('are one alert, in whatever order they come', () => {
    expect(standings(addEntries(new Map(), [early], all))).toEqual(['early']);
    expect(standings(addEntries(new Map(), [entry(3)], all))).toEqual(['final']);
    for (const order of [
      [early, final],
      [final, early],
      [final, { ...early, paired: true }],
    ])
      expect(standings(addEntries(new Map(), order, all))).toEqual(['confirmed']);
    expect(standings(addEntries(addEntries(new Map(), [early], all), [withdrawn], all))).toEqual(['withdrawn']);
  });

  test('leave a filter when the last one no longer matches, and never show one that was replaced', () => {
    const grave = (one: AlertEntry) => one.severity === 'high';
    const shown = addEntries(new Map(), [early], grave);
    expect(addEntries(shown, [{ ...final, severity: 'low' }], grave).size).toBe(0);
    expect(addEntries(new Map(), [{ ...early, paired: true }], grave).size).toBe(0);
  });

  test('that change nothing give the same map', () => {
    const items = addEntries(new Map(), [final], all);
    expect(addEntries(items, [{ ...early, paired: true }], all)).toBe(items);
  });
});

describe('the list', () => {
  test('has the newest first, and repeats of one agent and threat as one line', () => {
    const state = screen(SIZE, [
      entry(1, { agent: 'a' }),
      entry(2, { agent: 'b' }),
      entry(3, { agent: 'a' }),
      entry(4, { agent: 'a', threat: 'resource_abuse' }),
    ]);
    expect(agentsOf(state)).toEqual(['a', 'a', 'b']);
    expect(state.list.groups.get('default|a|data_exfiltration')?.items.map(({ entry: { cursor } }) => cursor)).toEqual([3, 1]);
  });

  test('shows the newest alert that was not withdrawn for a group, and its gravest severity', () => {
    const state = screen(SIZE, [
      entry(1, { agent: 'a', severity: 'critical' }),
      entry(2, { agent: 'a' }),
      entry(3, { agent: 'a', decision: 'withdrawn' }),
    ]);
    const group = state.list.groups.get('default|a|data_exfiltration');
    expect([group?.shown.entry.cursor, group?.gravest.severity]).toEqual([2, 'critical']);
  });

  test('unfolds a group and folds it again', () => {
    const state = screen(SIZE, [entry(1, { agent: 'a' }), entry(2, { agent: 'b' }), entry(3, { agent: 'a' })]);
    const open = keys(state, '<tab>');
    expect(open.list.rows).toHaveLength(4);
    expect(keys(open, 'j', 'j', '<enter>').opened?.entry.cursor).toBe(1);
    expect(keys(open, 'j', '<left>').list).toMatchObject({ selected: 'default|a|data_exfiltration' });
    expect(keys(open, '<tab>').list.rows).toHaveLength(2);
    expect(keys(state, 'j', '<tab>').list.rows).toHaveLength(2);
  });

  test('sorts by time, severity, probability and agent', () => {
    const state = screen(SIZE, [
      entry(1, { agent: 'c', severity: 'critical', probability: 0.7 }),
      entry(2, { agent: 'a', probability: 0.9 }),
      entry(3, { agent: 'b', probability: 0.8, decision: 'withdrawn', severity: 'critical' }),
    ]);
    const orders = [state, keys(state, 's'), keys(state, 's', 's'), keys(state, 's', 's', 's'), keys(state, 's', 's', 's', 's')];
    expect(orders.map((one) => agentsOf(one).join(''))).toEqual(['bac', 'cab', 'acb', 'abc', 'bac']);
  });

  test('moves by line, screen and to both ends', () => {
    const state = screen(SIZE, many(100));
    const height = listHeight(SIZE);
    const at = (...pressed: string[]) => {
      const { list } = keys(state, ...pressed);
      return list.rows.findIndex(({ id }) => id === list.selected);
    };
    expect([at('j'), at('<down>', '<down>', 'k'), at('<pgdn>'), at('<pgdn>', '<pgup>'), at('G'), at('G', 'g'), at('k')]).toEqual([
      1,
      1,
      height,
      0,
      99,
      0,
      0,
    ]);
    const end = keys(state, '<end>');
    expect(end.list.top).toBe(100 - height);
  });
});

describe('new alerts', () => {
  test('come in at the top while the reader follows, and the cursor stays on its alert', () => {
    const state = send(screen(SIZE, many(3)), newer(entry(10)));
    expect(agentsOf(state)).toEqual(['agent-10', 'agent-3', 'agent-2', 'agent-1']);
    expect([state.list.selected, state.list.top, lineOfCursor(state)]).toEqual(['default|agent-3|data_exfiltration', 0, 1]);
    expect(state.list.unseen).toBe(0);
  });

  test('let go of a cursor that they push off the screen, and Enter then opens nothing', () => {
    const pushed = send(screen(SIZE, many(3)), ...Array.from({ length: 30 }, (_, n) => newer(entry(10 + n))));
    expect(pushed.list).toMatchObject({ selected: null, follow: true, top: 0 });
    const pressed = keys(pushed, '<enter>');
    expect(pressed.opened).toBeNull();
    expect(selectedRow(pressed.list)?.group).toBe('default|agent-39|data_exfiltration');
    expect(keys(pressed, '<enter>').opened?.entry.agent).toBe('agent-39');
  });

  test('do not move what a reader looks at who does not follow; he is told how many there are', () => {
    const reading = keys(screen(SIZE, many(50)), 'j', 'j', 'j');
    expect(reading.list.follow).toBe(false);
    const state = send(reading, newer(entry(60), entry(61)), newer(entry(62)));
    expect([lineOfCursor(state), selectedRow(state.list)?.group]).toEqual([lineOfCursor(reading), selectedRow(reading.list)?.group]);
    expect(state.list.unseen).toBe(3);
    expect(agentsOf(keys(state, 'n'))[0]).toBe('agent-62');
    expect(keys(state, 'n').list).toMatchObject({ top: 0, unseen: 0, follow: false });
    expect(keys(state, 'f').list).toMatchObject({ top: 0, unseen: 0, follow: true });
  });

  test('of a group that is on the screen change its count, not its place', () => {
    const reading = keys(screen(SIZE, many(5)), 'j');
    const state = send(reading, newer(entry(9, { agent: 'agent-1' })));
    expect(agentsOf(state)).toEqual(agentsOf(reading));
    expect(state.list.groups.get('default|agent-1|data_exfiltration')?.items).toHaveLength(2);
    expect(agentsOf(keys(state, 'n'))[0]).toBe('agent-1');
  });

  test('never put another alert under the cursor, whatever comes and whatever was pressed', () => {
    const pressed = fc.array(fc.constantFrom('j', 'k', '<pgdn>', 'G', 'g', '<tab>', 's', 'f', 'n'), { maxLength: 8 });
    const arrivals = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.boolean()), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(pressed, arrivals, (before, coming) => {
        let state = keys(screen({ columns: 60, rows: 12 }, many(30)), ...before);
        for (const [n, [agent, old]] of coming.entries()) {
          const { selected } = state.list;
          const line = lineOfCursor(state);
          state = send(
            state,
            old ? { kind: 'older', entries: [entry(-n - 1, { agent })], before: 0, complete: false } : newer(entry(100 + n, { agent })),
          );
          if (state.list.selected === null) expect(state.list.follow).toBe(true);
          else expect(state.list.selected).toBe(selected);
          if (state.list.selected !== null) expect(lineOfCursor(state)).toBeLessThan(listHeight(state.size));
          if (!state.list.follow && selected !== null) expect(lineOfCursor(state)).toBe(line);
        }
      }),
    );
  });
});
