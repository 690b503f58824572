/**
 * What is found of attacks on recorded agents whose model, suite or attack template was left out: the full form, with sessions of three seeds.
 * Every floor is a row, with the number of calls beside it where there is one; and how long it takes on all cores.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { floorsOf } from '../packages/optikal/src/report/protocol/agents-floors.ts';
import { evaluateAgents } from '../packages/optikal/src/services/evaluate-agents.ts';
import { type Row, rowOf } from './support/rows.ts';

export const name = 'agents-protocol';
export const title = 'recorded agents: model, suite, template left out; windows, runs, sessions; sessions of seeds 7, 11, 13';

const SEEDS = '7,11,13';
const SEED = '1';
const MOST_MINUTES = 60;

export async function run(): Promise<Row[]> {
  const root = resolve(import.meta.dirname, '..');
  const data = resolve(root, process.env.OPTIKAL_DATA ?? '../shared/data');
  const folder = mkdtempSync(join(tmpdir(), 'optikal-sessions-'));
  try {
    const made = spawnSync(process.execPath, [join(root, 'scripts', 'sessions.ts'), '--data', data, '--out', folder, '--seeds', SEEDS], {
      stdio: 'inherit',
    });
    if (made.status !== 0) throw new Error('the sessions of other seeds could not be made');
    const sessions = readdirSync(folder)
      .sort()
      .map((file) => join(folder, file));
    const from = performance.now();
    const { page } = await evaluateAgents({ data, train: null, sessions, seed: SEED, workers: 2 });
    const minutes = (performance.now() - from) / 60_000;
    const baselineOf = ({ protocol, level, plane, against }: (typeof page.rows)[number], kind: RegExp) =>
      page.baselines.find(
        (row) =>
          row.protocol === protocol && row.level === level && row.plane === plane && row.against === against && kind.test(row.baseline),
      );
    return [
      ...floorsOf(page.rows).flatMap(({ name: work, row, figure, value, least }): Row[] => {
        if (value === null) return [];
        const calls = baselineOf(row, /number of calls/)?.[figure] ?? null;
        const rival = calls === null ? {} : { rival: { name: 'number of calls', version: 'mean of parts', runs: [calls] } };
        return [rowOf({ work, unit: '', runs: [value], better: 'more', floor: least, ...rival })];
      }),
      ...page.rows
        .filter(({ cell, level, against, plane }) => cell === 'pooled' && level !== 'session' && against === 'benign' && plane === 'real')
        .flatMap(({ protocol, level, realisedFpr }) =>
          realisedFpr === null
            ? []
            : [
                rowOf({
                  work: `share of quiet ${level}s above the threshold, ${protocol} left out, gateway real`,
                  unit: '',
                  runs: [realisedFpr],
                  better: 'less',
                }),
              ],
        ),
      rowOf({ work: 'all folds of three seeds', unit: 'minutes', runs: [minutes], better: 'less', floor: MOST_MINUTES }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
