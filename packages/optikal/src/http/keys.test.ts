import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseKeys, readKeysFile } from './keys.ts';

const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
const FILE = { [sha256('k1')]: { tenant: 'acme', role: 'agent' }, [sha256('k2').toUpperCase()]: { tenant: 'other', role: 'admin' } };

describe('parseKeys', () => {
  it('finds a key by its SHA-256', () => {
    const keys = parseKeys(JSON.stringify(FILE));
    expect([keys.count, keys.find('k1'), keys.find('k2')]).toEqual([
      2,
      { tenant: 'acme', role: 'agent' },
      { tenant: 'other', role: 'admin' },
    ]);
    expect([keys.find('k3'), keys.find(''), keys.find(sha256('k1'))]).toEqual([null, null, null]);
  });

  it('refuses what is no map of SHA-256 values to tenant and role', () => {
    const one = (entry: unknown, name = sha256('k')) => JSON.stringify({ [name]: entry });
    const good = { tenant: 'a', role: 'agent' };
    const files = [
      '',
      '[]',
      '{}',
      'null',
      one(null),
      one(good, 'k'),
      one({ ...good, role: 'root' }),
      one({ ...good, tenant: 'a|b' }),
      one({ ...good, more: 1 }),
    ];
    for (const file of files) expect(() => parseKeys(file)).toThrow(expect.objectContaining({ code: 'keys_invalid' }));
  });

  it('does not repeat what stands in the file', () => {
    expect(() => parseKeys('{"secret-key":{"tenant":"a","role":"agent"}}')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });
});

describe('readKeysFile', () => {
  it('reads a file, and says which one is missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'optikal-keys-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'keys.json'), JSON.stringify(FILE));
    expect(readKeysFile(join(folder, 'keys.json')).count).toBe(2);
    expect(() => readKeysFile(join(folder, 'none.json'))).toThrow(/none\.json/);
  });
});
