/**
 * Reader of the recorded agents (data/agents): real runs of language-model agents, composed into sessions. One session becomes one agent.
 * What tells the answer (labels, model, defence, suite, run ids) is kept in `group` and `truth`, apart from the tasks, and never reaches an
 * event: agent ids are hashes, task ids are positions. Latencies and the clock are a surrogate of the data set, so latency is not observed.
 */
import { createHash } from 'node:crypto';
import type { Truth } from '@optikal/contracts';
import { type RecordedRun, readArguments, readCallOutputs, readOutputs, readRuns, readToolNames, readUserTasks } from './agents-files.ts';
import { type RunTruth, runTruth, truthOf } from './agents-truth.ts';
import { ImportError } from './errors.ts';
import type { ObservedCall, ObservedTask } from './observed.ts';

export interface RecordedFiles {
  /** Lines of sessions.jsonl or drift_sessions.jsonl. */
  readonly sessions: Iterable<string>;
  readonly traces: Iterable<string>;
  readonly args: Iterable<string>;
  readonly outputs: Iterable<string>;
  readonly callOutputs: Iterable<string>;
  /** user_tasks.json and tools.json, parsed. */
  readonly userTasks: unknown;
  readonly tools: unknown;
  /** Name of the sessions file: the two files use the same session names. */
  readonly fileName: string;
}

/** For the learning protocol only: the unit of splitting is (model, suite), no run on both sides. */
export interface RecordedGroup {
  readonly model: string;
  readonly suite: string;
  readonly src: string;
  readonly defence: string;
  /** The runs' `cell`; of several, all of them, joined by `+`. */
  readonly cell: string;
  readonly runIds: readonly string[];
  /** Ids in outputs.jsonl of the outputs that hold the injected text, ascending. */
  readonly outIdsInjected: readonly number[];
  /** In drift sessions: the task from which on another model works, and when it starts. */
  readonly swap: { readonly task: number; readonly model: string; readonly timeMs: number } | null;
}

export interface RecordedSession {
  readonly agent: string;
  readonly group: RecordedGroup;
  readonly tasks: readonly ObservedTask[];
  readonly truth: readonly Truth[];
  /** Of the run behind each task, in the order of `tasks`. */
  readonly runs: readonly RunTruth[];
  /** Calls whose output holds the injected text: the oracle of the content plane. */
  readonly flagged: ReadonlySet<string>;
  /** callId → id in outputs.jsonl; calls without a text are absent. */
  readonly outIds: ReadonlyMap<string, number>;
}

interface SessionLine {
  readonly agent: string;
  readonly src: string;
  readonly m: string;
  readonly d: string;
  readonly s: string;
  readonly swap: readonly [number, string] | null;
  readonly tasks: readonly { readonly run: string; readonly turns: readonly number[]; readonly calls: readonly number[] }[];
}

const ERROR_KINDS: readonly string[] = ['', 'tool_error', 'blocked', 'withheld', 'unknown_tool', 'no_result'];

/** Throws ImportError `recorded_reference` or `invalid_json` where the files do not belong together. */
export function readRecordedSessions(files: RecordedFiles): RecordedSession[] {
  const sessions = [...files.sessions].filter((line) => line !== '').map((line) => JSON.parse(line) as SessionLine); // form: make_sessions.py
  const wanted = new Set(sessions.flatMap((session) => session.tasks.map((task) => task.run)));
  const sources: Sources = {
    runs: readRuns(files.traces, wanted),
    callOutputs: readCallOutputs(files.callOutputs, wanted),
    args: readArguments(files.args),
    outputs: readOutputs(files.outputs),
    requests: readUserTasks(files.userTasks),
    tools: readToolNames(files.tools),
  };
  return sessions.map((session) => recordedSession(session, files.fileName, sources));
}

interface Sources {
  readonly runs: ReadonlyMap<string, RecordedRun>;
  readonly callOutputs: ReadonlyMap<string, readonly number[]>;
  readonly args: ReadonlyMap<number, { readonly value: unknown; readonly length: number }>;
  readonly outputs: ReadonlyMap<number, string>;
  readonly requests: ReadonlyMap<string, string>;
  readonly tools: ReadonlyMap<number, string>;
}

function recordedSession(line: SessionLine, fileName: string, sources: Sources): RecordedSession {
  const agent = `a-${createHash('sha256').update(`${fileName}\n${line.agent}`).digest('hex').slice(0, 16)}`;
  const tasks: ObservedTask[] = [];
  const truth: Truth[] = [];
  const runs: RunTruth[] = [];
  const flagged = new Set<string>();
  const outIds = new Map<string, number>();
  const cells = new Set<string>();
  for (let index = 0; index < line.tasks.length; index++) {
    const timed = line.tasks[index]!;
    const run = found(sources.runs.get(timed.run), `run of task ${index} of \`${line.agent}\``);
    const taskId = `t${index}`;
    cells.add(run.cell);
    const outputs = sources.callOutputs.get(timed.run) ?? [];
    const calls = run.calls.map((call, c): ObservedCall => {
      const callId = `${taskId}.c${c}`;
      const outId = outputs[c] ?? -1;
      if (outId >= 0) outIds.set(callId, outId);
      if (call.injected) flagged.add(callId);
      const args = found(sources.args.get(call.argId), `arguments ${call.argId}`);
      return {
        callId,
        turn: call.turn,
        timeMs: toMs(timed.calls[c]),
        tool: found(sources.tools.get(call.tool), `tool ${call.tool}`),
        args: args.value,
        output: outId < 0 ? null : found(sources.outputs.get(outId), `output ${outId}`),
        ok: call.error === 0,
        errorKind: call.error === 0 ? null : (ERROR_KINDS[call.error] ?? 'tool_error'),
        latencyMs: null,
        argBytes: args.length,
        outBytes: call.outChars,
      };
    });
    const turns = timed.turns.map((time, turn) => ({ turn, timeMs: toMs(time), textChars: run.textChars[turn] ?? 0 }));
    const times = [...turns.map((turn) => turn.timeMs), ...calls.map((call) => call.timeMs)];
    const task: ObservedTask = {
      agent,
      session: 's0',
      taskId,
      role: `${line.src}/${line.s}`,
      request: sources.requests.get(`${run.src}|${run.suite}|${run.userTask}`) ?? null,
      startMs: Math.min(...times),
      endMs: Math.max(...times),
      answerChars: run.answerChars,
      // The benchmark's own check of the result is a label, not something an agent says.
      ok: null,
      turns,
      calls,
    };
    tasks.push(task);
    truth.push(...truthOf(run, task));
    runs.push(runTruth(timed.run, run));
  }
  const injected = [...flagged].flatMap((callId) => outIds.get(callId) ?? []);
  const swap = line.swap === null ? null : { task: line.swap[0], model: line.swap[1], timeMs: tasks[line.swap[0]]?.startMs ?? 0 };
  return {
    agent,
    group: {
      model: line.m,
      suite: line.s,
      src: line.src,
      defence: line.d,
      cell: [...cells].sort().join('+'),
      runIds: line.tasks.map((task) => task.run),
      outIdsInjected: [...new Set(injected)].sort((a, b) => a - b),
      swap,
    },
    tasks,
    truth,
    runs,
    flagged,
    outIds,
  };
}

function toMs(seconds: number | undefined): number {
  return Math.round(found(seconds, 'time of a call') * 1000);
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ImportError('recorded_reference', `expected the ${what}, found nothing`);
  return value;
}
