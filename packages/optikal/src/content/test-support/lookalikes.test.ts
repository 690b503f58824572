import { createRandom } from '@optikal/ml';
import { describe, expect, test } from 'vitest';
import { benignText, humanBlock } from '../../training/gateway/augment/benign.ts';
import { drawGoal } from '../../training/gateway/augment/goals.ts';
import { familiesWithout, wrap } from '../../training/gateway/augment/wrappings.ts';
import { PARAPHRASES, TRANSLATED } from './evasions-texts.ts';
import { FRESH_ATTACKS, LOOKALIKES } from './lookalikes.ts';

/** Words in a row that a test text may not share with what the generator makes. */
const SHARED = 6;
const DRAWS = 6000;

function grams(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\d]+/gu) ?? [];
  return Array.from({ length: Math.max(0, words.length - SHARED + 1) }, (_, i) => words.slice(i, i + SHARED).join(' '));
}

describe('texts of the tests', () => {
  test('are thirty or more a kind, and sixty or more attacks, none twice', () => {
    for (const [kind, texts] of Object.entries(LOOKALIKES)) expect(texts.length, kind).toBeGreaterThanOrEqual(30);
    const attacks = Object.values(FRESH_ATTACKS).flat();
    expect(attacks.length).toBeGreaterThanOrEqual(60);
    const all = [...Object.values(LOOKALIKES).flat(), ...attacks];
    expect(new Set(all).size).toBe(all.length);
  });

  test(`share no ${SHARED} words in a row with what the detector learns from`, () => {
    const families = familiesWithout([]);
    const made = new Set<string>();
    for (let i = 0; i < DRAWS; i++) {
      const random = createRandom(`look ${i}`);
      for (const text of [wrap(random, drawGoal(random), families).text, humanBlock(random), benignText(random).text])
        for (const gram of grams(text)) made.add(gram);
    }
    const texts = [...Object.values(LOOKALIKES), ...Object.values(FRESH_ATTACKS), PARAPHRASES, ...Object.values(TRANSLATED)].flat();
    expect(made.size).toBeGreaterThan(50_000);
    expect(texts.flatMap(grams).filter((gram) => made.has(gram))).toEqual([]);
  });
});
