import { describe, expect, it } from 'vitest';
import { sampleOf } from '../../training/test-support/samples.ts';
import { judgedOf, judgeOf } from '../test-support/judged.ts';
import { campaignsOf } from './campaigns.ts';
import { timeToDetect } from './time-to-detect.ts';

const MINUTE = 60_000;
/** One agent, attacked from minute 2 on by c1, from minute 6 on by c2; another by c3. */
const acted = { label: 2, threat: 'data_exfiltration', intensity: 'moderate' } as const;
const samples = [
  sampleOf({ startMs: 0 }),
  sampleOf({ startMs: 2 * MINUTE, campaign: 'c1', ...acted }),
  sampleOf({ startMs: 3 * MINUTE, campaign: 'c1', ...acted }),
  sampleOf({ startMs: 6 * MINUTE, campaign: 'c2', ...acted, threat: 'resource_abuse' }),
  sampleOf({ key: 't|a1', startMs: 9 * MINUTE, campaign: 'c3', ...acted }),
  sampleOf({ key: 't|a1', startMs: 10 * MINUTE, ...acted }),
];
const judged = judgedOf(samples, [0, 0, 0, 0, 0, 0], {
  // The first call of c1 comes 30 s into its first window; the truth of the others marks no call.
  attackCalls: (i) => (i === 1 ? [{ atMs: 2 * MINUTE + 30_000, tool: 'export' }] : []),
});
const campaigns = campaignsOf(judged);

it('an attack is the windows of one agent and campaign, from its first call', () => {
  expect(campaigns.map(({ name, key, windows, firstMs }) => [name, key, windows, firstMs])).toEqual([
    ['c1', 't|a0', [1, 2], 2 * MINUTE + 30_000],
    ['c2', 't|a0', [3], 6 * MINUTE],
    ['c3', 't|a1', [4], 9 * MINUTE],
  ]);
});

describe('time to detect', () => {
  // c1 alerts in its second window: closed 10 s after minute 4, 100 s after the first call. c2 in its first: 70 s. c3 never.
  const found = timeToDetect(campaigns, samples, judgeOf([1, 0, 1, 1, 0, 1]), [judgeOf([1, 1, 1, 0, 0, 0], 'calls')]);

  it('runs from the first malicious call to the first alert of the attack', () => {
    expect(found).toMatchObject({
      all: { threat: null, campaigns: 3, delaysSeconds: [70, 100], medianSeconds: 100, neverShare: expect.closeTo(1 / 3, 12) },
      threats: [
        { threat: 'data_exfiltration', campaigns: 2, delaysSeconds: [100], medianSeconds: 100, neverShare: 0.5 },
        { threat: 'resource_abuse', campaigns: 1, delaysSeconds: [70], medianSeconds: 70, neverShare: 0 },
      ],
    });
  });

  it('counts an attack that was never found as endless', () => {
    expect(found).toMatchObject({ rivals: [{ name: 'calls', delaysSeconds: [40], medianSeconds: null }] });
  });

  it('says why there is none where no attack has a name', () => {
    expect(timeToDetect([], samples, judgeOf([]), [])).toEqual({ missing: expect.stringContaining('campaign') });
  });
});
