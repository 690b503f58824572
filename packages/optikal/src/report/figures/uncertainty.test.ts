import { describe, expect, it } from 'vitest';
import { sampleOf } from '../../training/test-support/samples.ts';
import { uncertaintyOf } from './uncertainty.ts';

/** A hundred quiet windows, spread i/1000; those of `wrong` are called attacks by the model. */
function said(wrong: (i: number) => boolean) {
  const samples = Array.from({ length: 100 }, (_, i) => sampleOf({ key: `t|a${i}` }));
  const margins = samples.map((_, i) => (wrong(i) ? 1 : -1));
  return { samples, sequence: { margins, spreads: samples.map((_, i) => i / 1000), attention: () => [] } };
}

describe('the spread of a sequence model against its errors', () => {
  it('is one for one where all errors are in the widest tenth', () => {
    const found = uncertaintyOf(said((i) => i >= 95));
    if ('missing' in found) throw new Error(found.missing);
    expect(found).toMatchObject({ windows: 100, errors: 5, auroc: 1 });
    expect(found.deciles.map(({ errors }) => errors)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 5]);
    expect(found.deciles.every(({ count }) => count === 10)).toBe(true);
    expect(found.deciles[9]!.spread).toBeCloseTo(0.0945, 12);
    expect(found.deciles[9]!.rate).toBe(0.5);
  });

  it('says nothing where errors fall anywhere', () => {
    const found = uncertaintyOf(said((i) => i % 10 === 4 || i % 10 === 5));
    expect('auroc' in found && found.auroc).toBeCloseTo(0.5, 12);
  });

  it('leaves out exposed windows and those without a verdict', () => {
    const { samples, sequence } = said((i) => i >= 95);
    const more = [...samples, sampleOf({ label: 1 }), sampleOf()];
    const longer = { ...sequence, margins: [...sequence.margins, 1, 1], spreads: [...sequence.spreads, 0.1, Number.NaN] };
    expect(uncertaintyOf({ samples: more, sequence: longer })).toMatchObject({ windows: 100, errors: 5 });
  });

  it('is not drawn where nothing was wrong, or too little was said', () => {
    expect(uncertaintyOf(said(() => false))).toEqual({ missing: expect.stringContaining('0 of them wrong') });
    const { samples, sequence } = said((i) => i === 3);
    expect(uncertaintyOf({ samples: samples.slice(0, 10), sequence })).toEqual({ missing: expect.stringContaining('here are 10') });
    expect(uncertaintyOf({ samples, sequence: { missing: 'no model' } })).toEqual({ missing: 'no model' });
  });
});
