/** A bundle that is truncated, altered or another than the log names is refused with its code, wherever it is met. */
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyDataDir } from '../../packages/optikal/src/services/verify.ts';
import { metricsMessage, T0 } from '../support/metrics-message.ts';
import { postEvents } from '../support/post-events.ts';
import { caughtUp, optikal, startServe, stopServe } from '../support/serve-process.ts';
import { type SmallBundle, smallBundle } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const tempFolder = useTempFolder();

/** Ways to spoil a bundle, and the code that each brings. */
const SPOILED: readonly (readonly [string, (folder: string) => void, RegExp])[] = [
  ['a truncated model', (folder) => truncateSync(aModel(folder), 1000), /bundle_altered/],
  ['a model with one byte turned', (folder) => turnByte(aModel(folder), 2000), /bundle_altered/],
  ['a missing model', (folder) => rmSync(aModel(folder)), /bundle_missing_file/],
  ['a truncated manifest', (folder) => truncateSync(join(folder, 'manifest.json'), 500), /bundle_(format|altered)/],
  ['an altered manifest', (folder) => appendFileSync(join(folder, 'manifest.json'), ' '), /bundle_(format|altered)/],
];

describe('a bundle with', () => {
  let x: SmallBundle;
  let y: SmallBundle;
  beforeAll(() => {
    [x, y] = [smallBundle('x'), smallBundle('y')];
  });

  const served = async () => {
    const dataDir = join(tempFolder(), 'var');
    const serving = startServe(dataDir, ['--bundle', x.folder]);
    expect(await postEvents(await serving.ready, [metricsMessage('a')])).toMatchObject({ accepted: 1 });
    await caughtUp(serving, dataDir);
    expect((await stopServe(serving)).code).toBe(0);
    return dataDir;
  };
  const kept = (dataDir: string) => join(dataDir, 'bundles', x.bundle.fingerprint);

  it.each(SPOILED)('%s is refused by score, serve and models use', async (_what, spoil, code) => {
    const folder = join(tempFolder(), 'spoiled');
    cpSync(x.folder, folder, { recursive: true });
    spoil(folder);
    const dataDir = await served();
    for (const args of [
      ['score', '--bundle', folder],
      ['serve', '--bundle', folder, '--data-dir', join(folder, 'var'), '--port', '0'],
      ['models', 'use', folder, '--data-dir', dataDir],
    ]) {
      const { code: exit, stderr } = await optikal(args);
      expect(exit, args.join(' ')).toBe(1);
      expect(stderr).toMatch(code);
      expect(stderr).not.toContain('    at ');
    }
    expect((await verifyDataDir(dataDir)).equal).toBe(true);
  });

  it.each(SPOILED.slice(0, 3))('%s in the data directory stops a restart, visibly, and loses nothing', async (_what, spoil) => {
    const dataDir = await served();
    const whole = join(tempFolder(), 'whole');
    cpSync(kept(dataDir), whole, { recursive: true });
    spoil(kept(dataDir));
    const { code, stderr } = await optikal(['serve', '--data-dir', dataDir, '--clock', 'events', '--port', '0']);
    expect(code).toBe(1);
    expect(stderr).toContain('bundle_unloadable');
    // With the bundle back in place it goes on as if nothing had been.
    rmSync(kept(dataDir), { recursive: true });
    cpSync(whole, kept(dataDir), { recursive: true });
    const serving = startServe(dataDir);
    expect(await postEvents(await serving.ready, [metricsMessage('b', { timeMs: T0 + 1000 })])).toMatchObject({ accepted: 1 });
    await caughtUp(serving, dataDir);
    expect((await stopServe(serving)).code).toBe(0);
    expect((await verifyDataDir(dataDir)).equal).toBe(true);
  });

  it('the name of another is refused, even where it is whole', async () => {
    const dataDir = await served();
    rmSync(kept(dataDir), { recursive: true });
    cpSync(y.folder, kept(dataDir), { recursive: true });
    const { code, stderr } = await optikal(['serve', '--data-dir', dataDir, '--clock', 'events', '--port', '0']);
    expect(code).toBe(1);
    expect(stderr).toContain('bundle_unloadable');
    await expect(verifyDataDir(dataDir)).rejects.toThrow(/fingerprint/);
  });

  it('models that come by `models use` judge the windows after it, with and without a server', async () => {
    const dataDir = await served();
    const direct = await optikal(['models', 'use', y.folder, '--data-dir', dataDir, '--json']);
    expect(JSON.parse(direct.stdout)).toMatchObject({ kind: 'model_epoch', bundle: y.bundle.fingerprint });
    const serving = startServe(dataDir);
    await serving.ready;
    const through = await optikal(['models', 'use', x.folder, '--data-dir', dataDir, '--json']);
    expect(JSON.parse(through.stdout)).toMatchObject({ kind: 'model_epoch', bundle: x.bundle.fingerprint });
    await caughtUp(serving, dataDir);
    expect((await stopServe(serving)).code).toBe(0);
    expect(readdirSync(join(dataDir, 'bundles')).sort()).toEqual([x.bundle.fingerprint, y.bundle.fingerprint].sort());
    expect((await verifyDataDir(dataDir)).equal).toBe(true);
  });
});

/** Which models a bundle holds is training's affair. */
function aModel(folder: string): string {
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.model'))!); // a bundle without any decides nothing
}

function turnByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] ^= 0xff;
  writeFileSync(path, bytes);
}
