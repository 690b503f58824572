/**
 * A Chromium for tests of pages: OPTIKAL_CHROMIUM names it, else the usual places are tried. Where there is none such tests are skipped, said
 * aloud and counted; with OPTIKAL_REQUIRE_COMPONENTS=1, as in CI, they fail.
 *
 * @example
 * const chromium = chromiumPath();
 * describe.skipIf(chromium === null)('the page', () => { … });
 */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

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
