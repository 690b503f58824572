/** From a simulated fleet, or recorded agents, to a bundle and its figures. */
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../packages/optikal/src/cli/exit.ts';
import { readBundle } from '../../packages/optikal/src/services/bundle-files.ts';
import { dataFolder } from '../support/data.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli } from './support.ts';

const temp = useTempFolder();
let folder = '';
const fleet = () => join(folder, 'fleet');
const bundle = () => join(folder, 'bundle');

beforeAll(async () => {
  folder = temp();
  const made = await cli(['generate', '--agents', '30', '--days', '0.5', '--seed', '7', '--out', fleet(), '--json']);
  expect(JSON.parse(made.out)).toEqual({
    agents: 30,
    days: 0.5,
    seed: '7',
    events: expect.any(Number),
    truthLines: expect.any(Number),
    campaigns: expect.any(Number),
    out: fleet(),
  });
  const trained = await cli(['train', '--data', fleet(), '--out', bundle(), '--fpr', '0.02', '--json']);
  expect(trained).toMatchObject({ code: EXIT.ok, err: 'fleet folder\n' });
  expect(JSON.parse(trained.out)).toMatchObject({
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    labels: 'truth.jsonl',
    outOfFold: { auroc: { value: expect.any(Number) } },
    baselines: { callCount: expect.any(Number) },
    operatingPoint: { fpr: 0.02 },
    report: { kind: 'training', operating: { asked: 'at most one quiet window in 50 (2 %)' } },
  });
});

describe('generate', () => {
  test('writes the same fleet for the same seed, and no half file', async () => {
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    for (const out of [one, two]) {
      const { code, out: said } = await cli(['generate', '--agents', '3', '--days', '0.1', '--seed', 's', '--out', out]);
      expect(code).toBe(EXIT.ok);
      expect(said).toMatch(/^[\d,]+ events of 3 agents over 0\.1 days, \d+ attacks, in /);
    }
    for (const name of ['events.jsonl', 'truth.jsonl', 'tools.yaml']) {
      expect(readFileSync(join(one, name))).toEqual(readFileSync(join(two, name)));
      expect(existsSync(join(one, `${name}.part`))).toBe(false);
    }
  });
});

describe('train', () => {
  test('shows bars and figures in a terminal, and says what the threshold means', async () => {
    const { code, out, err } = await cli(['train', '--data', fleet(), '--out', join(folder, 'again')], { terminal: 60 });
    expect(code).toBe(EXIT.ok);
    expect(err).toContain('reading events');
    expect(err).toContain('fitting models');
    expect(err).toMatch(/100 %/);
    expect(out).toContain('AUROC');
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(
      /isolation-forest: weight (0, told and not counted|\d\.\d\d); it changes average precision by [+-]0\.\d{3}/,
    );
    expect(out.replaceAll(/\n +/g, ' ')).toMatch(
      /threshold \d+\.\d\d: one benign window in 2,000 may alert, .* on a fleet of [\d,]+ active windows a day; rarer than \d+ benign windows can show/,
    );
    const lines = stripVTControlCharacters(out).split('\n');
    expect(lines.filter((line) => line.length > 60 && line.includes(' ', 8))).toEqual([]);
  });

  test('without labels needs a base, and says whose models serve', async () => {
    const own = join(folder, 'own');
    mkdirSync(own);
    copyFileSync(join(fleet(), 'events.jsonl'), join(own, 'events.jsonl'));
    const refused = await cli(['train', '--data', own, '--out', join(folder, 'none')]);
    expect(refused).toMatchObject({ code: EXIT.failed, out: '' });
    expect(refused.err).toMatch(/^fleet folder without truth\.jsonl\nerror no_attacks: .*--base/);
    const { code, out } = await cli([
      'train',
      '--data',
      own,
      '--base',
      bundle(),
      '--out',
      join(folder, 'unlabelled'),
      '--alerts-per-day',
      '3',
    ]);
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(/isolation forest, baselines and threshold are from your own events, supervised models from /);
    expect(out).toMatch(/about 3 false alarms a day/);
    const { out: alerts } = await cli(['score', '--bundle', join(folder, 'unlabelled'), '--fpr', '0.05', join(own, 'events.jsonl')]);
    expect(alerts).not.toBe('');
    expect((await cli(['evaluate', '--bundle', bundle(), '--data', own, '--no-report'])).err).toMatch(/error no_truth: /);
  });

  test('tells of lines that were no events', async () => {
    const bent = join(folder, 'bent');
    mkdirSync(bent);
    writeFileSync(join(bent, 'events.jsonl'), `{"half\n${readFileSync(join(fleet(), 'events.jsonl'), 'utf8')}`);
    const { err } = await cli(['train', '--data', bent, '--base', bundle(), '--out', join(folder, 'bent-bundle')]);
    expect(err).toContain('1 lines were refused: optikal events validate');
  });
});

describe('evaluate', () => {
  test('has figures by threat and intensity, with the baselines beside', async () => {
    const { code, out } = await cli(['evaluate', '--bundle', bundle(), '--data', fleet(), '--no-report']);
    expect(code).toBe(EXIT.ok);
    for (const row of ['AUROC', 'beside it: calls alone', 'best stump', 'at the threshold', 'false alarms', 'attacked windows caught'])
      expect(out).toContain(row);
    expect(out).toMatch(/ {2}[a-z ]+, (blatant|moderate) +\d+ of \d+ campaigns/);
  });

  test('as JSON, at another threshold', async () => {
    const figures = async (...flags: string[]) =>
      JSON.parse((await cli(['evaluate', '--bundle', bundle(), '--data', fleet(), '--json', ...flags])).out) as {
        operating: { falsePositiveRate: number; windowRecall: number };
        windows: Record<string, number>;
      };
    const own = await figures();
    const loose = await figures('--fpr', '0.2');
    expect(loose.operating.falsePositiveRate).toBeGreaterThan(own.operating.falsePositiveRate);
    expect(loose.operating.windowRecall).toBeGreaterThanOrEqual(own.operating.windowRecall);
    expect(Object.keys(own.windows)).toEqual(['benign', 'exposed', 'acted', 'excluded']);
  });

  test('cannot split a simulated fleet by model', async () => {
    expect((await cli(['evaluate', '--data', fleet(), '--protocol', 'model', '--no-report'])).err).toMatch(/error data_unrecognised: /);
  });
});

/** What a page holds as JSON. */
const embedded = (page: string) =>
  JSON.parse(/<script type="application\/json" id="optikal-report">(.*)<\/script>/.exec(page)![1]!) as unknown;

describe('the report', () => {
  test('of train stands beside the bundle, which is read and named as without it', async () => {
    const page = readFileSync(join(bundle(), 'report.html'), 'utf8');
    const { fingerprint } = readBundle(bundle());
    expect(embedded(page)).toMatchObject({ kind: 'training', fingerprint });
    const copy = join(folder, 'without-report');
    cpSync(bundle(), copy, { recursive: true });
    rmSync(join(copy, 'report.html'));
    expect(readBundle(copy).fingerprint).toBe(fingerprint);
  });

  test('of evaluate stands where it was asked for, and says what --json says', async () => {
    const path = join(folder, 'own-name.html');
    const { code, out, err } = await cli(['evaluate', '--bundle', bundle(), '--data', fleet(), '--json', '--report', path]);
    expect(code).toBe(EXIT.ok);
    expect(JSON.parse(out)).toEqual(embedded(readFileSync(path, 'utf8')));
    expect(err).toBe(`report in ${path}\n`);
    const again = await cli(['evaluate', '--bundle', bundle(), '--data', fleet(), '--report', path]);
    expect(again.out).toContain(`report in ${path}\n`);
  });

  test('replaces nothing but a report, and says so before the work', async () => {
    const path = join(folder, 'notes.html');
    writeFileSync(path, 'mine');
    const { code, err } = await cli(['evaluate', '--bundle', join(folder, 'no-bundle'), '--data', fleet(), '--report', path]);
    expect(code).toBe(EXIT.failed);
    expect(err).toMatch(/^error report_in_the_way: /);
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  test('of data without labels says why figures are missing', async () => {
    const own = join(folder, 'unlabelled-data');
    mkdirSync(own);
    copyFileSync(join(fleet(), 'events.jsonl'), join(own, 'events.jsonl'));
    await cli(['train', '--data', own, '--base', bundle(), '--out', join(folder, 'unlabelled-report')]);
    const page = readFileSync(join(folder, 'unlabelled-report', 'report.html'), 'utf8');
    expect(page.includes('Not in this report: The data has no truth.jsonl')).toBe(true);
    expect(embedded(page)).toMatchObject({ kind: 'training', measured: { missing: expect.any(String) } });
  });

  test('of evaluate stands in the current folder where nobody says otherwise', async () => {
    const here = process.cwd();
    const folderOfItsOwn = temp();
    process.chdir(folderOfItsOwn);
    try {
      const { out } = await cli(['evaluate', '--bundle', bundle(), '--data', fleet()]);
      expect(out).toContain('report in evaluation.html\n');
    } finally {
      process.chdir(here);
    }
    expect(readdirSync(folderOfItsOwn)).toEqual(['evaluation.html']);
  });

  test('comes as JSON alone where nobody names a file', async () => {
    const { err } = await cli(['evaluate', '--bundle', bundle(), '--data', fleet(), '--json']);
    expect(err).toBe('');
  });
});

const DATA = dataFolder('agents/sessions.jsonl.gz', 'agents/traces.jsonl.gz');
/** Enough sessions for a fit, few enough for a test. */
const SESSIONS = 60;

describe.skipIf(DATA === null)('recorded agents', () => {
  test('train a bundle that judges them', async () => {
    const agents = join(folder, 'recorded', 'agents');
    mkdirSync(agents, { recursive: true });
    for (const name of ['traces.jsonl.gz', 'args.jsonl.gz', 'outputs.jsonl.gz', 'call_outputs.jsonl.gz', 'user_tasks.json', 'tools.json'])
      symlinkSync(join(DATA!, 'agents', name), join(agents, name));
    const sessions = gunzipSync(readFileSync(join(DATA!, 'agents/sessions.jsonl.gz')))
      .toString()
      .trim()
      .split('\n');
    const step = Math.floor(sessions.length / SESSIONS);
    const some = sessions.filter((_, i) => i % step === 0);
    writeFileSync(join(agents, 'sessions.jsonl.gz'), gzipSync(`${some.join('\n')}\n`));
    const out = join(folder, 'recorded-bundle');
    const trained = await cli(['train', '--data', join(folder, 'recorded'), '--out', out]);
    expect(trained.err).toContain('recorded agents');
    expect(trained.code).toBe(EXIT.ok);
    const found = await cli(['evaluate', '--bundle', out, '--data', join(folder, 'recorded'), '--json']);
    expect(JSON.parse(found.out)).toMatchObject({ measured: { auroc: { value: expect.any(Number) } } });
  });
});
