import { agentKey } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { partitionOf } from './partition.ts';

describe('partitionOf', () => {
  it('is FNV-1a of 32 bits: the published test vectors', () => {
    const whole = 2 ** 32;
    expect([partitionOf('', whole), partitionOf('a', whole), partitionOf('foobar', whole)]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });

  it('never moves an agent: the partitions of a release are those of every later one', () => {
    const keys = ['default|agent-0', 'default|agent-1', 'default|agent-2', 'acme|billing.bot:7'];
    expect(keys.map((key) => partitionOf(key, 8))).toEqual([6, 1, 0, 4]);
  });

  it.each([2, 3, 8, 12])('spreads 20,000 agents over %s partitions within 10 % of even', (partitions) => {
    const counts = Array.from({ length: partitions }, () => 0);
    for (let n = 0; n < 20_000; n++) counts[partitionOf(agentKey('default', `agent-${n}`), partitions)]++;
    for (const count of counts) expect(Math.abs(count / (20_000 / partitions) - 1)).toBeLessThan(0.1);
  });
});
