/**
 * Writes docs/report.png: headline and curves of an evaluation of one simulated fleet by a bundle that was fitted on another.
 *
 *   node scripts/report-picture.ts     needs a Chromium (OPTIKAL_CHROMIUM), takes a minute or two
 */
import './need-node.mjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { run } from '../packages/optikal/src/cli/run.ts';
import { chromiumPath, launchChromium } from '../test/support/chromium.ts';
import { ROOT } from './generated.ts';

const VIEW = { width: 1080, height: 900 };
const MARGIN = 12;
const FLEET = ['--agents', '240', '--days', '1'];

const folder = mkdtempSync(join(tmpdir(), 'optikal-report-'));
const at = (name: string) => join(folder, name);
try {
  await optikal('generate', ...FLEET, '--seed', '17', '--out', at('seen'));
  await optikal('generate', ...FLEET, '--seed', '18', '--out', at('unseen'));
  await optikal('train', '--data', at('seen'), '--out', at('bundle'));
  await optikal('evaluate', '--bundle', at('bundle'), '--data', at('unseen'), '--fpr', '0.005', '--report', at('report.html'));
  await shoot(at('report.html'), join(ROOT, 'docs/report.png'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function optikal(...args: readonly string[]): Promise<void> {
  const code = await run(args, {
    stdin: Readable.from([]),
    stdout: process.stderr,
    stderr: process.stderr,
    env: {},
    terminal: { stdout: false, stderr: false },
    columns: () => 80,
    stop: () => new AbortController().signal,
  });
  if (code !== 0) throw new Error(`optikal ${args.join(' ')} ended with ${code}`);
}

async function shoot(page: string, path: string): Promise<void> {
  const chromium = chromiumPath();
  if (chromium === null) throw new Error('expected a Chromium: OPTIKAL_CHROMIUM names one');
  const browser = await launchChromium(chromium);
  try {
    const tab = await browser.newPage({ viewport: VIEW, colorScheme: 'light' });
    await tab.goto(pathToFileURL(page).href);
    const top = await tab.locator('.tiles').boundingBox();
    const last = await tab.locator('figure').nth(2).boundingBox();
    if (top === null || last === null) throw new Error('expected tiles and three figures in the page');
    const y = top.y - MARGIN;
    await tab.screenshot({ path, fullPage: true, clip: { x: 0, y, width: VIEW.width, height: last.y + last.height + MARGIN - y } });
  } finally {
    await browser.close();
  }
}
