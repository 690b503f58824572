import { describe, expect, it } from 'vitest';
import { modelSplit, suiteSplit } from './splits.ts';
import { littleSessions } from './test-support/little.ts';

const models = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const sessions = littleSessions({ models, suites: ['s0', 's1'], sessions: 1 });

describe('models left out', () => {
  it('are in five groups of about as many sessions, each model in one', () => {
    const { parts } = modelSplit(sessions, 's');
    expect(parts.map(({ holds }) => holds.size).toSorted((a, b) => a - b)).toEqual([1, 1, 1, 2, 2]);
    expect(parts.flatMap(({ holds }) => [...holds]).toSorted()).toEqual(models);
    for (const { name, holds } of parts) expect(name).toBe([...holds].toSorted().join('+'));
  });

  it('put a model of many sessions apart from others', () => {
    const many = littleSessions({ models: ['big'], suites: ['s0', 's1'], sessions: 4 });
    const { parts } = modelSplit([...many, ...sessions], 's');
    expect(parts.find(({ holds }) => holds.has('big'))!.holds.size).toBe(1);
  });

  it('are the same for a seed, and as many groups as models where these are few', () => {
    expect(modelSplit(sessions, 's')).toEqual(modelSplit([...sessions].reverse(), 's'));
    expect(modelSplit(littleSessions({ models: ['a', 'b'], suites: ['s0'] }), 's').parts).toHaveLength(2);
    const seeds = Array.from({ length: 8 }, (_, i) =>
      JSON.stringify(
        modelSplit(sessions, String(i))
          .parts.map(({ name }) => name)
          .toSorted(),
      ),
    );
    expect(new Set(seeds).size).toBeGreaterThan(1);
  });
});

describe('suites left out', () => {
  it('go by their name, whatever the source', () => {
    const others = littleSessions({ models: ['a'], suites: ['s1', 's2'], src: 'elsewhere' });
    expect(suiteSplit([...sessions, ...others]).parts.map(({ name }) => name)).toEqual(['s0', 's1', 's2']);
  });
});
