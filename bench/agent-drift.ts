/**
 * What finding another model under an agent's name is worth on models and suites that it has not seen, and how soon it does: recorded sessions
 * of 10 to 38 tasks, in half of them another model takes over. Three seeds of composed sessions, trees and groups of models.
 */

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readRecordedSessions } from '../packages/optikal/src/behaviour/agents-data.ts';
import { type DriftReport, driftProtocol } from '../packages/optikal/src/training/agent-drift-protocol.ts';
import { type Row, rowOf } from './support/rows.ts';

export const name = 'agent-drift';
export const title = 'another model under an agent’s name, models or suites left out; 238 sessions, 3 seeds';

const SEEDS = ['7', '11', '13'];
const FLOORS = { model: { auroc: 0.93, recall: 0.65 }, suite: { auroc: 0.92, recall: 0.62 } } as const;

export async function run(): Promise<Row[]> {
  const folder = join(resolve(import.meta.dirname, '..', process.env.OPTIKAL_DATA ?? '../shared/data'), 'agents');
  const text = (file: string) => gunzipSync(readFileSync(join(folder, file))).toString('utf8');
  const json = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const lines = (file: string) => text(file).split('\n');
  const sessions = readRecordedSessions({
    sessions: lines('drift_sessions.jsonl.gz'),
    traces: lines('traces.jsonl.gz'),
    args: lines('args.jsonl.gz'),
    outputs: lines('outputs.jsonl.gz'),
    callOutputs: lines('call_outputs.jsonl.gz'),
    userTasks: json('user_tasks.json'),
    tools: json('tools.json'),
    fileName: 'drift_sessions.jsonl',
  });
  const reports = SEEDS.map((seed) => driftProtocol(sessions, { seed }));
  return (['model', 'suite'] as const).flatMap((leave) => rowsOf(leave, reports));
}

function rowsOf(leave: 'model' | 'suite', reports: readonly DriftReport[]): Row[] {
  const label = `one ${leave} out`;
  const pooled = reports.map(({ rows }) => rows.find(({ protocol, cell }) => protocol === leave && cell === 'pooled')!); // always there
  const times = reports.map((report) => report.times.find(({ protocol }) => protocol === leave)!);
  const { auroc, recall } = FLOORS[leave];
  const rate = (work: string, runs: readonly (number | null)[], better: 'more' | 'less', unit = '', floor?: number): Row =>
    rowOf({ work: `${label}: ${work}`, unit, runs: runs.map((x) => x ?? Number.NaN), better, ...(floor === undefined ? {} : { floor }) });
  return [
    rate(
      'session over, AUROC',
      pooled.map((row) => row.auroc),
      'more',
      '',
      auroc,
    ),
    rate(
      'session over, recall at 1 % FPR',
      pooled.map((row) => row.recallAt01),
      'more',
      '',
      recall,
    ),
    rate(
      'session over, realised FPR',
      pooled.map((row) => row.realisedFpr),
      'less',
    ),
    rate(
      'after each task, AUROC',
      times.map((found) => found.auroc),
      'more',
    ),
    rate(
      'after each task, recall at 1 % FPR',
      times.map((found) => found.recallAt01),
      'more',
    ),
    rate(
      'share of swaps found live',
      times.map((found) => found.found / found.swapped),
      'more',
    ),
    rate(
      'tasks to detect, median',
      times.map((found) => found.tasksToDetect?.median ?? null),
      'less',
      'tasks',
    ),
    rate(
      'tasks to detect, p90',
      times.map((found) => found.tasksToDetect?.p90 ?? null),
      'less',
      'tasks',
    ),
    rate(
      'time to detect, median',
      times.map((found) => found.secondsToDetect?.median ?? null),
      'less',
      's',
    ),
    rate(
      'time to detect, p90',
      times.map((found) => found.secondsToDetect?.p90 ?? null),
      'less',
      's',
    ),
    rate(
      'false alarms',
      times.map((found) => found.falseAlarmsPerAgentDay),
      'less',
      'per agent-day at work',
    ),
  ];
}
