import { describe, expect, it } from 'vitest';
import { parameterImportances } from './importance.ts';
import { createStudy } from './study.ts';

describe('parameterImportances', () => {
  it('names what decides the value first, and what decides nothing last', () => {
    const study = createStudy({ seed: 4, startupTrials: 200 });
    study.optimize((trial) => {
      const strong = trial.suggestFloat('strong', 1e-4, 1, { log: true });
      const kind = trial.suggestCategorical('kind', ['a', 'b']);
      trial.suggestInt('nothing', 1, 20);
      return 3 * (Math.log10(strong) + 2) ** 2 + (kind === 'a' ? 0 : 1);
    }, 200);
    const found = parameterImportances(study);
    expect(found.map(({ name }) => name)).toEqual(['strong', 'kind', 'nothing']);
    expect(found.reduce((sum, { importance }) => sum + importance, 0)).toBeCloseTo(1, 12);
    expect(found[2]!.importance).toBeLessThan(0.1);
  });

  it('counts a conditional parameter in the trials that had it', () => {
    const study = createStudy({ seed: 1, startupTrials: 50 });
    study.optimize((trial) => (trial.suggestCategorical('deep', [true, false]) ? trial.suggestInt('depth', 1, 9) : 5), 40);
    const trials = Object.fromEntries(parameterImportances(study).map(({ name, trials: count }) => [name, count]));
    expect(trials.deep).toBe(40);
    expect(trials.depth).toBeLessThan(40);
  });

  it('says 0 where there is nothing to compare', () => {
    const study = createStudy();
    study.optimize((trial) => trial.suggestFloat('x', 0, 1), 1);
    expect(parameterImportances(study)).toEqual([{ name: 'x', importance: 0, trials: 1 }]);
    expect(parameterImportances(createStudy())).toEqual([]);
    expect(() => parameterImportances(study, { best: 0 })).toThrow('`best` must be above 0');
  });
});
