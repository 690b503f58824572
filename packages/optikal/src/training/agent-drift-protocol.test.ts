import { auroc } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { hasRecorded, recorded } from '../behaviour/test-support/recorded.ts';
import { compareSides } from '../detection/agent-drift/sides.ts';
import { driftProtocol, driftTrainTest } from './agent-drift-protocol.ts';

/** Every fourth: of all models and suites. */
const some = () => recorded('drift_sessions.jsonl.gz').filter((_, i) => i % 4 === 0);

describe.skipIf(!hasRecorded)('the protocol of drift', () => {
  it('leaves models in five groups and suites out, with mean and pooled rows', () => {
    const sessions = some();
    const report = driftProtocol(sessions, { seed: 'a', composed: 100, leave: ['suite'] });
    expect(report.rows.at(-1)).toMatchObject({ protocol: 'suite', level: 'session', plane: null, cell: 'pooled', n: 60 });
    expect(report.rows.at(-2)).toMatchObject({ cell: 'mean', n: 60 });
    const models = driftProtocol(sessions, { seed: 'a', composed: 100, leave: ['model'] }).rows.filter(
      (row) => !['mean', 'pooled'].includes(row.cell),
    );
    expect(models).toHaveLength(5);
  });

  it('tests once on other sessions, by their cell, the same for the same seed', () => {
    const sessions = some();
    const report = driftTrainTest(sessions.slice(0, 40), sessions.slice(40), { seed: 'a', composed: 100 });
    expect(report).toEqual(driftTrainTest(sessions.slice(0, 40), sessions.slice(40), { seed: 'a', composed: 100 }));
    const { rows } = report;
    expect(rows.map((row) => [row.protocol, row.cell, row.n])).toEqual([
      ['train-test', 'dev', 20],
      ['train-test', 'mean', 20],
      ['train-test', 'pooled', 20],
    ]);
  });

  it('finds swaps on suites that it has not seen: AUROC ≥ 0.88, with a tenth of the sessions to learn from', () => {
    const { rows, times } = driftProtocol(recorded('drift_sessions.jsonl.gz'), { seed: '7', composed: 400, leave: ['suite'] });
    expect(rows.at(-1)!.auroc).toBeGreaterThanOrEqual(0.88);
    expect(times[0]!.tasksToDetect!.median).toBeLessThanOrEqual(6);
    expect(times[0]!.swapped).toBe(119);
  });

  it('is told nothing by what the users asked for: how far the lengths of their requests moved', () => {
    const sessions = recorded('drift_sessions.jsonl.gz');
    const moved = sessions.map(({ tasks }) => {
      const lengths = Float64Array.from(tasks, (task) => Math.log1p(task.request?.length ?? 0));
      return Math.max(...lengths.keys().map((at) => compareSides(lengths, at, 1).t));
    });
    const found = auroc(
      moved,
      sessions.map(({ group }) => (group.swap === null ? 0 : 1)),
    );
    expect(Math.abs(found - 0.5)).toBeLessThan(0.08);
  });
});
