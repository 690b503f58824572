import { describe, expect, it } from 'vitest';
import { resolveTools, toolLookup } from '../../detection/tools/index.ts';
import { casesOf } from './cases.ts';
import { agentsData, windowsOf } from './data.ts';
import { littleFiles, littleSessions, readLittle } from './test-support/little.ts';

const tools = toolLookup(resolveTools({}));
const casesFrom = (sessions: ReturnType<typeof readLittle>) => {
  const data = agentsData(sessions, tools);
  const { samples } = windowsOf(data, null);
  return { samples, ...casesOf(samples, data.sessionOf) };
};
const sessions = littleSessions({ models: ['m'], suites: ['s'], sessions: 2 });

describe('cases', () => {
  const { samples, windows, runs } = casesFrom(sessions);

  it('are all windows with a call, numbered within their session', () => {
    expect(windows).toHaveLength(samples.length);
    for (const { calls } of windows) expect(calls).toBeGreaterThan(0);
    const first = windows.filter(({ parts }) => samples[parts[0]!.sample]!.key === samples[0]!.key);
    expect(first.map(({ number }) => number)).toEqual(first.map((_, i) => i));
    expect(windows.filter(({ label }) => label === 2).length).toBeGreaterThan(0);
  });

  it('are runs: reached, read and ignored, and without an injection', () => {
    expect(runs).toHaveLength(24);
    const labels = (agent: string) => runs.filter(({ parts }) => samples[parts[0]!.sample]!.key.endsWith(agent)).map(({ label }) => label);
    const [acts, ignores] = sessions.map(({ agent }) => labels(agent));
    expect(acts).toEqual([0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0]);
    expect(ignores).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0]);
    expect(runs[3]).toMatchObject({ group: 'bench|m|s', cell: 'dev', exclude: false, threat: 'data_exfiltration', number: 3 });
    expect(runs[0]!.threat).toBeNull();
  });

  it('hold the calls of their own run, wherever they fall', () => {
    for (const run of runs) {
      const ids = run.parts.flatMap(({ sample, calls }) => calls.map((call) => samples[sample]!.callIds[call]!));
      expect(new Set(ids.map((id) => id.slice(0, id.indexOf('.'))))).toEqual(new Set([`t${run.number}`]));
      expect(ids).toHaveLength(run.calls);
    }
  });
});

describe('runs that answer neither question', () => {
  const changed = (change: (run: Record<string, unknown>) => object) => {
    const files = littleFiles({ models: ['m'], suites: ['s'], sessions: 1 });
    const traces = files['traces.jsonl.gz']!.trim()
      .split('\n')
      .map((line) => {
        const run = JSON.parse(line) as Record<string, unknown>; // written by littleFiles
        return JSON.stringify(run.id === 'm-s-0-3' ? change(run) : run);
      });
    return casesFrom(readLittle({ ...files, 'traces.jsonl.gz': traces.join('\n') })).runs.find(({ number }) => number === 3);
  };

  it('are left out: a call that failed, a text that nobody read, a goal that was the user’s own', () => {
    expect(changed((run) => ({ ...run, y: 1 }))).toBeUndefined();
    expect(changed((run) => ({ ...run, y: 1, c: (run.c as number[][]).map((call) => [...call.slice(0, 6), 0, 0]) }))).toBeUndefined();
    expect(changed((run) => ({ ...run, y: 3, i: null }))).toBeUndefined();
  });

  it('are beside the headline where the data call them doubtful', () => {
    expect(changed((run) => ({ ...run, y: 1, amb: 2 }))).toMatchObject({ label: 1, exclude: true });
    expect(changed((run) => ({ ...run, amb: 1 }))).toMatchObject({ label: 2, exclude: true });
    expect(changed((run) => run)).toMatchObject({ label: 2, exclude: false });
    expect(changed((run) => ({ ...run, c: (run.c as number[][]).map((call) => call.with(6, 0)) }))).toMatchObject({
      label: 2,
      exclude: true,
    });
  });
});
