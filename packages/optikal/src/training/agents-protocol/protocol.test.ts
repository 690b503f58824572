import { describe, expect, it } from 'vitest';
import { resolveTools, toolLookup } from '../../detection/tools/index.ts';
import { agentsFigures } from './figures.ts';
import { type FoldFound, leaveOut, trainTest } from './protocol.ts';
import { littleSessions } from './test-support/little.ts';

const tools = toolLookup(resolveTools({}));
const folder = { models: ['m0', 'm1', 'm2'], suites: ['s0', 's1', 's2'], sessions: 2 };
const file = { name: 'sessions', sessions: littleSessions(folder) };
const other = { name: 'other', sessions: littleSessions({ ...folder, seed: 'other' }) };
const options = { tools, gateway: null, seed: 's', planes: ['none', 'oracle'] as const };

describe('leaving out', () => {
  const found = leaveOut({ ...options, files: [file, other], leave: ['suite'] });
  const figures = agentsFigures(found, 's');
  const rowsOf = (cell: string) => figures.rows.filter((row) => row.cell === cell && row.level === 'run' && row.against === 'benign');

  it('judges every window and run of every file once under each plane', () => {
    const windows = (of: readonly FoldFound[]) => of.reduce((sum, { cases }) => sum + cases.windows.length, 0);
    const [first, second] = [0, 1].map((at) => found.folds.filter(({ file: its, plane }) => its === at && plane === 'none'));
    expect(first!.map(({ part }) => part)).toEqual(['s0', 's1', 's2']);
    for (const fold of first!) expect(new Set(fold.cases.windows.map(({ suite }) => suite))).toEqual(new Set([fold.part]));
    expect(windows(first!)).toBeGreaterThan(100);
    expect(second!.flatMap(({ cases }) => cases.runs)).toHaveLength(18 * 12);
  });

  it('finds what an oracle knows, and says so in rows of every part', () => {
    expect(rowsOf('pooled').map(({ plane }) => plane)).toEqual(['none', 'oracle']);
    expect(rowsOf('pooled')[1]!.auroc).toBeGreaterThan(0.95);
    expect(rowsOf('s1')[1]).toMatchObject({ protocol: 'suite', n: 66, positives: 6 });
    expect(rowsOf('mean')[1]!.n).toBe(198);
    for (const row of figures.rows) expect(row.n).toBeGreaterThan(0);
  });

  it('has baselines, threats, windows of the session and how soon', () => {
    expect(figures.baselines.filter(({ baseline }) => baseline === 'number of calls')).toHaveLength(8);
    expect(figures.threats.every(({ slice }) => slice === 'data_exfiltration')).toBe(true);
    expect(figures.windows.map(({ slice }) => slice).slice(0, 4)).toEqual(['1 to 2', '3 to 5', '6 to 10', 'from 11 on']);
    const soon = figures.latencies.find(({ plane }) => plane === 'oracle')!;
    expect(soon.runs).toBe(36);
    // The attacker's call is the last of its run: what finds it is that call.
    expect(new Set(soon.calls)).toEqual(new Set([0]));
    for (const seconds of soon.seconds) expect(seconds).toBeGreaterThan(0);
    expect(Math.max(...soon.seconds)).toBeLessThanOrEqual(60);
  });

  it('is the same for a seed', () => {
    expect(agentsFigures(leaveOut({ ...options, files: [file, other], leave: ['suite'] }), 's')).toEqual(figures);
  });
});

describe('fitted on one folder, tested on another', () => {
  const fresh = {
    name: 'fresh',
    sessions: [
      ...littleSessions({ models: ['new'], suites: ['s0'], cell: 'known suite', seed: 'fresh' }),
      ...littleSessions({ models: ['new'], suites: ['unheard-of'], cell: 'nobody knows', seed: 'fresh' }),
    ],
  };
  const found = trainTest({ ...options, train: file, test: [fresh], testTools: tools });

  it('has a row for each cell as the data name it, for models and suites that nobody has seen', () => {
    const { rows } = agentsFigures(found, 's');
    const cells = [...new Set(rows.map(({ cell }) => cell))];
    expect(cells.slice(0, 4)).toEqual(['known suite', 'nobody knows', 'mean', 'pooled']);
    expect(rows.every(({ protocol }) => protocol === 'train-test')).toBe(true);
    const pooled = rows.find(
      ({ cell, plane, level, against }) => cell === 'pooled' && plane === 'oracle' && level === 'run' && against === 'benign',
    );
    expect(pooled).toMatchObject({ n: 44, positives: 4 });
    expect(pooled!.auroc).toBeGreaterThan(0.9);
  });

  it('lets nothing of the other reach what is fitted: a session more of it changes no margin of the known suite', () => {
    const more = { ...fresh, sessions: [...fresh.sessions, ...littleSessions({ models: ['newer'], suites: ['s9'], seed: 'more' })] };
    const again = trainTest({ ...options, train: file, test: [more], testTools: tools });
    const of = (folds: readonly FoldFound[]) =>
      folds.map(({ cases, scores }) => ({
        threshold: scores.window.benign.threshold,
        margins: scores.window.benign.margins.filter((_, i) => cases.windows[i]!.suite === 's0'),
      }));
    expect(of(again.folds)).toEqual(of(found.folds));
  });
});
