/** `optikal config` as a user meets it, and what `serve` makes of a configuration before it starts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../packages/optikal/src/cli/exit.ts';
import { SETTINGS } from '../../packages/optikal/src/config/index.ts';
import { readBundle } from '../../packages/optikal/src/services/bundle-files.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli } from './support.ts';

const temp = useTempFolder();
const file = (text: string, name = 'mine.yaml') => {
  const path = join(temp(), name);
  writeFileSync(path, text);
  return path;
};

describe('config print', () => {
  test('shows every setting with its value and source', async () => {
    const path = file('http:\n  port: 1234\nlog: { level: debug }\n');
    const { code, out } = await cli(['config', 'print', '--config', path, '--host', '::1'], { env: { OPTIKAL_LOG_FORMAT: 'json' } });
    expect(code).toBe(EXIT.ok);
    expect(out.trimEnd().split('\n')).toHaveLength(SETTINGS.length);
    const sourceOf = (setting: string) => new RegExp(`^${setting} .*  (\\S+)$`, 'm').exec(out)?.[1];
    expect(['http.port', 'log.level', 'http.host', 'log.format', 'dataDir'].map(sourceOf)).toEqual([
      `${path}:2`,
      `${path}:3`,
      '--host',
      'OPTIKAL_LOG_FORMAT',
      'default',
    ]);
  });

  test('says the same as JSON', async () => {
    const { out } = await cli(['config', 'print', '--json', '--fpr', '0.01']);
    const printed = JSON.parse(out) as { settings: Record<string, unknown> };
    expect(Object.keys(printed.settings)).toEqual(SETTINGS.map(({ path }) => path));
    expect(printed.settings['operatingPoint.fpr']).toEqual({ value: 0.01, source: { kind: 'flag', flag: '--fpr' } });
    expect(printed.settings['http.port']).toEqual({ value: 8090, source: { kind: 'default' } });
  });

  test('never shows a secret, neither of a variable nor of a key where its file should stand', async () => {
    const env = {
      OPTIKAL_API_KEY: 'sk-s3cr3t',
      OPTIKAL_HMAC_KEY: 's3cr3t',
      OPTIKAL_HTTP_KEYS_FILE: 'sk_live_s3cr3t00112233445566',
      OPTIKAL_DEBUG: '1',
    };
    for (const args of [[], ['--json']]) {
      const { code, out, err } = await cli(['config', 'print', ...args], { env });
      expect([code, err]).toEqual([EXIT.ok, '']);
      expect(out).not.toContain('s3cr3t');
      expect(out).toContain('[redacted]');
      expect(out).toMatch(/OPTIKAL_DEBUG\W+1/);
    }
  });
});

describe('config init', () => {
  test('writes a file that check and print accept, and never over another', async () => {
    const path = join(temp(), 'optikal.yaml');
    expect((await cli(['config', 'init', path])).code).toBe(EXIT.ok);
    const checked = await cli(['config', 'check', path]);
    expect([checked.code, checked.out]).toEqual([EXIT.ok, `${path}: ${SETTINGS.length} settings, nothing is wrong\n`]);
    const before = readFileSync(path, 'utf8');
    const again = await cli(['config', 'init', path]);
    expect(again.code).toBe(EXIT.failed);
    expect(again.err).toMatch(/^error config_exists: expected no file at/);
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect((await cli(['config', 'print', '--config', path])).out).toContain(join(path, '../var'));
  });
});

describe('config check', () => {
  test('names every problem with its line, and says 3', async () => {
    const path = file('http:\n  prot: 1\n  port: x\n');
    const { code, out, err } = await cli(['config', 'check', path]);
    expect([code, out]).toEqual([EXIT.differs, '']);
    expect(err.split('\n')).toEqual([
      `error key_unknown: unknown key \`http.prot\`, did you mean \`http.port\`? (${path}:2)`,
      `error setting_type: expected a whole number from 0 to 65535 for \`http.port\`, found \`x\` (${path}:3)`,
      '',
    ]);
    const json = await cli(['config', 'check', path, '--json']);
    expect(json.code).toBe(EXIT.differs);
    expect(JSON.parse(json.out)).toMatchObject({
      file: path,
      problems: [
        { code: 'key_unknown', line: 2 },
        { code: 'setting_type', line: 3 },
      ],
    });
  });

  test('takes the file of OPTIKAL_CONFIG, fails where it is not there, and asks for one where none is named', async () => {
    expect((await cli(['config', 'check'], { env: { OPTIKAL_CONFIG: file('{"http":{"port":1}}', 'a.json') } })).code).toBe(EXIT.ok);
    const gone = await cli(['config', 'check', join(temp(), 'none.yaml')]);
    expect([gone.code, gone.err]).toEqual([EXIT.failed, expect.stringMatching(/^error config_unreadable: .*ENOENT/)]);
    expect((await cli(['config', 'check'])).code).toBe(EXIT.usage);
  });
});

describe('serve', () => {
  test('refuses a wrong configuration with 2 before it does anything', async () => {
    for (const [args, env, said] of [
      [['--config', file('http: { prot: 1 }')], {}, /^error key_unknown: unknown key `http.prot`/],
      [[], { OPTIKAL_HTTP_PROT: '1' }, /^error variable_unknown: unknown variable `OPTIKAL_HTTP_PROT`, did you mean `OPTIKAL_HTTP_PORT`\?/],
      [[], { OPTIKAL_HTTP_PORT: '99999' }, /^error setting_range: /],
      [
        [],
        { OPTIKAL_OPERATING_POINT_FPR: '0.1' },
        /^error: the setting `operatingPoint.fpr` needs `bundle`.*\(OPTIKAL_OPERATING_POINT_FPR\)/,
      ],
      [['--fpr', '0.1'], {}, /^error: --alerts-per-day and --fpr need --bundle/],
    ] as const) {
      const { code, err, out } = await cli(['serve', ...args], { env });
      expect([code, out]).toEqual([EXIT.usage, '']);
      expect(err).toMatch(said);
    }
    const json = await cli(['serve', '--json'], { env: { OPTIKAL_HTTP_PORT: 'x' } });
    expect(JSON.parse(json.err)).toMatchObject({ error: { code: 'setting_type', problems: [{ path: 'http.port' }] } });
  });
});

describe('train and evaluate', () => {
  test('take from a file what their flags leave open', async () => {
    const folder = temp();
    const [fleet, bundle] = [join(folder, 'fleet'), join(folder, 'bundle')];
    expect((await cli(['generate', '--agents', '30', '--days', '0.5', '--seed', '7', '--out', fleet])).code).toBe(EXIT.ok);
    const path = file('training: { seed: other, prevalence: 0.2, folds: 2 }\noperatingPoint: { alertsPerDay: 3 }\n');
    const trained = await cli(['train', '--data', fleet, '--out', bundle, '--json', '--config', path, '--fpr', '0.02'], {
      env: { OPTIKAL_TRAINING_PREVALENCE: '0.3' },
    });
    expect([trained.code, trained.err]).toEqual([EXIT.ok, 'fleet folder\n']);
    expect(JSON.parse(trained.out)).toMatchObject({ operatingPoint: { fpr: 0.02 }, report: { seed: 'other' } });
    expect(readBundle(bundle).prevalence).toBe(0.3);
    const evaluated = await cli(['evaluate', '--bundle', bundle, '--data', fleet, '--json'], {
      env: { OPTIKAL_OPERATING_POINT_FPR: '0.5' },
    });
    expect(JSON.parse(evaluated.out)).toMatchObject({ operating: { asked: expect.stringContaining('50 %') } });
  });

  test('refuse a wrong configuration with 2', async () => {
    for (const args of [
      ['train', '--data', 'x', '--out', join(temp(), 'y')],
      ['evaluate', '--data', 'x', '--protocol', 'suite'],
    ]) {
      const { code, err } = await cli(args, { env: { OPTIKAL_TRAINING_SEDE: '1' } });
      expect([code, err]).toEqual([EXIT.usage, expect.stringMatching(/^error variable_unknown: .*did you mean `OPTIKAL_TRAINING_SEED`\?/)]);
    }
  });
});
