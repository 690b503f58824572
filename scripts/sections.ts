/**
 * What `npm test` runs, section by section, and which job of CI runs which: `.github/workflows/ci.yml` has these jobs, and test/ci.test.ts holds
 * that it runs nothing else. `.ci/run` runs all of them on one machine.
 */

export interface Step {
  readonly title: string;
  /** `bin` = in node_modules/.bin, `script` = in scripts/. */
  readonly from: 'bin' | 'script';
  readonly file: string;
  readonly args: readonly string[];
  /** Leaves vitest's counts under this name. */
  readonly counts?: string;
}

const bin = (title: string, file: string, ...args: string[]): Step => ({ title, from: 'bin', file, args });
const script = (title: string, file: string, ...args: string[]): Step => ({ title, from: 'script', file, args });
const vitest = (title: string, counts: string, ...args: string[]): Step => ({
  ...bin(`vitest: ${title}`, 'vitest', 'run', ...args),
  counts,
});

export const SECTIONS = {
  lockfile: [script('package-lock.json is whole and names no address', 'lockholes.mjs')],
  lint: [bin('biome: form and lint', 'biome', 'check', '.'), bin('oxlint: lint with types', 'oxlint', '--type-aware')],
  types: [bin('tsc: types', 'tsc', '--noEmit')],
  unused: [bin('knip: unused files, exports and dependencies', 'knip')],
  tests: [
    vitest('tests with coverage', 'measured', '--coverage', '--exclude', 'packages/*/test/**'),
    // Coverage slows loops over numbers tenfold; what these compare is covered by the tests beside the code.
    vitest('comparisons with other implementations', 'compared', '--exclude', 'packages/*/src/**', '--exclude', 'test/**'),
  ],
  smoke: [script('the command line starts and works', 'smoke.ts')],
  smoke_train: [script('training beats the best stump', 'smoke-train.ts')],
  docs: [
    script('schemas are fresh', 'schemas.ts', '--check'),
    script('kernels are fresh', 'kernels.ts', '--check'),
    script('docs are fresh and their links lead somewhere', 'docs.ts', '--check'),
  ],
} as const satisfies Readonly<Record<string, readonly Step[]>>;

export type Section = keyof typeof SECTIONS;

/** Each section is in one job. A job is `npm run ci:NAME`. */
export const JOBS: Readonly<Record<string, readonly Section[]>> = {
  lint: ['lockfile', 'lint', 'unused', 'docs'],
  typecheck: ['types'],
  test: ['tests', 'smoke'],
  smoke_train: ['smoke_train'],
};
