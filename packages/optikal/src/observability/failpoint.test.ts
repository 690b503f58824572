import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const FILE = new URL('./failpoint.ts', import.meta.url).href;
const PASSES = `const { failpoint } = await import('${FILE}');
for (let n = 1; n <= 3; n++) { require('node:fs').writeSync(1, n + ' '); failpoint('bus.append.before_commit'); failpoint('bus.restore'); }`;
const IN_WORKER = `const { Worker } = require('node:worker_threads');
const code = ${JSON.stringify(`(async () => {${PASSES}})()`)};
new Worker(code, { eval: true }); setTimeout(() => {}, 20_000);`;

function run(failpoint: string | undefined, code: string) {
  const env = { ...process.env, OPTIKAL_FAILPOINT: failpoint };
  return spawnSync(process.execPath, ['-e', `(async () => {${code}})()`], { env, encoding: 'utf8', timeout: 30_000 });
}

describe('failpoint', () => {
  it('does nothing when no failpoint is asked for', () => {
    expect(run(undefined, PASSES)).toMatchObject({ status: 0, signal: null, stdout: '1 2 3 ' });
  });

  it('kills the process at the n-th pass of the named place, counting no other', () => {
    expect(run('bus.append.before_commit:2', PASSES)).toMatchObject({ signal: 'SIGKILL', stdout: '1 2 ' });
    expect(run('bus.restore:3', PASSES)).toMatchObject({ signal: 'SIGKILL', stdout: '1 2 3 ' });
  });

  it('kills the whole process from a worker thread', () => {
    expect(run('bus.restore:2', IN_WORKER)).toMatchObject({ signal: 'SIGKILL', stdout: '1 2 ' });
  });

  it.each(['no.such.place:1', 'bus.restore:0', 'bus.restore:x', 'bus.restore:1:2'])('refuses to start with `%s`', (value) => {
    const { status, stderr } = run(value, PASSES);
    expect(status).toBe(1);
    expect(stderr).toContain(`found \`${value}\``);
  });
});
