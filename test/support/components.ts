/**
 * Programs beyond npm that some tests need (Chromium, tmux, Python 3): `npm run components` installs them. Where one is absent, what needs it is
 * skipped, said aloud and counted; with OPTIKAL_REQUIRE_COMPONENTS=1, as in CI, it fails.
 *
 * @example
 * const python = need('python3', () => spawnSync('python3', ['--version']).status === 0);
 * test.skipIf(!python)('…', () => { … });
 */
export function need(name: string, isThere: () => boolean, env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  if (isThere()) return true;
  if (env.OPTIKAL_REQUIRE_COMPONENTS === '1')
    throw new Error(`expected ${name}, which OPTIKAL_REQUIRE_COMPONENTS=1 asks for: npm run components`);
  console.warn(`SKIPPED: ${name} not found; npm run components installs it`);
  return false;
}
