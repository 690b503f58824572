/** A report in a browser: it opens without asking anybody for anything, fits a telephone, reads in light and dark, and prints. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProtocolReport } from '../../packages/optikal/src/report/index.ts';
import { fakeByPlanes, fakeJudged, fakeReport } from '../../packages/optikal/src/report/test-support/judged.ts';
import { pageOf } from '../../packages/optikal/src/services/report-file.ts';
import { chromiumPath, findChromium, launchChromium, misplacedLetters, openPage, overflowOf } from '../support/chromium.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const chromium = chromiumPath();
const temp = useTempFolder();

/** Names as long and as hostile as an event may hold. */
const EVIL = `<img src="https://evil.example/x" onerror="document.title='owned'">${'x'.repeat(90)}`;
const judged = fakeJudged();
const hostile = fakeReport({
  samples: judged.samples.map((sample) => ({ ...sample, key: `t|${EVIL}${sample.key}`, role: EVIL })),
  asked: EVIL,
  attackCalls: (i) => (judged.samples[i]!.label === 2 ? [{ atMs: judged.samples[i]!.startMs, tool: EVIL }] : []),
  reasons: () => [EVIL],
});
const { measured, baselines } = fakeReport();
const protocol: ProtocolReport = {
  kind: 'protocol',
  source: 'recorded agents',
  seed: '1',
  runs: [
    {
      leave: 'suite',
      groups: [{ name: 'banking', windows: 9, positives: 3, auroc: 0.9 }],
      pooled: measured,
      baselines,
      sharedRuns: 0,
      sharedInjectedOutputs: 0,
      figures: fakeReport({ surrogateClock: true }),
    },
  ],
  permuted: { permutations: 20, mean: 0.5, values: [] },
};
const PAGES = { evaluation: fakeReport(), planes: fakeReport(fakeByPlanes()), hostile, protocol } as const;
const WIDTHS = [1280, 360] as const;

describe.skipIf(chromium === null)('the page in a browser', () => {
  let browser: Browser;
  const urls = new Map<string, string>();

  beforeAll(async () => {
    const folder = temp();
    for (const [name, report] of Object.entries(PAGES)) {
      writeFileSync(join(folder, `${name}.html`), pageOf(report));
      urls.set(name, pathToFileURL(join(folder, `${name}.html`)).href);
    }
    browser = await launchChromium(chromium!); // the suite is skipped without one
  });

  afterAll(async () => browser?.close());

  const open = (name: string, width: number, scheme?: 'light' | 'dark') => openPage(browser, urls.get(name)!, width, scheme); // written above

  test.each(
    Object.keys(PAGES).flatMap((name) =>
      WIDTHS.flatMap((width) => (['light', 'dark'] as const).map((scheme) => [name, width, scheme] as const)),
    ),
  )('%s at %i px, %s: one request, no complaint, nothing that sticks out', async (name, width, scheme) => {
    const { page, asked, complaints } = await open(name, width, scheme);
    expect(asked).toEqual([urls.get(name)]);
    expect(complaints).toEqual([]);
    expect(await page.title()).not.toBe('owned');
    expect(await overflowOf(page)).toBe(0);
    await page.close();
  });

  test.each(Object.keys(PAGES))('%s: no letter of a picture lies outside of it or on another', async (name) => {
    const { page } = await open(name, 1280);
    expect(await misplacedLetters(page)).toEqual([]);
    await page.close();
  });

  test('thresholds by planes: a line and a letter each, and what they are under the picture', async () => {
    const { page } = await open('planes', 1280);
    const card = page.locator('figure.card', { has: page.locator('h3', { hasText: 'Where the windows lie' }) });
    // Three thresholds in the rows of three classes.
    expect(await card.locator('svg[role=img] .limit').count()).toBe(9);
    expect(await card.locator('svg[role=img] text.strong').allTextContents()).toEqual(expect.arrayContaining(['a', 'b', 'c']));
    expect((await card.locator('.legend li').allTextContents()).map((text) => text.trim())).toEqual([
      'a: 3.00 for behaviour; behaviour + provenance 480 windows',
      'b: 3.10 for behaviour + content 240 windows',
      'c: 5.00 for behaviour + content + authority 240 windows',
    ]);
    await page.close();
  });

  test('has the colours of its palette: ink on ground, in light and dark', async () => {
    const colors = await Promise.all(
      (['light', 'dark'] as const).map(async (scheme) => {
        const { page } = await open('evaluation', 1280, scheme);
        const found = await page.evaluate('getComputedStyle(document.body).backgroundColor');
        await page.close();
        return found;
      }),
    );
    expect(colors).toEqual(['rgb(246, 247, 249)', 'rgb(15, 18, 22)']);
  });

  test('reads without JavaScript, and prints in light colours', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, colorScheme: 'dark' });
    const page = await context.newPage();
    await page.goto(urls.get('evaluation')!); // written above
    expect(await page.locator('svg[role=img]').count()).toBeGreaterThanOrEqual(10);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('nav ul').isVisible()).toBe(false);
    expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
    await context.close();
  });
});

describe('looking for a Chromium', () => {
  const none = () => false;

  test('takes the one that is named, else a usual one', () => {
    expect(
      findChromium(
        { OPTIKAL_CHROMIUM: '/own' },
        (path) => path === '/own',
        () => {},
      ),
    ).toBe('/own');
    expect(
      findChromium(
        {},
        (path) => path === '/usr/bin/chromium',
        () => {},
      ),
    ).toBe('/usr/bin/chromium');
  });

  test('without one says so aloud, and fails where components are required', () => {
    const said: string[] = [];
    expect(findChromium({}, none, (message) => said.push(message))).toBeNull();
    expect(said).toEqual([expect.stringMatching(/^SKIPPED: no Chromium .*OPTIKAL_CHROMIUM/)]);
    expect(() => findChromium({ OPTIKAL_REQUIRE_COMPONENTS: '1' }, none, () => {})).toThrow(/OPTIKAL_REQUIRE_COMPONENTS/);
  });
});
