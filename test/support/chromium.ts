/**
 * A Chromium for tests of pages: OPTIKAL_CHROMIUM names it, else the usual places are tried. Where there is none such tests are skipped, said
 * aloud and counted; with OPTIKAL_REQUIRE_COMPONENTS=1, as in CI, they fail.
 *
 * @example
 * const chromium = chromiumPath();
 * describe.skipIf(chromium === null)('the page', () => { … });
 */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const USUAL = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** null = skip. */
export function chromiumPath(): string | null {
  return findChromium(process.env, existsSync, (message) => console.warn(message));
}

/** `chromiumPath` with what it depends on as arguments. */
export function findChromium(
  env: Readonly<Record<string, string | undefined>>,
  exists: (path: string) => boolean,
  warn: (message: string) => void,
): string | null {
  const found = (env.OPTIKAL_CHROMIUM === undefined ? USUAL : [env.OPTIKAL_CHROMIUM]).find(exists);
  if (found !== undefined) return found;
  const message = `no Chromium at ${env.OPTIKAL_CHROMIUM ?? 'any of the usual places'}: set OPTIKAL_CHROMIUM to one`;
  if (env.OPTIKAL_REQUIRE_COMPONENTS === '1') throw new Error(`${message}, or unset OPTIKAL_REQUIRE_COMPONENTS to skip what needs it`);
  warn(`SKIPPED: ${message} to run these tests`);
  return null;
}

/** Headless, and able to run as root in a container. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
}

export interface OpenedPage {
  readonly page: Page;
  /** Addresses that it asked for, itself first. */
  readonly asked: readonly string[];
  /** What it wrote to the console, and errors. */
  readonly complaints: readonly string[];
}

/** A page of a file, with whatever can be folded unfolded. All that it asks for beside itself is refused, and noted. */
export async function openPage(browser: Browser, url: string, width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const asked: string[] = [];
  const complaints: string[] = [];
  await page.route('**/*', (route) => (route.request().url() === url ? route.continue() : route.abort()));
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  await page.evaluate(OPEN_DETAILS);
  return { page, asked, complaints };
}

// What runs in the page is text: its types are the browser's, not this program's.
const OPEN_DETAILS = 'for (const details of document.querySelectorAll("details")) details.open = true';
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
const MISPLACED_LETTERS = `[...document.querySelectorAll('svg[role=img]')].flatMap((svg) => {
  const frame = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('text')]
    .filter((text) => text.textContent !== '')
    .map((text) => ({ words: text.textContent, box: text.getBoundingClientRect() }));
  const outside = texts.filter(({ box }) =>
    box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
  const apart = (a, b) => a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 2 || b.bottom <= a.top + 2;
  const overlapping = texts.flatMap((one, i) =>
    texts.slice(i + 1).filter((other) => !apart(one.box, other.box)).map((other) => one.words + ' on ' + other.words));
  return [...outside.map(({ words }) => words + ' outside'), ...overlapping].map((what) => svg.querySelector('title')?.textContent + ': ' + what);
})`;

/** Pixels that stick out of the page to the right: 0 = it fits. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(OVERFLOW);
}

/** Texts of pictures that lie outside of their picture, or on another text. */
export function misplacedLetters(page: Page): Promise<string[]> {
  return page.evaluate(MISPLACED_LETTERS);
}
