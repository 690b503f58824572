/**
 * `npm test`: everything that CI runs, in order. A section that fails does not stop the next one, so that one run shows all there is to mend.
 * The last line counts the tests (`N passed, N failed, N skipped`); a step that fails otherwise counts as one. Every tool is started with
 * the Node of this process, for the shebang of a bare `node_modules/.bin/…` may find an older one.
 *
 *   npm test                       all
 *   npm test -- --only lint        one section of scripts/sections.ts
 *   npm run ci:lint                the sections of one job of CI
 */
import './need-node.mjs';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { JOBS, SECTIONS, type Step } from './sections.ts';

const ROOT = resolve(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules', '.bin');
const WORK = mkdtempSync(join(tmpdir(), 'optikal-test-'));
process.once('exit', () => rmSync(WORK, { recursive: true, force: true }));

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const { values } = parseArgs({ options: { only: { type: 'string' }, job: { type: 'string' } } });
const wanted = sectionsOf(values);

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
for (const [section, steps] of Object.entries<readonly Step[]>(SECTIONS)) {
  if (!wanted.includes(section)) continue;
  for (const step of steps) {
    console.log(`\n=== ${section}: ${step.title}`);
    const worked = run(step);
    const counts = step.counts === undefined ? { passed: 0, failed: 0, skipped: 0 } : countTests(reportOf(step.counts));
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

function sectionsOf({ only, job }: { readonly only?: string | undefined; readonly job?: string | undefined }): readonly string[] {
  if (job !== undefined) return JOBS[oneOf('job', job, JOBS)]!;
  return only === undefined ? Object.keys(SECTIONS) : [oneOf('section', only, SECTIONS)];
}

function oneOf(what: string, name: string, known: object): string {
  if (Object.hasOwn(known, name)) return name;
  console.error(`unknown ${what} \`${name}\`, expected one of ${Object.keys(known).join(', ')}`);
  process.exit(1);
}

function reportOf(counts: string): string {
  return join(WORK, `${counts}.json`);
}

function run({ from, file, args, counts }: Step): boolean {
  const started = process.hrtime.bigint();
  const path = from === 'bin' ? join(BIN, file) : join(ROOT, 'scripts', file);
  const reporting = counts === undefined ? [] : ['--reporter=default', '--reporter=json', `--outputFile.json=${reportOf(counts)}`];
  const { status, error } = spawnSync(process.execPath, [path, ...args, ...reporting], {
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
