/**
 * docs/from-the-prototype.md: it has every name of the prototype; what is here is run, block by block, in one empty folder; what is not here says
 * so. The jobs of CI are the one exception: they would run this test again, so only that they exist is looked at.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTempFolder } from './support/temp-folder.ts';

const ROOT = resolve(import.meta.dirname, '..');
const MAIN = join(ROOT, 'packages/optikal/src/cli/main.ts');
const page = readFileSync(join(ROOT, 'docs/from-the-prototype.md'), 'utf8');
const temp = useTempFolder();

/** Every name that users of the prototype know. */
const NAMES = [
  'OptikalIsolationForest',
  'OptikalLSTM.predict_with_attention',
  'predict_score_with_uncertainty',
  'OptikalGBM',
  'ThreatClassifier.predict_proba',
  'OptikalMetaLearner',
  'OptikalExplainer',
  'FeatureDriftDetector.summary()',
  'ActiveLearningBuffer.add_label',
  'OptikalKafkaConsumer',
  'create_sequences_from_array',
  'validate_input',
  'add_noise',
  'generate_mixed_threat',
  'temporal_span_days',
  'tune=True',
  'use_mlflow=True',
  'configure_logging',
  'lint',
  'typecheck',
  'test',
  'smoke_train',
  'onnx_export',
  'base',
  'trainer',
  'inference',
  'Morpheus',
  'ZooKeeper',
];

const sections = page
  .split(/^### /m)
  .slice(1)
  .map((text) => ({ title: text.slice(0, text.indexOf('\n')), body: text.slice(text.indexOf('\n') + 1).split(/^## /m)[0] ?? '' }));
const blocksOf = (text: string) =>
  [...text.matchAll(/^```(sh|ts)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = '']) => ({ language, code }));
/** The heading before each block, and the block. */
const blocks = [
  ...blocksOf(page.split(/^### /m)[0] ?? '').map((block) => ['the beginning', block] as const),
  ...sections.flatMap(({ title, body }) => blocksOf(body).map((block) => [title, block] as const)),
];

describe('the page', () => {
  test.each(NAMES)('has %s in a heading', (name) => {
    expect(sections.some(({ title }) => title.includes(`\`${name}\``) || title.includes(name))).toBe(true);
  });

  test('says of each name where it is, or plainly that it is not here yet and what serves instead', () => {
    for (const { title, body } of sections) {
      const absent = body.trimStart().startsWith('**Not here yet');
      const gone = body.trimStart().startsWith('Gone.');
      if (absent) expect(body, title).toContain('Instead');
      else if (!gone) expect(blocksOf(body).length > 0 || body.includes('npm test'), title).toBe(true);
    }
  });

  test('does not pretend: models and drivers of later releases are said to be absent', () => {
    for (const word of ['ActiveLearning', 'Kafka', 'mlflow', 'Docker', 'Morpheus', 'tune']) {
      const of = sections.filter(({ title }) => title.includes(word));
      expect(of.length, word).toBeGreaterThan(0);
      for (const { title, body } of of) expect(body.trimStart().startsWith('**Not here yet'), title).toBe(true);
    }
    expect(page).toContain('| `onnx_export` | **not here yet**');
    expect(page).toMatch(/### ZooKeeper\n\nGone\. Kafka has had none since its version 4/);
  });

  test('names jobs that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const sections = ['test.ts', 'sections.ts'].map((name) => join(ROOT, 'scripts', name)).filter((path) => existsSync(path));
    const text = sections.map((path) => readFileSync(path, 'utf8')).join('');
    const [, table = ''] = page.split(/^### The CI jobs/m);
    const jobs = [...table.matchAll(/^\| .* \| `npm (run|test -- --only) ([a-z:_]+)`/gm)];
    expect(jobs).toHaveLength(4);
    for (const [, how, name = ''] of jobs)
      if (how === 'run') expect(Object.keys(scripts)).toContain(name);
      else expect(text).toMatch(new RegExp(`^ {2}${name}: \\[`, 'm'));
    const floor = /thresholds: \{ lines: (\d+) \}/.exec(readFileSync(join(ROOT, 'vitest.config.ts'), 'utf8'))?.[1];
    expect(page).toContain(`(at least ${floor} %)`);
    expect(Number(floor)).toBeGreaterThanOrEqual(75);
  });
});

describe('the blocks', () => {
  let folder = '';
  beforeAll(() => {
    folder = temp();
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
    chmodSync(join(folder, 'bin/npx'), 0o755);
    mkdirSync(join(folder, 'node_modules/@optikal'), { recursive: true });
    for (const name of ['ml', 'contracts']) symlinkSync(join(ROOT, 'packages', name), join(folder, 'node_modules/@optikal', name));
    symlinkSync(join(ROOT, 'packages/optikal'), join(folder, 'node_modules/optikal'));
  });

  // In the order of the page: later ones use what earlier ones made.
  test.each(blocks.map(([title, block], n) => [n, title, block] as const))('%i, %s, works as it stands', (n, _, { language, code }) => {
    const file = join(folder, `block-${n}.${language}`);
    writeFileSync(file, language === 'ts' ? code : `set -euo pipefail\n${code}`);
    const { status, stderr } = spawnSync(language === 'ts' ? process.execPath : 'bash', [file], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH ?? ''}` },
    });
    expect(stderr).not.toMatch(/\berror\b/i);
    expect(status).toBe(0);
  });
});
