/** The single files of data/agents (forms: its README.md), typed; only what the sessions need is kept. */
import { ImportError } from './errors.ts';

export interface RecordedCall {
  readonly tool: number;
  readonly turn: number;
  readonly argId: number;
  /** 0 fine, 1 tool error, 2 blocked, 3 withheld, 4 unknown tool, 5 no result. */
  readonly error: number;
  readonly outChars: number;
  /** Flag 6: the injected text is in this output. */
  readonly injected: boolean;
  /** Flag 7: serves the attacker's goal. */
  readonly attacker: boolean;
}

export interface RecordedRun {
  readonly src: string;
  readonly model: string;
  readonly suite: string;
  readonly userTask: string;
  /** Part of the data that the run belongs to. */
  readonly cell: string;
  /** Whether the environment held an injection. */
  readonly injection: boolean;
  /** 0 none, 1 goal not reached, 2 reached, 3 the goal was the user's request. */
  readonly outcome: number;
  readonly goalClass: string | null;
  readonly ambiguous: boolean;
  readonly answerChars: number;
  readonly textChars: readonly number[];
  readonly calls: readonly RecordedCall[];
}

interface RunLine {
  readonly id: string;
  readonly src: string;
  readonly m: string;
  readonly s: string;
  readonly u: string;
  readonly i: string | null;
  readonly cell: string;
  readonly y: number;
  readonly cls: string | null;
  readonly amb: number;
  readonly fin: number;
  readonly tl: readonly number[];
  readonly c: readonly (readonly number[])[];
}

/** `wanted` null = all of them. */
export function readRuns(lines: Iterable<string>, wanted: ReadonlySet<string> | null): Map<string, RecordedRun> {
  const runs = new Map<string, RecordedRun>();
  for (const run of parsed<RunLine>(lines, 'traces')) {
    if (wanted !== null && !wanted.has(run.id)) continue;
    runs.set(run.id, {
      src: run.src,
      model: run.m,
      suite: run.s,
      userTask: run.u,
      cell: run.cell,
      injection: run.i !== null,
      outcome: run.y,
      goalClass: run.cls,
      ambiguous: run.amb !== 0,
      answerChars: run.fin,
      textChars: run.tl,
      calls: run.c.map((c) => ({
        tool: c[0]!,
        turn: c[1]!,
        argId: c[3]!,
        error: c[4]!,
        outChars: c[5]!,
        injected: c[6] === 1,
        attacker: c[7] === 1,
      })),
    });
  }
  return runs;
}

/** Arguments are cut at 400 characters in the file; what is then no JSON stays text, and `length` is the true one. */
export function readArguments(lines: Iterable<string>): Map<number, { value: unknown; length: number }> {
  const args = new Map<number, { value: unknown; length: number }>();
  for (const [id, , text, length] of parsed<[number, number, string, number]>(lines, 'args')) args.set(id, { value: jsonOr(text), length });
  return args;
}

export function readOutputs(lines: Iterable<string>): Map<number, string> {
  return new Map(parsed<[number, string]>(lines, 'outputs'));
}

/** `wanted` null = of all runs. */
export function readCallOutputs(lines: Iterable<string>, wanted: ReadonlySet<string> | null): Map<string, readonly number[]> {
  const all = new Map<string, readonly number[]>();
  for (const [run, ids] of parsed<[string, number[]]>(lines, 'call_outputs')) if (wanted === null || wanted.has(run)) all.set(run, ids);
  return all;
}

/** `src|suite|task` → the user's request. */
export function readUserTasks(value: unknown): Map<string, string> {
  if (typeof value !== 'object' || value === null) throw new ImportError('field_invalid', 'user_tasks: expected an object');
  return new Map(Object.entries(value as Record<string, string>)); // form: README
}

export function readToolNames(value: unknown): Map<number, string> {
  if (!Array.isArray(value)) throw new ImportError('field_invalid', 'tools: expected an array');
  return new Map((value as { id: number; name: string }[]).map((tool) => [tool.id, tool.name])); // form: README
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function* parsed<T>(lines: Iterable<string>, file: string): Generator<T> {
  let number = 0;
  for (const line of lines) {
    number++;
    if (line === '') continue;
    try {
      yield JSON.parse(line) as T; // the form is the data set's, checked by the references between its files
    } catch {
      throw new ImportError('invalid_json', `${file} line ${number}: expected JSON`);
    }
  }
}
