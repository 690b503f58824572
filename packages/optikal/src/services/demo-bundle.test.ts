import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type DemoFleet, demoBundle } from './demo-bundle.ts';

const cache = mkdtempSync(join(tmpdir(), 'optikal-demo-cache-'));
afterAll(() => rmSync(cache, { recursive: true, force: true }));
const env = { OPTIKAL_CACHE_DIR: cache };
const SMALL: DemoFleet = { agents: 30, days: 0.2, attackedShare: 0.5, campaignsPerAgent: 2 };

describe("the demo's bundle", async () => {
  const steps: string[] = [];
  const first = await demoBundle('s', env, (step) => (done, total) => steps.push(`${step} ${done <= total}`), SMALL);

  it('is fitted once, and says how far it is', () => {
    expect(first.cached).toBe(false);
    expect(new Set(steps)).toEqual(new Set(['events true', 'models true']));
    expect(first.bundle.starter).toBe(true);
    expect(readdirSync(cache)).toHaveLength(1);
  });

  it('comes from the cache the second time', async () => {
    const again = await demoBundle('s', env, () => () => expect.unreachable(), SMALL);
    expect(again).toMatchObject({ cached: true, folder: first.folder });
    expect(again.bundle.fingerprint).toBe(first.bundle.fingerprint);
  });

  it('is another for another seed or fleet', async () => {
    expect(await demoBundle('t', env, undefined, SMALL)).toMatchObject({ cached: false });
    expect((await demoBundle('s', env, undefined, { ...SMALL, agents: 31 })).folder).not.toBe(first.folder);
    expect(readdirSync(cache)).toHaveLength(3);
  });

  it('is fitted again, to the same bytes, where the cache was damaged', async () => {
    const model = join(first.folder, 'boosting.model');
    for (const damage of [() => rmSync(model), () => writeFileSync(join(first.folder, 'manifest.json'), '{')]) {
      damage();
      const again = await demoBundle('s', env, undefined, SMALL);
      expect(again.cached).toBe(false);
      expect(again.bundle.fingerprint).toBe(first.bundle.fingerprint);
      expect((await demoBundle('s', env, undefined, SMALL)).cached).toBe(true);
    }
  });
});
