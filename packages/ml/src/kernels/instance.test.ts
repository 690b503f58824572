import { describe, expect, it } from 'vitest';
import { PROBE } from './generated/probe.ts';
import { ARENA_START, instantiate } from './instance.ts';

interface Probe {
  axpy(n: number, a: number, x: number, y: number): void;
}

describe('an instance of a kernel', () => {
  it('works on arrays in its own memory, of the size that was asked for', () => {
    const { memory, functions } = instantiate<Probe>(PROBE, 1_000_000);
    expect(memory.buffer.byteLength).toBeGreaterThanOrEqual(ARENA_START + 1_000_000);
    const x = new Float32Array(memory.buffer, ARENA_START, 8);
    const y = new Float32Array(memory.buffer, ARENA_START + 32, 8);
    x.set([1, 2, 3, 4, 5, 6, 7, 8]);
    y.fill(1);
    functions.axpy(8, 0.5, x.byteOffset, y.byteOffset);
    expect([...y]).toEqual([1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]);
  });

  it('shares nothing with another', () => {
    const [one, other] = [instantiate<Probe>(PROBE, 64), instantiate<Probe>(PROBE, 64)];
    new Float32Array(one.memory.buffer, ARENA_START, 4).fill(7);
    expect(new Float32Array(other.memory.buffer, ARENA_START, 4)[0]).toBe(0);
  });
});
