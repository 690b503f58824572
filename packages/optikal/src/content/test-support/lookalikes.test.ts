import { createRandom } from '@optikal/ml';
import { describe, expect, test } from 'vitest';
import { benignText, humanBlock } from '../../training/gateway/augment/benign.ts';
import { drawGoal } from '../../training/gateway/augment/goals.ts';
import { familiesWithout, wrap } from '../../training/gateway/augment/wrappings.ts';
import { PARAPHRASES, TRANSLATED } from './evasions-texts.ts';
import { FRESH_ATTACKS, LOOKALIKES } from './lookalikes.ts';

/** Words in a row that a test text may not share with what the generator makes. */
const SHARED = 6;
/** Chinese and Japanese do not part their words: characters in a row. */
const SHARED_CHARACTERS = 10;
/** Of the runs of four words of one text that the generator makes too: the words of everyday, and no text said again in others. */
const MOST_FOURS = 0.4;
const DRAWS = 10_000;

function grams(text: string, size = SHARED): string[] {
  const words = text.toLowerCase().match(/[\p{L}\d]+/gu) ?? [];
  return Array.from({ length: Math.max(0, words.length - size + 1) }, (_, i) => words.slice(i, i + size).join(' '));
}

function characterGrams(text: string): string[] {
  const runs = text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu) ?? [];
  return runs.flatMap((run) =>
    Array.from({ length: Math.max(0, run.length - SHARED_CHARACTERS + 1) }, (_, i) => run.slice(i, i + SHARED_CHARACTERS)),
  );
}

describe('texts of the tests', () => {
  test('are thirty or more a kind, and sixty or more attacks, none twice', () => {
    for (const [kind, texts] of Object.entries(LOOKALIKES)) expect(texts.length, kind).toBeGreaterThanOrEqual(30);
    const attacks = Object.values(FRESH_ATTACKS).flat();
    expect(attacks.length).toBeGreaterThanOrEqual(60);
    const all = [...Object.values(LOOKALIKES).flat(), ...attacks];
    expect(new Set(all).size).toBe(all.length);
  });

  const families = familiesWithout([]);
  const made = { words: new Set<string>(), fours: new Set<string>(), characters: new Set<string>() };
  for (let i = 0; i < DRAWS; i++) {
    const random = createRandom(`look ${i}`);
    for (const text of [wrap(random, drawGoal(random), families).text, humanBlock(random), benignText(random).text]) {
      for (const gram of grams(text)) made.words.add(gram);
      for (const gram of grams(text, 4)) made.fours.add(gram);
      for (const gram of characterGrams(text)) made.characters.add(gram);
    }
  }
  const texts = [...Object.values(LOOKALIKES), ...Object.values(FRESH_ATTACKS), PARAPHRASES, ...Object.values(TRANSLATED)].flat();

  test(`share no ${SHARED} words in a row with what the detector learns from, nor ${SHARED_CHARACTERS} characters where words are not parted`, () => {
    expect(made.words.size).toBeGreaterThan(50_000);
    expect(texts.flatMap((text) => grams(text)).filter((gram) => made.words.has(gram))).toEqual([]);
    expect(made.characters.size).toBeGreaterThan(200);
    expect(texts.flatMap(characterGrams).filter((gram) => made.characters.has(gram))).toEqual([]);
  });

  test('are none that the detector learns from in other words: few of their runs of four words are made too', () => {
    for (const text of texts) {
      const fours = grams(text, 4);
      const shared = fours.filter((gram) => made.fours.has(gram)).length;
      if (fours.length >= 5) expect(shared / fours.length, text).toBeLessThan(MOST_FOURS);
    }
  });
});
