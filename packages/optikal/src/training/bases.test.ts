import { describe, expect, it } from 'vitest';
import { sequenceValues } from '../detection/steps.ts';
import { BASE_SPECS, type RowSpec } from './bases.ts';
import type { WindowSample } from './dataset.ts';
import { callRowOf, fakeSamples, sampleOf } from './test-support/samples.ts';

const specOf = (name: string) => BASE_SPECS.find((spec): spec is RowSpec => spec.name === name && spec.on !== 'sequence')!;
const [forest, windows, calls] = [specOf('isolation-forest'), specOf('boosting'), specOf('call-boosting')];
const samples = fakeSamples({ agents: 20, windows: 60, attacked: 10, seed: 'bases' });

describe.each(BASE_SPECS.map((spec) => [spec.name, spec] as const))('%s', (_, spec) => {
  const rowOf = ({ row, callRows, sequence }: WindowSample) =>
    spec.on === 'window' ? row : spec.on === 'call' ? callRows[1]! : sequenceValues(sequence);

  it('scores attacks above quiet windows, on average', () => {
    const scorer = spec.fit(samples, 's')!;
    const mean = (label: number) => {
      const own = samples.filter((sample) => sample.label === label).map((sample) => scorer.score(rowOf(sample)));
      return own.reduce((sum, score) => sum + score, 0) / own.length;
    };
    expect(mean(2)).toBeGreaterThan(mean(0));
  });

  it('has the same bytes for the same seed', () => {
    expect(spec.fit(samples, 's')!.encode()).toEqual(spec.fit(samples, 's')!.encode());
    expect(spec.fit(samples, 's')!.encode()).not.toEqual(spec.fit(samples, 't')!.encode());
  });

  it('does not look at doubtful windows', () => {
    if (!spec.supervised) return;
    const doubtful = samples.map((sample, i): WindowSample => ({ ...sample, key: `x${i}`, label: 2, callLabels: [1, 1], exclude: true }));
    expect(spec.fit([...samples, ...doubtful], 's')!.encode()).toEqual(spec.fit(samples, 's')!.encode());
  });

  it('is null where there is nothing to learn', () => {
    expect(spec.fit([], 's')).toBeNull();
    if (!spec.supervised) return;
    expect(
      spec.fit(
        samples.filter(({ label }) => label === 0),
        's',
      ),
    ).toBeNull();
    expect(
      spec.fit(
        samples.filter(({ label }) => label === 2),
        's',
      ),
    ).toBeNull();
  });
});

describe('the isolation forest', () => {
  it('is fitted on quiet windows, whatever the attacks look like', () => {
    expect(forest.fit(samples, 's')!.encode()).toEqual(
      forest
        .fit(
          samples.filter(({ label }) => label === 0),
          's',
        )!
        .encode(),
    );
  });

  it('ignores features that are only different', () => {
    const scorer = forest.fit(samples, 's')!;
    const strange = sampleOf({}, { write_calls: 0, role_surprise_max: 0, calls: 1e6, out_bytes_log: 1e6 });
    expect(scorer.score(strange.row)).toBe(scorer.score(sampleOf({}, { write_calls: 0, role_surprise_max: 0 }).row));
  });
});

describe('boosting of windows', () => {
  it('leaves exposed windows out', () => {
    const exposed = samples.map((sample): WindowSample => ({ ...sample, label: 1 }));
    expect(windows.fit([...samples, ...exposed], 's')!.encode()).toEqual(windows.fit(samples, 's')!.encode());
  });
});

describe('boosting of calls', () => {
  it('leaves unmarked calls of an attack window out', () => {
    const odd = { call_role_surprise: -9, call_reads_before: 9 };
    const more = samples.map(
      (sample): WindowSample => (sample.label === 2 ? { ...sample, callRows: [callRowOf(odd), sample.callRows[1]!] } : sample),
    );
    expect(calls.fit(more, 's')!.encode()).toEqual(calls.fit(samples, 's')!.encode());
  });

  it('takes the calls of an agent that ignored a hostile text as good ones', () => {
    const ignored = samples.map((sample): WindowSample => ({ ...sample, label: 1, callLabels: [0, 0] }));
    const quietToo = ignored.map((sample): WindowSample => ({ ...sample, label: 0 }));
    expect(calls.fit([...samples, ...ignored], 's')!.encode()).toEqual(calls.fit([...samples, ...quietToo], 's')!.encode());
  });

  it('is null where truth marks windows and no calls, or where no calls were seen', () => {
    expect(
      calls.fit(
        samples.map((sample): WindowSample => ({ ...sample, callLabels: [0, 0] })),
        's',
      ),
    ).toBeNull();
    expect(
      calls.fit(
        samples.map((sample): WindowSample => ({ ...sample, callRows: [], callLabels: [] })),
        's',
      ),
    ).toBeNull();
  });
});

describe('the sequence model', () => {
  const lstm = BASE_SPECS.find((spec) => spec.on === 'sequence')!;
  const half = (side: number) => samples.filter(({ key }) => Number(key.match(/\d+/)![0]) % 2 === side);

  it('is stopped by the samples that say when, and not fitted on them', () => {
    const stopped = lstm.fit(half(0), 's', half(1))!;
    expect(stopped.encode()).toEqual(lstm.fit(half(0), 's', half(1))!.encode());
    const wrong = half(1).map((sample): WindowSample => ({ ...sample, label: sample.label === 2 ? 0 : 2 }));
    // Stopped by what contradicts it, it ends earlier: other bytes, of the same samples.
    expect(lstm.fit(half(0), 's', wrong)!.encode()).not.toEqual(stopped.encode());
  });

  it('runs all its epochs where the samples to stop by hold one class only', () => {
    const quietOnly = half(1).filter(({ label }) => label === 0);
    expect(lstm.fit(half(0), 's', quietOnly)!.encode()).toEqual(lstm.fit(half(0), 's')!.encode());
  });
});
