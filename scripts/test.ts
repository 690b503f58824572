/**
 * `npm test`: everything that CI runs, in order. A section that fails does not stop the next one, so that one run shows all there is to mend.
 * The last line counts the tests (`N passed, N failed, N skipped`); a step that fails otherwise counts as one. Every tool is started with
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

interface Step {
  readonly title: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Where vitest leaves its counts. */
  readonly report?: string;
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const bin = (title: string, name: string, ...args: string[]): Step => ({ title, file: join(BIN, name), args });
const script = (title: string, name: string, ...args: string[]): Step => ({ title, file: join(ROOT, 'scripts', name), args });

const vitest = (title: string, name: string, ...args: string[]): Step => {
  const report = join(WORK, `${name}.json`);
  return {
    ...bin(`vitest: ${title}`, 'vitest', 'run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`),
    report,
  };
};

const SECTIONS: Readonly<Record<string, readonly Step[]>> = {
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

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
for (const [section, steps] of Object.entries(SECTIONS)) {
  if (values.only !== undefined && section !== values.only) continue;
  for (const step of steps) {
    console.log(`\n=== ${section}: ${step.title}`);
    const worked = run(step);
    const counts = step.report === undefined ? { passed: 0, failed: 0, skipped: 0 } : countTests(step.report);
    total.passed += counts.passed;
    total.skipped += counts.skipped;
    // A step that failed without a failed test failed as a whole: a finding, a coverage too low, an error outside of tests, no test at all.
    total.failed += worked ? counts.failed : Math.max(1, counts.failed);
    if (!worked || counts.failed > 0) failures.push(`${section}: ${step.title}`);
  }
}

console.log('\n=== result');
for (const failure of failures) console.log(`failed  ${failure}`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped === 0 ? '' : `, ${total.skipped} skipped`}`);
process.exitCode = total.failed === 0 ? 0 : 1;

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

/** The counts of a vitest report. A suite that could not be loaded is one failure, as is a report that is absent or counts nothing. */
function countTests(file: string): Counts {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport; // written by vitest's own reporter a moment ago
    const broken = report.testResults.filter(
      (suite) => suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed'),
    ).length;
    const counted = report.numPassedTests + report.numFailedTests + broken > 0;
    return {
      passed: report.numPassedTests,
      failed: counted ? report.numFailedTests + broken : 1,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch (error) {
    console.error(`no counts of tests: ${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}
