import { describe, expect, it } from 'vitest';
import { nameThreat } from '../detection/ensemble/threat.ts';
import { FUSED_COLUMNS } from '../detection/features/fused.ts';
import type { WindowSample } from './dataset.ts';
import { decodeFitted, encodeFitted, runHere } from './jobs.ts';
import { fakeSamples } from './test-support/samples.ts';
import { planThreats } from './threats.ts';

/** Exfiltration sends more, abuse less; nothing else tells them apart. */
const samples = fakeSamples({ agents: 16, windows: 60, attacked: 8, seed: 'threats' }).map((sample): WindowSample => {
  const bytes = FUSED_COLUMNS.at('out_bytes_log');
  const away = sample.threat === 'data_exfiltration' ? 3 : sample.threat === 'resource_abuse' ? -3 : 0;
  return { ...sample, row: sample.row.with(bytes, sample.row[bytes]! + away) };
});
const attacks = samples.filter(({ label }) => label === 2);
const fit = (of: readonly WindowSample[]) => {
  const { jobs, finish } = planThreats(of, 's');
  return { jobs, ...finish(runHere(of, jobs)) };
};

describe('threats', () => {
  it('are named, and the report says which', () => {
    const { model, report } = fit(samples);
    const right = attacks.filter(({ row, threat }) => nameThreat({ threats: model }, row).threatType === threat);
    expect(right.length / attacks.length).toBeGreaterThan(0.95);
    expect(report).toMatchObject({ kind: 'forest', threats: ['data_exfiltration', 'resource_abuse'] });
  });

  it('are learnt from attack windows alone, doubtful ones left out', () => {
    const doubtful = attacks.map((sample): WindowSample => ({ ...sample, threat: 'privilege_escalation', exclude: true }));
    for (const { rows } of fit([...samples, ...doubtful]).jobs)
      expect([...rows!]).toEqual(samples.flatMap(({ label }, i) => (label === 2 ? [i] : [])));
  });

  it('have no model where one threat only is common', () => {
    const rare = samples.map(
      (sample, i): WindowSample => (sample.label === 2 && i > 50 ? { ...sample, threat: 'resource_abuse' } : sample),
    );
    expect(fit(rare)).toMatchObject({ model: null, report: null, jobs: [] });
  });
});

describe('the forest of threats', () => {
  it('says out of bag how often it is wrong, and what it takes for what', () => {
    const { outOfBag } = fit(samples).report!;
    expect(outOfBag!.windows).toBe(attacks.length);
    expect(outOfBag!.confusion.reduce((sum, count) => sum + count, 0)).toBe(attacks.length);
    const wrong = outOfBag!.confusion[1]! + outOfBag!.confusion[2]!;
    expect(outOfBag!.error).toBeCloseTo(wrong / attacks.length, 12);
    expect(outOfBag!.error).toBeLessThan(0.1);
  });

  it('comes back from a thread as it went', () => {
    const [model] = runHere(samples, fit(samples).jobs);
    const back = decodeFitted(structuredClone(encodeFitted(model!)));
    expect(encodeFitted(back)).toEqual(encodeFitted(model!));
  });
});
