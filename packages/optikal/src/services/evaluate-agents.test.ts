import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { type LittleFolder, littleFiles } from '../training/agents-protocol/test-support/little.ts';
import { evaluateAgents } from './evaluate-agents.ts';

const root = mkdtempSync(join(tmpdir(), 'optikal-agents-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function folderOf(name: string, folder: LittleFolder, drop: readonly string[] = []): string {
  const path = join(root, name);
  mkdirSync(join(path, 'agents'), { recursive: true });
  for (const [file, text] of Object.entries(littleFiles(folder)))
    if (!drop.includes(file)) writeFileSync(join(path, 'agents', file), file.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

const made = { attackCount: 0, benignCount: 0 };
const known = { models: ['m0', 'm1', 'm2'], suites: ['s0', 's1', 's2'], sessions: 2 };
const train = folderOf('train', known);
const other = folderOf('other', { models: ['new'], suites: ['s0', 'unheard-of'], sessions: 2, seed: 'other', cell: 'kept back' });
const request = { data: train, train: null, sessions: [], seed: 's', made };

describe('agents left out', async () => {
  const found = await evaluateAgents(request);
  const { page, folds } = found;

  it('have rows of every protocol, level and plane', () => {
    const names = new Set(page.rows.map(({ protocol, level, plane }) => `${protocol} ${level} ${plane}`));
    for (const level of ['window', 'run'])
      for (const what of ['model', 'suite']) {
        for (const plane of ['none', 'real', 'oracle']) expect(names).toContain(`${what} ${level} ${plane}`);
        expect(names).toContain(`${what}+template ${level} real`);
      }
    expect(page.about).toBe('agents');
    expect(page.sections.map(({ id }) => id)).toEqual(['model', 'model-template', 'suite', 'suite-template']);
  });

  it('were judged by gateways that learnt from none of what they read', () => {
    expect(folds).toHaveLength(12);
    for (const { trainedOn, judged } of folds) {
      expect(judged.length).toBeGreaterThan(0);
      const learnt = new Set(trainedOn);
      expect(judged.filter((hash) => learnt.has(hash))).toEqual([]);
    }
  });

  it('are the same with two threads, and say how far they are', async () => {
    const steps: number[] = [];
    const apart = await evaluateAgents({ ...request, workers: 2, progress: (done, total) => steps.push(done / total) });
    expect(apart).toEqual(found);
    expect(steps.at(-1)).toBe(1);
  });

  it('come with a failure where a thread fails', async () => {
    const broken = folderOf('broken', known);
    writeFileSync(join(broken, 'agents', 'outputs.jsonl.gz'), gzipSync('no json'));
    const failing = evaluateAgents({ ...request, data: broken, workers: 2 });
    await expect(failing).rejects.toEqual(
      expect.objectContaining({ code: 'training_worker_failed', message: expect.stringMatching(/outputs/) }),
    );
  });
});

describe('a test on other data', () => {
  it('has rows by the cell of its traces, under every plane', async () => {
    const { page, folds } = await evaluateAgents({ ...request, train, data: other });
    expect([...new Set(page.rows.map(({ protocol }) => protocol))]).toEqual(['train-test']);
    expect(page.rows.filter(({ cell, level, against }) => cell === 'kept back' && level === 'run' && against === 'benign')).toMatchObject([
      { plane: 'none', n: 44, positives: 4 },
      { plane: 'real', n: 44, positives: 4 },
      { plane: 'oracle', n: 44, positives: 4 },
    ]);
    const learnt = new Set(folds[0]!.trainedOn);
    expect(folds[0]!.judged.filter((hash) => learnt.has(hash))).toEqual([]);
    expect(page.source).toBe(`${train}, tested on ${other}`);
  });
});

describe('what is refused', () => {
  const refuses = (over: Partial<typeof request>, code: string) =>
    expect(evaluateAgents({ ...request, ...over })).rejects.toEqual(expect.objectContaining({ code }));

  it('is a folder that is not there, without traces, or without what these point to', async () => {
    await refuses({ data: join(root, 'absent') }, 'data_not_found');
    mkdirSync(join(root, 'empty'));
    await refuses({ data: join(root, 'empty') }, 'data_unrecognised');
    await refuses({ data: folderOf('cut', known, ['args.jsonl.gz']) }, 'data_not_found');
    await expect(evaluateAgents({ ...request, sessions: ['other-sessions.jsonl'] })).rejects.toThrow(/other-sessions\.jsonl/);
  });
});
