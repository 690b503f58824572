import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useTempFolder } from '../../../../test/support/temp-folder.ts';
import { ARCHIVE_LIMITS } from '../bus/embedded/score-table.ts';
import { ID_LIMITS } from '../bus/id-index.ts';
import { MAX_PARTITIONS } from '../bus/index.ts';
import { ConfigError, DEFAULTS, settingAt } from '../config/index.ts';
import { DEFAULT_LIMITS } from '../http/index.ts';
import { loadSettings } from './settings.ts';
import { DEFAULT_PREVALENCE } from './train.ts';

const temp = useTempFolder();
const load = (folder: string, environment: Record<string, string> = {}, file: string | null = null) =>
  loadSettings({ file, environment, flags: new Map(), folder });
const codeOf = (work: () => unknown) => {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof ConfigError ? error.code : error;
  }
};

describe('loadSettings', () => {
  it('reads --config before OPTIKAL_CONFIG before optikal.yaml before optikal.json, and works without any', () => {
    const folder = temp();
    expect(load(folder)).toMatchObject({ file: null, settings: { http: { port: 8090 } } });
    for (const [n, name] of ['optikal.json', 'optikal.yaml', 'named.yaml', 'flag.yaml'].entries()) {
      writeFileSync(join(folder, name), `{"http": {"port": ${n + 1}}}`);
      const environment: Record<string, string> = n < 2 ? {} : { OPTIKAL_CONFIG: 'named.yaml' };
      expect(load(folder, environment, n < 3 ? null : 'flag.yaml')).toMatchObject({ file: name, settings: { http: { port: n + 1 } } });
    }
  });

  it('takes the paths of a file from its folder, and those of other sources as they are', () => {
    const folder = temp();
    mkdirSync(join(folder, 'etc'));
    writeFileSync(join(folder, 'etc/o.yaml'), 'dataDir: ../data\nbundle: /abs/bundle\nhttp: { keysFile: keys.json }\n');
    const { settings } = load(folder, { OPTIKAL_LOG_FILE: 'serve.log' }, 'etc/o.yaml');
    expect(settings).toMatchObject({
      dataDir: join(folder, 'data'),
      bundle: '/abs/bundle',
      http: { keysFile: join(folder, 'etc/keys.json') },
      log: { file: 'serve.log' },
    });
    expect(load(folder).settings.dataDir).toBe('var');
  });

  it('refuses files that are not there, not UTF-8, or without an end', () => {
    const folder = temp();
    expect(codeOf(() => load(folder, {}, 'none.yaml'))).toBe('config_unreadable');
    expect(codeOf(() => load(folder, { OPTIKAL_CONFIG: '.' }))).toBe('config_unreadable');
    writeFileSync(join(folder, 'latin.yaml'), Buffer.from([0x64, 0xff, 0xfe]));
    expect(codeOf(() => load(folder, {}, 'latin.yaml'))).toBe('config_syntax');
    expect(codeOf(() => load(folder, {}, '/dev/zero'))).toBe('config_too_large');
  });
});

describe('the defaults', () => {
  it('are those of the rooms that they are handed to, which know nothing of the configuration', () => {
    const { drainMs: _, ...limits } = DEFAULT_LIMITS; // a stop takes two seconds at most, whoever likes it longer
    expect(DEFAULTS.http.limits).toEqual(limits);
    const { idCount, idAgeMs } = DEFAULTS.bus;
    expect({ idCount, idAgeMs }).toEqual(ID_LIMITS);
    expect({ archiveDays: DEFAULTS.archive.days, archiveBytes: DEFAULTS.archive.bytes }).toEqual(ARCHIVE_LIMITS);
    expect(DEFAULTS.training.prevalence).toBe(DEFAULT_PREVALENCE);
    expect(settingAt('detector.partitions')?.schema.maximum).toBe(MAX_PARTITIONS);
  });
});
