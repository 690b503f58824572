/**
 * `npm run bench [-- NAME…] [--list] [--table]`: runs the benches, writes `bench/results/NAME.json`, prints the table of all results.
 *
 * A bench is a file `bench/NAME.ts` that asks one question and exports
 *   name   its file name without `.ts`
 *   title  the question with its sizes
 *   run(): Promise<Row[]>   (Row and its maker: support/rows.ts)
 * Its data is made outside the timer and seeded; a rival runs beside ours in the same `run()`. Each bench runs in a process of its own, so
 * that memory and compiled code of one cannot reach another. `soak`, `kafka-fuzz` and `agents-protocol` take up to an hour and run only
 * where they are named (the first two also with `npm run soak`).
 * What must stay out of the way of a bench (a server, a producer) is a file in `bench/support/`. Results of a commit are written by that
 * commit's code; a `+` behind the commit means that the tree had changes.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { readResults, writeResult } from './support/results.ts';
import type { Row } from './support/rows.ts';
import { printTable } from './support/table.ts';

interface Bench {
  readonly name: string;
  readonly title: string;
  run(): Promise<readonly Row[]>;
}

const HERE = import.meta.dirname;
/** Benches that run only where they are named. */
const LONG: ReadonlySet<string> = new Set(['soak', 'kafka-fuzz', 'agents-protocol']);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: 'boolean' }, table: { type: 'boolean' }, one: { type: 'string' } },
});
const names = globSync('*.ts', { cwd: HERE })
  .map((file) => basename(file, '.ts'))
  .filter((name) => name !== 'run')
  .sort();
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`expected names of benches (${names.join(', ')}), found \`${unknown.join('`, `')}\``);
  process.exit(2);
}

if (values.list === true) {
  for (const name of names) console.log(`${name.padEnd(20)} ${(await load(name)).title}`);
} else if (values.one !== undefined) {
  const bench = await load(values.one);
  writeResult(bench.name, await bench.run());
} else {
  let failed = false;
  if (values.table !== true)
    for (const name of positionals.length > 0 ? positionals : names.filter((one) => !LONG.has(one))) failed = !runApart(name) || failed;
  const missed = printTable(readResults());
  if (failed || missed > 0) process.exitCode = 1;
}

function load(name: string): Promise<Bench> {
  return import(join(HERE, `${name}.ts`)); // the convention above
}

function runApart(name: string): boolean {
  console.error(`${name} …`);
  const { status } = spawnSync(process.execPath, ['--expose-gc', join(HERE, 'run.ts'), '--one', name], { stdio: 'inherit' });
  if (status !== 0) console.error(`${name} failed`);
  return status === 0;
}
