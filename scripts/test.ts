/**
 * `npm test`: everything that CI runs, in order. A section that fails does not stop the next one, so that one run shows all there is to mend.
 * The last line counts the tests (`N passed, N failed, N skipped`); a failed section counts as one failure. Every tool is started with
 * the Node of this process, for the shebang of a bare `node_modules/.bin/…` may find an older one.
 *
 *   npm test                       all
 *   npm test -- --only lint        one section: lockfile, lint, types, unused, tests, smoke, docs
 */
import './need-node.mjs';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = resolve(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules', '.bin');
const WORK = mkdtempSync(join(tmpdir(), 'optikal-test-'));
process.once('exit', () => rmSync(WORK, { recursive: true, force: true }));
const REPORT = join(WORK, 'vitest.json');

interface Step {
  readonly title: string;
  readonly file: string;
  readonly args: readonly string[];
}

const bin = (title: string, name: string, ...args: string[]): Step => ({ title, file: join(BIN, name), args });
const script = (title: string, name: string, ...args: string[]): Step => ({ title, file: join(ROOT, 'scripts', name), args });

const SECTIONS: Readonly<Record<string, readonly Step[]>> = {
  lockfile: [script('package-lock.json is whole and names no address', 'lockholes.mjs')],
  lint: [bin('biome: form and lint', 'biome', 'check', '.'), bin('oxlint: lint with types', 'oxlint', '--type-aware')],
  types: [bin('tsc: types', 'tsc', '--noEmit')],
  unused: [bin('knip: unused files, exports and dependencies', 'knip')],
  tests: [
    bin(
      'vitest: tests with coverage',
      'vitest',
      'run',
      '--coverage',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${REPORT}`,
    ),
  ],
  smoke: [script('the command line starts and works', 'smoke.ts')],
  docs: [
    script('schemas are fresh', 'schemas.ts', '--check'),
    script('docs are fresh and their links lead somewhere', 'docs.ts', '--check'),
  ],
};

const { values } = parseArgs({ options: { only: { type: 'string' } } });
if (values.only !== undefined && !Object.hasOwn(SECTIONS, values.only)) {
  console.error(`unknown section \`${values.only}\`, expected one of ${Object.keys(SECTIONS).join(', ')}`);
  process.exit(1);
}

const failures: string[] = [];
for (const [section, steps] of Object.entries(SECTIONS)) {
  if (values.only !== undefined && section !== values.only) continue;
  for (const step of steps) {
    console.log(`\n=== ${section}: ${step.title}`);
    if (!run(step)) failures.push(`${section}: ${step.title}`);
  }
}
const counts = values.only === undefined || values.only === 'tests' ? countTests() : { passed: 0, failed: 0, skipped: 0 };

console.log('\n=== result');
for (const failure of failures) console.log(`failed  ${failure}`);
// A failed vitest section is already counted by its tests, unless it failed as a whole (no tests, coverage, an error outside of tests).
const testsExplainThemselves = counts.failed > 0;
const failed = counts.failed + failures.filter((name) => !(testsExplainThemselves && name.startsWith('tests:'))).length;
console.log(`${counts.passed} passed, ${failed} failed${counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`}`);
process.exitCode = failed === 0 ? 0 : 1;

function run(step: Step): boolean {
  const started = process.hrtime.bigint();
  const { status, error } = spawnSync(process.execPath, [step.file, ...step.args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Tools start `node` themselves here and there: let it be this one.
    env: { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}` },
  });
  if (error !== undefined) console.error(error.message);
  console.log(`${status === 0 ? 'ok' : 'FAILED'} after ${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(1)} s`);
  return status === 0;
}

/** The counts of the vitest report; a suite that could not be loaded counts as one failure, an absent or empty report fails the section. */
function countTests(): { passed: number; failed: number; skipped: number } {
  try {
    const report = JSON.parse(readFileSync(REPORT, 'utf8')) as VitestReport; // written by vitest's own reporter a moment ago
    const broken = report.testResults.filter(
      (suite) => suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed'),
    );
    if (report.numPassedTests === 0) failures.push('tests: no test passed');
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken.length,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch (error) {
    failures.push(`tests: no report (${error instanceof Error ? error.message : String(error)})`);
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}
