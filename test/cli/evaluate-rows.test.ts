/** `optikal evaluate --protocol text`: what it prints, where it writes, what it refuses. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { LabelledText } from '../../packages/optikal/src/training/gateway/texts.ts';
import { fakeTexts } from '../../packages/optikal/src/training/test-support/texts.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli } from './support.ts';

const temp = useTempFolder();

/** A folder of the form of the shared data, with texts alone. */
function folderOf(name: string, texts: readonly LabelledText[]): string {
  const folder = join(temp(), name);
  mkdirSync(join(folder, 'text'), { recursive: true });
  const lines = texts.map(({ id, text, label, kind, suite, template, category, context }) =>
    JSON.stringify({ id, text, label, kind, suite, tool: context.tool, attack: template ?? category, category, cell: 'far' }),
  );
  writeFileSync(join(folder, 'text', 'texts.jsonl.gz'), gzipSync(`${lines.join('\n')}\n`));
  return folder;
}

describe('evaluate --protocol text', () => {
  test('fits on one folder, tests once on the other, prints rows alone and writes page and hashes', async () => {
    const outputs = fakeTexts().filter(({ kind }) => kind.startsWith('tool_output'));
    const train = folderOf('train', outputs.slice(0, 60));
    const data = folderOf('other', outputs.slice(60, 110));
    const [report, folds] = [join(temp(), 'rows.html'), join(temp(), 'folds.json')];
    const { code, out, err } = await cli([
      'evaluate',
      '--protocol',
      'text',
      '--train',
      train,
      '--data',
      data,
      '--json',
      '--report',
      report,
      '--folds',
      folds,
    ]);
    expect([code, err]).toEqual([0, `report in ${report}\n`]);
    const { rows } = JSON.parse(out) as { rows: { protocol: string; level: string; cell: string; n: number }[] };
    expect(rows.every(({ protocol, level }) => protocol === 'train-test' && level === 'text')).toBe(true);
    expect(rows.map(({ cell }) => cell)).toEqual(expect.arrayContaining(['far', 'tool_output_composed|direct', 'pooled']));
    expect(Object.keys(rows[0]!)).toEqual([
      'protocol',
      'level',
      'plane',
      'cell',
      'against',
      'auroc',
      'aurocInterval',
      'ap',
      'recallAt01',
      'recallAt001',
      'realisedFpr',
      'n',
      'positives',
    ]);
    expect(readFileSync(report, 'utf8')).toContain('What the gateway finds in texts');
    const made = JSON.parse(readFileSync(folds, 'utf8')) as { folds: { trainedOn: string[]; judged: string[] }[] };
    const [only] = made.folds;
    expect(made.folds).toHaveLength(1);
    expect(only!.judged.filter((hash) => only!.trainedOn.includes(hash))).toEqual([]);
  });

  test('refuses data without texts with a code, and leaves no page', async () => {
    const report = join(temp(), 'none.html');
    const { code, out, err } = await cli(['evaluate', '--protocol', 'text', '--data', temp(), '--json', '--report', report]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/data_unrecognised/);
    expect(existsSync(report)).toBe(false);
  });

  test('refuses to test on what it would learn from', async () => {
    const folder = folderOf('same', fakeTexts().slice(0, 20));
    const { code, err } = await cli(['evaluate', '--protocol', 'text', '--train', folder, '--data', folder, '--json']);
    expect([code, /nothing_to_learn/.test(err)]).toEqual([1, true]);
  });

  test.each([
    [['--bundle', 'b', '--data', 'd', '--train', 't'], /expected --train with --protocol agents or text/],
    [['--protocol', 'suite', '--data', 'd', '--folds', 'f'], /expected --folds with --protocol agents or text/],
    [['--protocol', 'text', '--data', 'd', '--sessions', 's'], /expected --sessions with --protocol agents/],
  ])('refuses %j before any work', async (args, reason) => {
    const { code, err } = await cli(['evaluate', ...args]);
    expect(code).toBe(2);
    expect(err).toMatch(reason);
  });
});
