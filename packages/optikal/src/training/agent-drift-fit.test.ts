import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { LEAST_SIDE } from '../detection/agent-drift/directions.ts';
import { decodeAgentDrift, encodeAgentDrift, judgeDrift } from '../detection/agent-drift/model.ts';
import { DRIFT_FEATURES } from '../detection/agent-drift/tally.ts';
import { composeSessions, poolsOf } from './agent-drift-compose.ts';
import { fitAgentDrift, marginPath } from './agent-drift-fit.ts';
import type { DriftSession, DriftTask } from './agent-drift-sessions.ts';

const MODELS = ['a', 'b', 'c', 'd'];

/** Four models in two suites that write answers of another length each, of the same noise. */
function made(apart: number): DriftSession[] {
  const random = createRandom(`made ${apart}`);
  const task = (model: string, name: string): DriftTask => {
    const values = Float64Array.from(DRIFT_FEATURES, ({ most }, c) => {
      const shift = c === 2 ? apart * MODELS.indexOf(model) : 0;
      return Math.min(most, Math.max(0, most / 3 + shift + (most / 12) * random.nextGaussian()));
    });
    return { values, endMs: 0, model, run: `${model} ${name}`, request: name.slice(0, 2) };
  };
  return MODELS.flatMap((model) =>
    ['s', 't'].map((suite) => ({
      agent: `${model}-${suite}`,
      src: 'made',
      suite,
      model,
      cell: 'made',
      swap: null,
      startMs: 0,
      tasks: Array.from({ length: 30 }, (_, i) => task(model, `${suite}${i}`)),
    })),
  );
}
const path = (model: Parameters<typeof marginPath>[0], tasks: readonly DriftTask[]) =>
  marginPath(
    model,
    tasks.map(({ values }) => values),
  );

describe('composed sessions', () => {
  it('hold no run twice and no request on both sides, and in every other one another model takes over', () => {
    const sessions = composeSessions(poolsOf(made(1)), 100, 'x');
    expect(sessions).toHaveLength(100);
    expect(sessions).toEqual(composeSessions(poolsOf(made(1)), 100, 'x'));
    sessions.forEach(({ tasks, swap }, i) => {
      expect(new Set(tasks.map(({ run }) => run)).size).toBe(tasks.length);
      const [before, after] = [tasks.slice(0, swap ?? 0), tasks.slice(swap ?? 0)].map(
        (side) => new Set(side.map(({ request }) => request)),
      );
      expect([...before!].filter((request) => after!.has(request))).toEqual([]);
      expect(swap === null).toBe(i % 2 === 0);
      const models = tasks.map(({ model }) => model);
      expect(models.findIndex((model) => model !== models[0])).toBe(swap ?? -1);
    });
  });
});

describe('a fitted detector of drift', () => {
  const { model, wholeThreshold } = fitAgentDrift(made(2), { seed: 'f', composed: 300 });

  it('finds where another model took over, and that none did', () => {
    const sessions = made(2);
    const tasks = [...sessions[0]!.tasks.slice(0, 12), ...sessions[6]!.tasks.slice(12, 24)].map(({ values }) => values);
    const found = judgeDrift(model, tasks)!;
    expect(found.margin).toBeGreaterThan(wholeThreshold);
    expect(found.change.at).toBe(12);
    expect(found.sides[2]!.shift).toBe(Math.max(...found.sides.map(({ shift }) => shift)));
    const quiet = sessions.filter(({ model }) => model === 'a').map((session) => path(model, session.tasks).at(-1)!);
    for (const margin of quiet) expect(margin).toBeLessThanOrEqual(wholeThreshold);
  });

  it('has no margin before two sides of tasks are there', () => {
    const margins = path(model, made(2)[0]!.tasks);
    expect(margins.findIndex((margin) => Number.isFinite(margin))).toBe(2 * LEAST_SIDE - 1);
  });

  it('is the same for the same seed, and the same after its file', () => {
    const bytes = encodeAgentDrift(model);
    expect(encodeAgentDrift(fitAgentDrift(made(2), { seed: 'f', composed: 300 }).model)).toEqual(bytes);
    const tasks = made(2)[3]!.tasks.map(({ values }) => values);
    expect(judgeDrift(decodeAgentDrift(bytes), tasks)).toEqual(judgeDrift(model, tasks));
    expect(() => decodeAgentDrift(model.trees.encode())).toThrow();
  });

  it('refuses sessions of one model', () => {
    expect(() => fitAgentDrift(made(2).slice(0, 2), { seed: 'f' })).toThrow(expect.objectContaining({ code: 'no_attacks' }));
  });
});
