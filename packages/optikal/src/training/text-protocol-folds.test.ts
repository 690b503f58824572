import { describe, expect, it } from 'vitest';
import { dataFolder } from '../../../../test/support/data.ts';
import { readGatewayTexts } from '../services/gateway-texts.ts';
import { isOfSuite, type LabelledText } from './gateway/texts.ts';
import { fakeTexts } from './test-support/texts.ts';
import { STRIPPED_KIND, type TextFold, textFolds, trainTestFold } from './text-protocol-folds.ts';

const texts = fakeTexts();
const folds = textFolds(texts, 'a');
const of = (fold: TextFold, side: 'train' | 'judged', all = texts) => Array.from(fold[side], (t) => all[t]!);

/** What makes a split worthless. */
function leaks(all: readonly LabelledText[], made: readonly TextFold[]): string[] {
  return made.flatMap((fold) => {
    const train = of(fold, 'train', all);
    const judged = of(fold, 'judged', all);
    const shared = (key: (text: LabelledText) => string) => {
      const known = new Set(train.map(key));
      return judged.filter((text) => known.has(key(text))).length;
    };
    return [
      { what: 'text', count: shared(({ sha256 }) => sha256) },
      { what: 'page', count: shared(({ page }) => page) },
      { what: 'template', count: train.filter(({ template }) => template !== null && fold.unseenTemplates.includes(template)).length },
      { what: 'suite', count: fold.protocol === 'suite' ? train.filter((text) => isOfSuite(text, fold.part)).length : 0 },
      { what: 'stripped', count: train.filter(({ kind }) => kind === STRIPPED_KIND).length },
    ].flatMap(({ what, count }) => (count === 0 ? [] : [`${fold.name}: ${count} by ${what}`]));
  });
}

describe('the folds of the text protocol', () => {
  it('are five of pages, three of each template, one of each suite', () => {
    expect(folds.map(({ name }) => name)).toEqual([
      ...[1, 2, 3, 4, 5].map((n) => `pages ${n} of 5`),
      ...['important_instructions', 'direct'].flatMap((template) => [1, 2, 3].map((n) => `template ${template}, pages ${n} of 3`)),
      'suite market',
      'suite shop',
    ]);
  });

  it('have no text, page, template or suite on both sides', () => {
    expect(leaks(texts, folds)).toEqual([]);
  });

  it('would be found out: a page, a template and a suite that leak are named', () => {
    const all = Int32Array.from(texts.keys());
    const bad: TextFold = { protocol: 'suite', part: 'shop', name: 'bad', unseenTemplates: ['direct'], train: all, judged: all };
    expect(leaks(texts, [bad]).map((leak) => leak.split(' by ')[1])).toEqual(['text', 'page', 'template', 'suite']);
  });

  it('judge each text once where pages are left out, and each of a template once where it is', () => {
    const judgedBy = (protocol: string, part?: string) =>
      folds
        .filter((fold) => fold.protocol === protocol && (part === undefined || fold.part === part))
        .flatMap((fold) => of(fold, 'judged'));
    expect(
      judgedBy('page')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(texts.map(({ id }) => id).sort());
    const direct = judgedBy('template', 'direct').filter(({ template }) => template === 'direct');
    expect(direct.map(({ id }) => id).sort()).toEqual(texts.flatMap(({ id, template }) => (template === 'direct' ? [id] : [])).sort());
    expect(judgedBy('template', 'direct').some(({ template }) => template === 'important_instructions')).toBe(false);
  });

  it('leave out attacks of e-mails and prompts, and categories of harmless prompts, by their names', () => {
    for (const fold of folds.filter(({ protocol }) => protocol === 'page'))
      for (const [kind, label] of [
        ['email', 1],
        ['attack_prompt', 1],
        ['hard_negative_prompt', 0],
      ] as const) {
        const names = (side: 'train' | 'judged') =>
          of(fold, side).flatMap((text) => (text.kind === kind && text.label === label ? [text.category] : []));
        const known = new Set(names('train'));
        expect(names('judged').filter((name) => known.has(name))).toEqual([]);
      }
  });

  it('are the same for the same seed, others for another', () => {
    expect(textFolds(texts, 'a')).toEqual(folds);
    expect(textFolds(texts, 'b')[0]!.judged).not.toEqual(folds[0]!.judged);
  });
});

describe('one set fitted, another judged', () => {
  it('leaves what both hold to the judged side', () => {
    const twice = [...texts, { ...texts[0]!, id: 'again' }];
    const fold = trainTestFold(twice, (t) => t >= texts.length);
    expect(of(fold, 'judged', twice).map(({ id }) => id)).toEqual(['again']);
    expect(of(fold, 'train', twice).map(({ id }) => id)).toEqual(texts.slice(1).map(({ id }) => id));
  });
});

const data = dataFolder('text/texts.jsonl.gz', 'agents/outputs.jsonl.gz');

describe.skipIf(data === null)('the folds of the shared texts', () => {
  const real = data === null ? [] : readGatewayTexts(data).texts;

  it('have no text, page, template or suite on both sides, and judge every text', () => {
    const made = textFolds(real, '1');
    expect(made.map(({ protocol }) => protocol).filter((protocol) => protocol === 'suite')).toHaveLength(5);
    expect(leaks(real, made)).toEqual([]);
    expect(new Set(made.filter(({ protocol }) => protocol === 'page').flatMap(({ judged }) => [...judged])).size).toBe(real.length);
  });
});
