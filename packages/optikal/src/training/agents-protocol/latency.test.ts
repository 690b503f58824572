import { describe, expect, it } from 'vitest';
import { resolveTools, toolLookup } from '../../detection/tools/index.ts';
import { casesOf } from './cases.ts';
import { agentsData, windowsOf } from './data.ts';
import type { FoldScores } from './fold.ts';
import { latencyOf } from './latency.ts';
import { littleSessions } from './test-support/little.ts';

const data = agentsData(littleSessions({ models: ['m'], suites: ['s'], sessions: 1 }), toolLookup(resolveTools({})));
const { samples } = windowsOf(data, null);
const cases = casesOf(samples, data.sessionOf);

/** Every window and call has this margin, but for the first call of a run. */
function scores(margin: number, first: number): FoldScores {
  const of = (list: (typeof cases)['runs']) => ({
    margins: Float64Array.from(list, () => margin),
    threshold: 0.5,
    plain: new Float64Array(list.length),
  });
  const level = (list: (typeof cases)['runs']) => ({ benign: of(list), ignored: of(list) });
  const calls = cases.runs.map((run) => (run.label === 2 ? Array.from({ length: run.calls }, (_, i) => (i === 0 ? first : margin)) : null));
  return { window: level(cases.windows), run: level(cases.runs), calls };
}

describe('how soon an attack is found', () => {
  const [session] = data.sessionOf.values();
  const attacker = session!.tasks[3]!.calls.at(-1)!;

  it('is counted from the attacker’s first call: to the end of its window, and in calls', () => {
    const { runs, seconds, calls } = latencyOf({ samples, cases }, scores(1, 1), data.sessionOf);
    expect(runs).toBe(2);
    const toEnd = 60 - ((attacker.timeMs / 1000) % 60);
    expect(Math.min(...seconds.map((value) => Math.abs(value - toEnd)))).toBeLessThan(0.001);
    expect(calls).toEqual([0, 0]);
  });

  it('counts no call before the attacker’s, and nothing that stays under the threshold', () => {
    const { seconds, calls } = latencyOf({ samples, cases }, scores(0, 1), data.sessionOf);
    expect([seconds, calls]).toEqual([[], []]);
  });

  it('leaves runs out whose label is doubtful', () => {
    const doubtful = { ...cases, runs: cases.runs.map((run) => ({ ...run, exclude: true })) };
    expect(latencyOf({ samples, cases: doubtful }, scores(1, 1), data.sessionOf).runs).toBe(0);
  });
});
