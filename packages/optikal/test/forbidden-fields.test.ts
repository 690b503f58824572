/**
 * What no feature may know of a recorded agent: its model, suite, source, defence, when and in which part of the data it was recorded, what came
 * of the attack, the marks of injected texts and of the attacker's calls. Dealt out anew among the runs, they leave every row byte for byte as it
 * was; given to the window's model as columns, they tell it nothing of agents left out that its features do not.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURE_SETS } from '@optikal/contracts';
import { createRandom, type Random } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { dataFolder } from '../../../test/support/data.ts';
import { type RecordedSession, readRecordedSessions } from '../src/behaviour/agents-data.ts';
import { resolveTools, toolLookup, toolsOfRecorded } from '../src/detection/tools/index.ts';
import { fileLines } from '../src/services/lines.ts';
import { agentsData, keyOf, windowsOf } from '../src/training/agents-protocol/data.ts';
import { modelSplit, suiteSplit } from '../src/training/agents-protocol/splits.ts';
import type { ScoreOf } from '../src/training/agents-protocol/traffic.ts';
import type { WindowSample } from '../src/training/dataset.ts';
import { fitTrees } from '../src/training/fit-trees.ts';
import { everyRow, intervalOf, type Ranking, rankingOf } from '../src/training/ranking.ts';
import { classWeights, isSure } from '../src/training/rows.ts';

const folder = dataFolder('agents/sessions.jsonl.gz', 'agents/traces.jsonl.gz', 'agents/outputs.jsonl.gz');
/** Rows are compared on every so many-th session. */
const STRIDE = 12;
/** As the window's boosting, in fewer rounds. */
const TREES = { rounds: 40, leaves: 6, learningRate: 0.2, minDataInLeaf: 15, l2: 5, rowShare: 0.7, columnShare: 0.4 };
const SEEDS = ['1', '2'];
const RESAMPLES = 200;
const DAY_MS = 86_400_000;

type Line = Readonly<Record<string, unknown>>;

/** Forms: the data's README. */
interface Raw {
  readonly sessions: readonly (Line & { readonly tasks: readonly (Line & { readonly run: string })[] })[];
  readonly traces: readonly (Line & { readonly id: string; readonly c: readonly (readonly number[])[] })[];
  readonly callOutputs: readonly (readonly [string, unknown])[];
  readonly userTasks: Readonly<Record<string, unknown>>;
}

describe.skipIf(folder === null)('fields of recorded agents that no feature may know', () => {
  const agents = join(folder ?? '', 'agents');
  const inAgents = (name: string): unknown => JSON.parse(readFileSync(join(agents, name), 'utf8'));
  const lines = <T>(name: string) => Array.from(fileLines(join(agents, name)), (line) => JSON.parse(line) as T); // forms: README

  const rawOf = (stride: number): Raw => {
    const sessions = lines<Raw['sessions'][number]>('sessions.jsonl.gz').filter((_, i) => i % stride === 0);
    const runs = new Set(sessions.flatMap(({ tasks }) => tasks.map(({ run }) => run)));
    return {
      sessions,
      traces: lines<Raw['traces'][number]>('traces.jsonl.gz').filter(({ id }) => runs.has(id)),
      callOutputs: lines<Raw['callOutputs'][number]>('call_outputs.jsonl.gz').filter(([run]) => runs.has(run)),
      userTasks: inAgents('user_tasks.json') as Raw['userTasks'], // form: README
    };
  };
  const read = ({ sessions, traces, callOutputs, userTasks }: Raw) =>
    readRecordedSessions({
      sessions: sessions.map((line) => JSON.stringify(line)),
      traces: traces.map((line) => JSON.stringify(line)),
      callOutputs: callOutputs.map((line) => JSON.stringify(line)),
      args: fileLines(join(agents, 'args.jsonl.gz')),
      outputs: fileLines(join(agents, 'outputs.jsonl.gz')),
      userTasks,
      tools: inAgents('tools.json'),
      fileName: 'sessions.jsonl',
    });
  const windows = (sessions: readonly RecordedSession[], scoreOf: ScoreOf | null) => {
    const tools = toolLookup(resolveTools({ user: toolsOfRecorded(inAgents('tools.json')) }));
    return windowsOf(agentsData(sessions, tools), scoreOf).samples;
  };

  it('leave each row as it was when they are dealt out anew among the runs, and every name is another', { timeout: 120_000 }, () => {
    const raw = rawOf(STRIDE);
    const [own, other] = [read(raw), read(dealtAnew(raw))];
    const of = <T>(sessions: typeof own, field: (session: RecordedSession) => T) => sessions.map(field);
    for (const field of ['model', 'suite', 'src'] as const)
      expect(of(other, ({ group }) => group[field])).not.toEqual(of(own, ({ group }) => group[field]));
    for (const field of ['runs', 'flagged', 'truth'] as const)
      expect(of(other, (session) => session[field])).not.toEqual(of(own, (session) => session[field]));
    const rowsOf = (sessions: typeof own) => digests(sessions, windows(sessions, literalVerdicts(sessions)));
    const before = rowsOf(own);
    expect(rowsOf(other)).toEqual(before);

    // Were one in a row, it would be seen: a field that may be known changes rows.
    const failed = raw.traces.map((line) => ({ ...line, c: line.c.map((call) => call.with(4, 1)) }));
    expect(rowsOf(read({ ...raw, traces: failed }))).not.toEqual(before);
  });

  it('as columns help no model on suites or models that are left out; the answer itself would', { timeout: 120_000 }, () => {
    const raw = rawOf(1);
    const sessions = read(raw);
    const durations = new Map(raw.traces.map(({ id, dur }) => [id, typeof dur === 'number' ? dur : Number.NaN]));
    const sessionOf = new Map(sessions.map((session) => [keyOf(session), session]));
    const kept = windows(sessions, null).filter(isSure); // where there is most left to learn
    const at = kept.map(({ key }) => sessionOf.get(key)!); // windows are of these sessions
    const named = (['model', 'suite', 'src', 'defence', 'cell'] as const).map((field) => numbers(at.map(({ group }) => group[field])));
    const forbidden = kept.map((sample, i) => [
      ...named.map((of) => of[i]!),
      Math.max(...runsOf(sample, at[i]!).map((run) => durations.get(run)!)),
      sample.startMs % DAY_MS,
      Math.floor(sample.startMs / DAY_MS) % 7,
    ]);
    const answer = kept.map(({ callLabels }) => [callLabels.includes(1) ? 1 : 0]);
    const groups = at.map(({ group }) => `${group.src}|${group.model}|${group.suite}`);
    for (const { protocol, parts } of [suiteSplit(sessions), modelSplit(sessions, 's')]) {
      const partOf = at.map(({ group }) => parts.findIndex(({ holds }) => holds.has(group[protocol])));
      const ranked = (beside: readonly (readonly number[])[]) => leftOutRanking(kept, beside, partOf);
      const plain = ranked(kept.map(() => []));
      const [ofFields, ofAnswer] = [forbidden, answer].map((beside) => gainOf(plain, ranked(beside), groups));
      console.log(`${protocol} left out: forbidden fields add ${inWords(ofFields!)} of AUROC, the answer ${inWords(ofAnswer!)}`);
      expect(ofFields!.low).toBeLessThanOrEqual(0);
      expect(ofFields!.gain).toBeLessThan(0.02);
      expect(ofAnswer!.low).toBeGreaterThan(0.05);
    }
  });
});

/** A gateway that knows the marks of the template and nothing else: what it says is of the text alone. */
function literalVerdicts(sessions: readonly RecordedSession[]): ScoreOf {
  const verdicts = new Map(
    sessions.map(({ agent, tasks }) => [
      agent,
      new Map(
        tasks.flatMap(({ calls }) => calls.map(({ callId, output }) => [callId, output?.includes('<INFORMATION>') === true ? 0.99 : 0.01])),
      ),
    ]),
  );
  return ({ agent }, callId) => verdicts.get(agent)?.get(callId) ?? null;
}

/** Suites and sources are renamed, as they name the role and the request; all else moves between runs, or sessions. */
function dealtAnew({ sessions, traces, callOutputs, userTasks }: Raw): Raw {
  const random = createRandom('dealt anew');
  const renamed = (name: unknown) => `x${createHash('sha256').update(String(name)).digest('hex').slice(0, 8)}`;
  const moved = ['m', 'd', 'i', 'a', 'cell', 'y', 'cls', 'amb', 'ok', 'dur'].map(
    (field) => [field, shuffled(traces, field, random)] as const,
  );
  const [models, defences] = [shuffled(sessions, 'm', random), shuffled(sessions, 'd', random)];
  return {
    sessions: sessions.map((line, i) => ({
      ...line,
      agent: `session ${i}`,
      src: renamed(line.src),
      s: renamed(line.s),
      m: models[i],
      d: defences[i],
      tasks: line.tasks.map((task) => ({ ...task, run: renamed(task.run) })),
    })),
    traces: traces.map((line, t) => ({
      ...line,
      ...Object.fromEntries(moved.map(([field, values]) => [field, values[t]])),
      id: renamed(line.id),
      src: renamed(line.src),
      s: renamed(line.s),
      c: line.c.map((call) => call.with(6, random.nextInt(2)).with(7, random.nextInt(2))),
    })),
    callOutputs: callOutputs.map(([run, ids]) => [renamed(run), ids] as const),
    userTasks: Object.fromEntries(
      Object.entries(userTasks).map(([key, request]) => {
        const [src, suite, task] = key.split('|');
        return [`${renamed(src)}|${renamed(suite)}|${task}`, request];
      }),
    ),
  };
}

function shuffled(of: readonly Line[], field: string, random: Random): unknown[] {
  return random.shuffle(of.map((line) => line[field]));
}

/** Of each session, its windows byte for byte, in order of time. */
function digests(sessions: readonly RecordedSession[], samples: readonly WindowSample[]): string[] {
  const own = Map.groupBy(samples, ({ key }) => key);
  return sessions.map((session) => {
    const hash = createHash('sha256');
    for (const { startMs, row, callRows, sequence } of own.get(keyOf(session)) ?? []) {
      hash.update(`${startMs}`);
      for (const values of [row, ...callRows, ...sequence]) hash.update(new Uint8Array(values.slice().buffer));
    }
    return hash.digest('hex');
  });
}

function runsOf({ callIds }: WindowSample, { group }: RecordedSession): string[] {
  return callIds.map((callId) => group.runIds[Number(callId.slice(1, callId.indexOf('.')))]!); // a task's id is its number
}

/** Each name as a number of its own. */
function numbers(names: readonly string[]): number[] {
  const known = [...new Set(names)].sort();
  return names.map((name) => known.indexOf(name));
}

/** Every part judged by models of the others; margins are the means over seeds, less the log-odds of the training part. */
function leftOutRanking(kept: readonly WindowSample[], beside: readonly (readonly number[])[], partOf: readonly number[]): Ranking {
  const rows = kept.map(({ row }, i) => Float64Array.from([...row, ...beside[i]!]));
  const labels = Uint8Array.from(kept, ({ label }) => (label === 2 ? 1 : 0));
  const monotone = Int8Array.from([...FEATURE_SETS.fused1.map((feature) => feature.monotone), ...beside[0]!.map(() => 0)]);
  const margins = new Float64Array(kept.length);
  for (const part of new Set(partOf)) {
    const train = partOf.flatMap((its, i) => (its === part ? [] : [i]));
    const own = Uint8Array.from(train, (i) => labels[i]!);
    const attacks = own.reduce((sum, label) => sum + label, 0);
    const prior = Math.log(attacks / (own.length - attacks)) / 2; // classWeights takes the other half away
    for (const seed of SEEDS) {
      const model = fitTrees(
        train.map((i) => rows[i]!),
        own,
        monotone,
        { ...TREES, weights: classWeights(own), seed },
      )!; // both classes are in every training part
      partOf.forEach((its, i) => {
        if (its === part) margins[i]! += (model.score(rows[i]!) - prior) / SEEDS.length;
      });
    }
  }
  return rankingOf(margins, labels);
}

/** With its 95 % interval: whole (source, model, suite) groups are drawn, the same ones for both. */
function gainOf(plain: Ranking, beside: Ranking, groups: readonly string[]) {
  const all = everyRow(groups.length);
  const { low, high } = intervalOf(groups, (counts) => beside.auroc(counts) - plain.auroc(counts), RESAMPLES, 'gain')!; // there are many groups
  return { gain: beside.auroc(all) - plain.auroc(all), low, high };
}

function inWords({ gain, low, high }: ReturnType<typeof gainOf>): string {
  return `${gain.toFixed(4)} [${low.toFixed(4)} to ${high.toFixed(4)}]`;
}
