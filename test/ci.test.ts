/** The workflow, `.ci/run` and `npm test` run the same: every line of one is a line of the others. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { JOBS, SECTIONS } from '../scripts/sections.ts';

interface WorkflowJob {
  readonly 'timeout-minutes': number;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: Readonly<Record<string, unknown>> }[];
}

const ROOT = resolve(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const workflow = parse(read('.github/workflows/ci.yml')) as {
  readonly permissions: unknown;
  readonly concurrency: { readonly 'cancel-in-progress': boolean };
  readonly jobs: Readonly<Record<string, WorkflowJob>>;
}; // a file of the repository; what the tests use is checked by them
const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }; // the same
const local = read('.ci/run')
  .split('\n')
  .map((line) => line.trim());
const jobs = Object.entries(workflow.jobs);
const runsOf = ({ steps }: WorkflowJob) => steps.flatMap(({ run }) => (run === undefined ? [] : [run]));

describe('the workflow', () => {
  it('has the jobs of scripts/sections.ts, and these run every section once', () => {
    expect(jobs.map(([name]) => name)).toEqual(Object.keys(JOBS));
    expect(Object.values(JOBS).flat().sort()).toEqual(Object.keys(SECTIONS).sort());
  });

  it.each(jobs)('%s runs scripts only: the install, the components, its own sections', (name, job) => {
    const runs = runsOf(job);
    expect(runs[0]).toBe('npm run ci:install');
    expect(runs.at(-1)).toBe(`npm run ci:${name}`);
    for (const run of runs) expect(scripts).toHaveProperty([run.replace(/^npm run /, '')]);
    expect(scripts[`ci:${name}`]).toBe(`node scripts/test.ts --job ${name}`);
  });

  it.each(jobs)('%s ends in time, reads the npm cache, and uses actions by their commit', (_, { steps, ...job }) => {
    expect(job['timeout-minutes']).toBeLessThanOrEqual(20);
    const actions = steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses]));
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/@[0-9a-f]{40}$/);
    expect(steps.find(({ uses }) => uses?.startsWith('actions/setup-node@'))?.with).toEqual({ 'node-version': 24, cache: 'npm' });
  });

  it('may read the repository and nothing else, and a newer push ends the run of an older one', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(workflow.concurrency['cancel-in-progress']).toBe(true);
  });

  it('installs the components where tests run, and fails without them', () => {
    expect(runsOf(workflow.jobs.test!)).toContain('npm run components');
    expect(workflow.jobs.test!.env).toEqual({ OPTIKAL_REQUIRE_COMPONENTS: '1' });
  });
});

describe('.ci/run', () => {
  it('runs what the jobs run, all of it, and fails without data or components', () => {
    // `npm test` is the sections of all jobs.
    const shared = jobs.flatMap(([name, job]) => runsOf(job).filter((run) => run !== `npm run ci:${name}`));
    for (const line of shared) expect(local).toContain(line);
    expect(local).toContain('npm test');
    expect(scripts.test).toBe('node scripts/test.ts');
    expect(local).toContain('export OPTIKAL_REQUIRE_DATA=1');
    expect(local).toContain('export OPTIKAL_REQUIRE_COMPONENTS=1');
  });

  it('runs nothing that no job runs', () => {
    const commands = local.filter((line) => /^(?:npm|npx|node) /.test(line));
    const known = new Set([...jobs.flatMap(([, job]) => runsOf(job)), 'npm test']);
    expect(commands.filter((line) => !known.has(line))).toEqual([]);
  });
});

it('npm run components says what is missing and what to do', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/components.ts'), '--check'], {
    encoding: 'utf8',
    env: { PATH: '/nowhere', OPTIKAL_CHROMIUM: '/nowhere/chromium', OPTIKAL_CACHE_DIR: '/nowhere' },
  });
  expect(status).toBe(1);
  expect(stdout.match(/^missing {2}.*$/gm)).toEqual([
    'missing  Chromium',
    'missing  tmux',
    'missing  Python 3',
    'missing  Java',
    'missing  Maven',
    'missing  Kafka’s jars',
  ]);
  expect(stderr).toContain('apt-get install chromium tmux python3 openjdk-17-jre-headless maven');
  expect(stderr).toContain('OPTIKAL_CHROMIUM');
});

it('npm test refuses a section or a job that is not there', () => {
  for (const [flag, name, expected] of [
    ['--only', 'lints', /unknown section `lints`, expected one of lockfile, lint, /],
    ['--job', 'tests', /unknown job `tests`, expected one of lint, typecheck, test, smoke_train/],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/test.ts'), flag, name], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(expected);
  }
});
