import fc from 'fast-check';
import { Check } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './errors.ts';
import { DEFAULTS, describeSource, resolveSettings, valueAt, withValue } from './resolve.ts';
import { SettingsSchema } from './settings.ts';
import { environmentName, SETTINGS } from './table.ts';
import { templateYaml } from './template.ts';

interface Given {
  readonly yaml?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, unknown>>;
}

const resolve = ({ yaml, environment = {}, flags = {} }: Given) =>
  resolveSettings({
    file: yaml === undefined ? null : { name: 'optikal.yaml', text: yaml },
    environment,
    flags: new Map(Object.entries(flags).map(([path, value]) => [path, { flag: `--${path}`, value }])),
  });
const problems = (given: Given) => {
  try {
    resolve(given);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ code, message }) => `${code}: ${message}`);
  }
};

describe('resolveSettings', () => {
  it('takes flags before environment before file before defaults, and says which', () => {
    const { settings, sources } = resolve({
      yaml: 'http:\n  port: 1\n  host: ::1\ndetector:\n  clock: events\n',
      environment: { OPTIKAL_HTTP_PORT: '2', OPTIKAL_HTTP_HOST: 'localhost', PATH: '/bin' },
      flags: { 'http.port': 3 },
    });
    expect(settings.http).toMatchObject({ port: 3, host: 'localhost' });
    expect(settings.detector).toEqual({ partitions: 1, clock: 'events' });
    expect(['http.port', 'http.host', 'detector.clock', 'dataDir'].map((path) => describeSource(sources.get(path)!))).toEqual([
      '--http.port',
      'OPTIKAL_HTTP_HOST',
      'optikal.yaml:5',
      'default',
    ]);
  });

  it('reads the text of a variable as the kind of its setting, an empty one as none', () => {
    const environment = {
      OPTIKAL_METRICS_ENABLED: 'false',
      OPTIKAL_METRICS_PORT: 'null',
      OPTIKAL_BUS_LINGER_MS: '1.5',
      OPTIKAL_DATA_DIR: '7',
      OPTIKAL_HTTP_PORT: '',
    };
    const { settings } = resolve({ yaml: 'metrics: { port: 9 }', environment });
    expect(settings).toMatchObject({ metrics: { enabled: false, port: null }, bus: { lingerMs: 1.5 }, dataDir: '7', http: { port: 8090 } });
  });

  it('refuses unknown variables with the nearest name and without their value, wrong values with their name', () => {
    expect(
      problems({
        environment: {
          OPTIKAL_HTTP_PROT: 's3cr3t',
          OPTIKAL_HTTP_PORT: '8_090',
          OPTIKAL_METRICS_ENABLED: 'yes',
          OPTIKAL_BUS_LINGER_MS: 'Infinity',
        },
      }),
    ).toEqual([
      'variable_unknown: unknown variable `OPTIKAL_HTTP_PROT`, did you mean `OPTIKAL_HTTP_PORT`?',
      'setting_type: expected a whole number from 0 to 65535 for `http.port`, found `8_090` (OPTIKAL_HTTP_PORT)',
      'setting_type: expected `true` or `false` for `metrics.enabled`, found `yes` (OPTIKAL_METRICS_ENABLED)',
      'setting_type: expected a number from 0 to 20 for `bus.lingerMs`, found `Infinity` (OPTIKAL_BUS_LINGER_MS)',
    ]);
    expect(problems({ environment: { OPTIKAL_DATA: '/x', OPTIKAL_FAILPOINT: 'y', OPTIKALISM: '1' } })).toEqual([]);
  });

  it('lets one operating point of a higher source replace another of a lower one, and refuses both from the same', () => {
    const { settings } = resolve({ yaml: 'operatingPoint: { fpr: 0.1 }', environment: { OPTIKAL_OPERATING_POINT_ALERTS_PER_DAY: '5' } });
    expect(settings.operatingPoint).toEqual({ alertsPerDay: 5, fpr: null });
    expect(problems({ yaml: 'operatingPoint:\n  fpr: 0.1\n  alertsPerDay: 3\n' })).toEqual([
      'settings_conflict: expected one of `operatingPoint.alertsPerDay` and `operatingPoint.fpr`, found both (optikal.yaml:2)',
    ]);
    expect(problems({ yaml: 'operatingPoint: { fpr: 0.1, alertsPerDay: null }' })).toEqual([]);
    expect(problems({ flags: { 'operatingPoint.fpr': 1 } })).toEqual([
      'setting_range: expected a number above 0 and below 1 or null for `operatingPoint.fpr`, found `1` (--operatingPoint.fpr)',
    ]);
  });

  it('accepts a value exactly where the schema does', () => {
    const value = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.string(),
      fc.constantFrom('info', 'wall', 'json', 0, 1, 0.5, 1e9, -1, 65_535, 65_536, 'a\u0000', ''),
    );
    fc.assert(
      fc.property(fc.constantFrom(...SETTINGS), value, ({ path }, given) => {
        const accepted = problems({ flags: { [path]: given } }).length === 0;
        expect(accepted, `${path} ${String(given)}`).toBe(Check(SettingsSchema, withValue(DEFAULTS, path, given)));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('the settings', () => {
  it('have defaults that their own schema accepts', () => {
    expect(Check(SettingsSchema, DEFAULTS)).toBe(true);
  });

  it('have an environment name each, derived from the path, unlike every other', () => {
    expect(environmentName('http.limits.bodyBytes')).toBe('OPTIKAL_HTTP_LIMITS_BODY_BYTES');
    expect(new Set(SETTINGS.map(({ environment }) => environment)).size).toBe(SETTINGS.length);
  });

  it('have a description that begins in lower case and ends without a full stop, a default and words for their range', () => {
    for (const { path, description, expected } of SETTINGS) {
      expect(description, path).toMatch(/^[a-z`].*[^.\s]$/);
      expect(expected, path).toMatch(/^(an? (whole )?(number|text|path|list)|one of|`true`)/);
    }
  });

  it('hold no secret by their name, only the path of a file', () => {
    for (const { path, kind } of SETTINGS) if (/key|token|secret|passw/i.test(path)) expect([path, kind]).toEqual([path, 'path']);
  });
});

describe('templateYaml', () => {
  it('holds every setting at its default, once, and is accepted', () => {
    const { settings, sources } = resolve({ yaml: templateYaml() });
    expect(settings).toEqual(DEFAULTS);
    for (const [path, source] of sources) expect(source.kind, path).toBe('file');
    for (const { path } of SETTINGS) expect(valueAt(settings, path)).toBe(valueAt(DEFAULTS, path));
  });
});
