import { describe, expect, it } from 'vitest';
import { hasRecorded, recorded } from '../behaviour/test-support/recorded.ts';
import { driftProtocol, driftTrainTest } from './agent-drift-protocol.ts';

/** Every fourth: of all models and suites. */
const some = () => recorded('drift_sessions.jsonl.gz').filter((_, i) => i % 4 === 0);

describe.skipIf(!hasRecorded)('the protocol of drift', () => {
  it('leaves models in five groups and suites out, with mean and pooled rows, the same for the same seed', () => {
    const sessions = some();
    const report = driftProtocol(sessions, { seed: 'a', leave: ['suite'] });
    expect(report).toEqual(driftProtocol(sessions, { seed: 'a', leave: ['suite'] }));
    expect(report.rows.at(-1)).toMatchObject({ protocol: 'suite', level: 'session', plane: null, cell: 'pooled', n: 60 });
    expect(report.rows.at(-2)).toMatchObject({ cell: 'mean', n: 60 });
    const models = driftProtocol(sessions, { seed: 'a', leave: ['model'] }).rows.filter((row) => !['mean', 'pooled'].includes(row.cell));
    expect(models).toHaveLength(5);
  });

  it('tests once on other sessions, by their cell', () => {
    const sessions = some();
    const { rows } = driftTrainTest(sessions.slice(0, 40), sessions.slice(40), { seed: 'a' });
    expect(rows.map((row) => [row.protocol, row.cell, row.n])).toEqual([
      ['train-test', 'dev', 20],
      ['train-test', 'mean', 20],
      ['train-test', 'pooled', 20],
    ]);
  });
});
