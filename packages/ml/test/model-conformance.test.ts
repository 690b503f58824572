/** Every model of the package passes one suite. */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeModel, modelData } from '../src/test-support/model-conformance.ts';
import { MODELS } from './models.ts';

const FILES = MODELS.map((model) => ({ model, bytes: model.fit(modelData(60, 'others'), 1).encode() }));

for (const model of MODELS) {
  describeModel(model, () => FILES.filter((file) => file.model.isModelFile && file.model !== model).map(({ bytes }) => bytes));
}

describe('the suite', () => {
  it('holds every kind of model file that the package writes', () => {
    const sources = globSync('**/*.ts', { cwd: resolve(import.meta.dirname, '../src') });
    const kinds = sources.flatMap((file) =>
      Array.from(readFileSync(resolve(import.meta.dirname, '../src', file), 'utf8').matchAll(/_KIND = '([a-z-]+)'/g), ([, kind]) => kind),
    );
    expect(kinds.sort()).toEqual(
      MODELS.filter(({ isModelFile }) => isModelFile)
        .map(({ kind }) => kind)
        .sort(),
    );
  });
});
