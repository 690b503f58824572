/** The page of a rows protocol in a browser: it fits a telephone and a desk, in light and dark, and asks nobody for anything. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MarksCard, ProtocolPage } from '../../packages/optikal/src/report/index.ts';
import { writeProtocolPage } from '../../packages/optikal/src/services/protocol-found.ts';
import { chromiumPath, launchChromium, misplacedLetters, openPage, overflowOf } from '../support/chromium.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const chromium = chromiumPath();
const temp = useTempFolder();

const LONG = 'a name longer than a picture is wide';
const marks = (range: readonly [number, number], percent: boolean): MarksCard => ({
  form: 'marks',
  title: LONG,
  read: LONG,
  unit: 'share',
  range,
  percent,
  series: ['a', 'b', 'c', 'd', 'e', 'f'],
  lines: Array.from({ length: 7 }, (_, i) => ({
    name: `${LONG} ${i}`,
    values: [0.00033, null, 0.5, 1, 2, 0.9998].map((value) => (value === null ? null : value + i / 100)),
    interval: [0, 0.9],
    floor: { value: 0.01, side: 'most' },
    count: '12,345 of 67,890',
  })),
});
const row = {
  protocol: 'template',
  level: 'text',
  plane: null,
  cell: 'x'.repeat(90),
  against: 'benign',
  auroc: 0.9,
  aurocInterval: [0.8, 0.95],
  ap: 0.5,
  recallAt01: 0.9998,
  recallAt001: null,
  realisedFpr: 0.00033,
  n: 123_456,
  positives: 999,
} as const;
const page: ProtocolPage = {
  kind: 'protocol-rows',
  about: 'agents',
  source: `data/${'x'.repeat(90)}`,
  seed: '1',
  lead: 'All.',
  notes: ['Note.'],
  tiles: [{ name: 'AUROC', value: '0.999', beside: LONG }],
  sections: [
    {
      id: 'one',
      title: 'One',
      cards: [
        marks([0, 0.1], true),
        marks([0.5, 1], false),
        {
          form: 'curves',
          title: 'ROC',
          read: LONG,
          x: { label: 'rate, log axis', from: 0.001, to: 1 },
          y: { label: 'found' },
          curves: [
            {
              name: LONG,
              value: '0.9',
              points: [
                [0, 0],
                [0.01, 0.4],
                [1, 1],
              ],
            },
          ],
        },
        {
          form: 'curves',
          title: 'Found by',
          read: LONG,
          x: { label: 'seconds', to: 600 },
          y: { label: 'found' },
          curves: [
            {
              name: 'all',
              value: '3 s',
              points: [
                [0, 0.1],
                [600, 0.8],
              ],
            },
          ],
        },
        { form: 'table', title: 'Table', read: LONG, head: ['threat', '|who', 'share'], rows: [['a', LONG, '1 %']] },
      ],
    },
  ],
  rows: [row],
  baselines: [{ ...row, baseline: 'number of calls' }],
  shares: [],
};

describe.skipIf(chromium === null)('the page of a rows protocol in a browser', () => {
  let browser: Browser;
  let url = '';

  beforeAll(async () => {
    const path = join(temp(), 'rows.html');
    writeProtocolPage(path, page);
    url = pathToFileURL(path).href;
    browser = await launchChromium(chromium!); // the suite is skipped without one
  });

  afterAll(async () => browser?.close());

  test.each([
    [1280, 'light'],
    [1280, 'dark'],
    [360, 'light'],
  ] as const)('fits %i pixels in %s, and complains of nothing', async (width, colorScheme) => {
    const { page: open, asked, complaints } = await openPage(browser, url, width, colorScheme);
    expect(await overflowOf(open)).toBe(0);
    expect(await misplacedLetters(open)).toEqual([]);
    expect(complaints).toEqual([]);
    expect(asked).toEqual([url]);
    await open.close();
  });
});
