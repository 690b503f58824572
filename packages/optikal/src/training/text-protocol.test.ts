import { describe, expect, it } from 'vitest';
import type { LabelledText } from './gateway/texts.ts';
import { fakeTexts } from './test-support/texts.ts';
import { leaveTextsOut, type TextJudge, trainTestTexts } from './text-protocol.ts';
import { STRIPPED_KIND } from './text-protocol-folds.ts';
import { textFigures } from './text-protocol-rows.ts';

const texts = fakeTexts();
const cells = texts.map(() => null);

/** Remembers the last lines of hostile texts, and what it was asked. */
const rote =
  (asked: string[][]) =>
  (all: readonly LabelledText[]): TextJudge =>
  (train, judged, { unseenTemplates = [] }) => {
    asked.push([...unseenTemplates]);
    const last = (t: number) => all[t]!.text.trim().split('\n').at(-1);
    const known = new Set(Array.from(train).flatMap((t) => (all[t]!.label === 1 ? [last(t)] : [])));
    return {
      trainedOn: Array.from(train, (t) => all[t]!.sha256).sort(),
      scores: Float64Array.from(judged, (t) => (known.has(last(t)) ? 0.9 : 0.1)),
    };
  };
const steps: (readonly [number, number])[] = [];
const asked: string[][] = [];
const folds = leaveTextsOut(texts, cells, { seed: 'a', judge: rote(asked), progress: (done, total) => steps.push([done, total]) });

describe('texts left out in turn', () => {
  it('are judged by gateways that learnt from none of them', () => {
    for (const { trainedOn, judged } of folds) {
      const known = new Set(trainedOn);
      expect(judged.filter(({ text }) => known.has(text.sha256))).toEqual([]);
      expect(trainedOn.length).toBeGreaterThan(0);
    }
  });

  it('are judged with the marks of their template and without, and nothing is learnt from those', () => {
    const stripped = folds.flatMap(({ judged }) => judged).filter(({ text }) => text.kind === STRIPPED_KIND);
    expect(stripped.length).toBeGreaterThan(0);
    const hashes = new Set(stripped.map(({ text }) => text.sha256));
    for (const { text } of stripped) expect(text.text).not.toMatch(/<\/?INFORMATION>/);
    for (const { trainedOn } of folds) expect(trainedOn.filter((hash) => hashes.has(hash))).toEqual([]);
  });

  it('tell each fit which template it may know nothing of', () => {
    expect(asked.map(([template]) => template)).toEqual(folds.map(({ fold }) => (fold.protocol === 'template' ? fold.part : undefined)));
  });

  it('say how far they are, fold by fold', () => {
    expect(steps).toEqual(folds.map((_, i) => [i + 1, folds.length]));
  });

  it('give what a judge that learns by rote is worth: all of a template it knows, nothing of one that was left out', () => {
    const { shares, rows } = textFigures(folds, 'a');
    const missed = (protocol: string) =>
      shares.find((share) => share.protocol === protocol && share.cell === 'tool_output_composed|direct')!;
    expect([missed('page').share, missed('template').share, missed('suite').share]).toEqual([0, 1, 0]);
    expect([missed('page').floor!.most, missed('template').floor!.most, missed('suite').floor]).toEqual([0.03, 0.25, null]);
    expect(rows.filter(({ protocol }) => protocol === 'suite').map(({ cell }) => cell)).toEqual(['market', 'shop', 'mean', 'pooled']);
  });
});

describe('one set fitted, another judged', () => {
  // The gateway's own detector, on few texts: that it is asked as it answers.
  const cut = texts.findIndex(({ kind }) => kind === 'email');
  const some = texts.slice(0, cut);
  const [fold, ...others] = trainTestTexts(
    some,
    some.map((_, t) => ((t >> 2) % 2 === 0 ? 'even' : 'odd')),
    60,
    { seed: 'a' },
  );

  it('is one fold, judged by the gateway, with the cells of what is judged', () => {
    expect(others).toEqual([]);
    const known = new Set(fold!.trainedOn);
    expect(fold!.judged.filter(({ text }) => known.has(text.sha256))).toEqual([]);
    for (const { score } of fold!.judged) expect(score >= 0 && score <= 1).toBe(true);
    const { rows } = textFigures([fold!], 'a');
    expect(rows.map(({ cell }) => cell)).toEqual(expect.arrayContaining(['even', 'odd', 'pooled']));
    expect(rows.every(({ protocol, level, plane }) => protocol === 'train-test' && level === 'text' && plane === null)).toBe(true);
    expect(rows.find(({ cell }) => cell === 'pooled')!.auroc).toBeGreaterThan(0.8);
  });
});
