/**
 * `npm run sessions`: sessions of recorded agents under other seeds, by the data's own make_sessions.py, for `evaluate --sessions`. Sessions of
 * different seeds share runs: they are no independent measurements, and say how far a figure depends on which runs met in a session.
 *
 *   npm run sessions -- [--data FOLDER] [--out FOLDER] [--seeds 7,11,13] [--drift]
 */
import './need-node.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const ROOT = resolve(import.meta.dirname, '..');
const DEFAULT_OUT = '.cache/sessions';
/** A session a line: some hundred of them. */
const MOST_BYTES = 1 << 28;

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: process.env.OPTIKAL_DATA ?? '../shared/data' },
    out: { type: 'string', default: DEFAULT_OUT },
    seeds: { type: 'string', default: '7,11,13' },
    drift: { type: 'boolean', default: false },
  },
});
const given = resolve(ROOT, values.data);
const agents = [join(given, 'agents'), given].find((folder) => existsSync(join(folder, 'make_sessions.py')));
const seeds = values.seeds.split(',');

if (agents === undefined) stop(`no make_sessions.py in \`${given}\`: name the data folder with --data or OPTIKAL_DATA`);
if (!existsSync(join(agents, 'traces.jsonl.gz'))) stop(`no traces.jsonl.gz in \`${agents}\`: the sessions are made of it`);
if (!seeds.every((seed) => /^\d+$/.test(seed))) stop(`expected whole numbers in --seeds, found \`${values.seeds}\``);
if (spawnSync('python3', ['--version']).status !== 0) stop('no python3: npm run components installs it');

const out = resolve(ROOT, values.out);
mkdirSync(out, { recursive: true });
for (const seed of seeds) {
  const args = ['-I', join(agents, 'make_sessions.py'), agents, '--seed', seed, ...(values.drift ? ['--drift'] : [])];
  const { status, stdout, stderr } = spawnSync('python3', args, { encoding: 'utf8', maxBuffer: MOST_BYTES });
  if (status !== 0) stop(`make_sessions.py failed with seed ${seed}: ${stderr.trim()}`);
  const path = join(out, `${values.drift ? 'drift_sessions' : 'sessions'}-seed${seed}.jsonl.gz`);
  writeFileSync(path, gzipSync(stdout));
  console.log(`${path}: ${stdout.split('\n').length - 1} sessions`);
}

function stop(reason: string): never {
  console.error(`NO SESSIONS MADE: ${reason}`);
  process.exit(1);
}
