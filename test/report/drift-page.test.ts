/** The page of a drift report in a browser: it fits a telephone and a desk, in light and dark, and asks nobody for anything. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRandom, fitDrift } from '@optikal/ml';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeDriftPage } from '../../packages/optikal/src/services/drift-file.ts';
import { chromiumPath, launchChromium, misplacedLetters, openPage, overflowOf } from '../support/chromium.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const chromium = chromiumPath();
const temp = useTempFolder();

function write(path: string): void {
  const random = createRandom('page');
  const names = ['cpu_usage', 'calls', 'denied'];
  const values = (count: number, shift: number) =>
    Float64Array.from({ length: 3 * count }, (_, i) =>
      i % 3 === 0 ? 1e5 * (random.nextGaussian() + shift) : i % 3 === 1 ? random.nextInt(4) : random.nextFloat() < 0.3 ? Number.NaN : 0.001,
    );
  const detector = fitDrift({ rows: 500, cols: 3, values: values(500, 0) }, { names }).detector();
  const live = values(200, 1);
  for (let r = 0; r < 200; r++) detector.update(live.subarray(3 * r, 3 * r + 3), r);
  const summary = detector.summary();
  writeDriftPage(path, {
    ...summary,
    kind: 'drift',
    source: `var/${'x'.repeat(90)}`,
    fingerprint: 'f'.repeat(64),
    windowsOfOtherBundles: 0,
    windowsTooMany: 0,
    verdict: 'Drift.',
    notes: [],
    features: summary.features.map((feature) => ({ ...feature, label: feature.name, unit: '' })),
  });
}

describe.skipIf(chromium === null)('the page of a drift report in a browser', () => {
  let browser: Browser;
  let url = '';

  beforeAll(async () => {
    const path = join(temp(), 'drift.html');
    write(path);
    url = pathToFileURL(path).href;
    browser = await launchChromium(chromium!); // the suite is skipped without one
  });

  afterAll(async () => browser?.close());

  test.each([
    [1280, 'light'],
    [1280, 'dark'],
    [360, 'light'],
  ] as const)('fits %i pixels in %s, and complains of nothing', async (width, colorScheme) => {
    const { page, asked, complaints } = await openPage(browser, url, width, colorScheme);
    expect(await overflowOf(page)).toBe(0);
    expect(await misplacedLetters(page)).toEqual([]);
    expect(complaints).toEqual([]);
    expect(asked).toEqual([url]);
    await page.close();
  });
});
