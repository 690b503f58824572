import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli } from './support.ts';

const temp = useTempFolder();

/** Names and bytes of all files of a bundle that its fingerprint covers, the manifest too. */
function digestOf(bundle: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(bundle).sort()) if (!name.endsWith('.html')) hash.update(name).update(readFileSync(join(bundle, name)));
  return hash.digest('hex');
}

it('train writes the same bundle with one worker and with two', async () => {
  const folder = temp();
  const fleet = join(folder, 'fleet');
  await cli(['generate', '--agents', '30', '--days', '0.3', '--seed', '7', '--out', fleet]);
  const digests: string[] = [];
  for (const workers of ['1', '2']) {
    const bundle = join(folder, `bundle-${workers}`);
    const { code, err } = await cli(['train', '--data', fleet, '--out', bundle, '--workers', workers]);
    expect([code, err]).toEqual([0, expect.any(String)]);
    digests.push(digestOf(bundle));
  }
  expect(digests[1]).toBe(digests[0]);
});

it.each(['0', '65', '1.5', 'two'])('train refuses %s workers as a wrong command line', async (workers) => {
  const { code, err } = await cli(['train', '--data', 'fleet', '--out', 'bundle', '--workers', workers]);
  expect(code).toBe(2);
  expect(err).toContain('--workers');
});
