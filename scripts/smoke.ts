/** The smoke path: what a person does first, through the installed command and nothing else. */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'node_modules/.bin/optikal'), '--help'], {
  cwd: ROOT,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'pipe'],
});
const works = status === 0 && stdout.includes('optikal');
console.log(works ? 'optikal --help: ok' : `optikal --help: exit ${status}\n${stdout}${stderr}`);
process.exitCode = works ? 0 : 1;
