/**
 * The journal of a study: Optuna 5's JournalFileBackend format, a JSON object a line. Optuna reads ours and goes on, we read Optuna's. A last line
 * that is cut off (the process was killed while writing it) is left out; a broken line before others is an error.
 */
import { MlError } from '../errors.ts';
import type { Choices, Distribution, FloatRange, IntRange } from './space.ts';
import { newTrial, type RecordedParameter, type TrialRecord, type TrialState } from './trial.ts';

const OP = { createStudy: 0, studyUserAttr: 2, createTrial: 4, parameter: 5, state: 6, report: 7, trialSystemAttr: 9 } as const;
const STATES: readonly TrialState[] = ['running', 'complete', 'pruned', 'failed'];
const WORKER = 'optikal';
const OWN = 'optikal:options';
const RUNG = /^completed_rung_(\d+)$/;

/** What of a study's options decides its suggestions; kept in the journal, so that who goes on goes on alike. */
export interface KeptOptions {
  readonly seed: number | string;
}

export interface JournalWriter {
  study(name: string, direction: 'minimize' | 'maximize', kept: KeptOptions): void;
  trial(): void;
  parameter(trial: number, name: string, parameter: RecordedParameter): void;
  report(trial: number, step: number, value: number): void;
  rung(trial: number, rung: number, value: number): void;
  over(trial: number, state: TrialState, value: number | null): void;
}

export function journalWriter(onLine: (line: string) => void, now: () => string): JournalWriter {
  const write = (op: number, more: object) => {
    onLine(JSON.stringify({ op_code: op, worker_id: WORKER, ...more }));
  };
  return {
    study(name, direction, kept) {
      write(OP.createStudy, { study_name: name, directions: [direction === 'minimize' ? 1 : 2] });
      write(OP.studyUserAttr, { study_id: 0, user_attr: { [OWN]: kept } });
    },
    trial: () => write(OP.createTrial, { study_id: 0, datetime_start: now() }),
    parameter: (trial, name, { distribution, internal }) =>
      write(OP.parameter, {
        trial_id: trial,
        param_name: name,
        param_value_internal: internal,
        distribution: distributionText(distribution),
      }),
    report: (trial, step, value) => write(OP.report, { trial_id: trial, step, intermediate_value: Number.isNaN(value) ? null : value }),
    rung: (trial, rung, value) => write(OP.trialSystemAttr, { trial_id: trial, system_attr: { [`completed_rung_${rung}`]: value } }),
    over: (trial, state, value) =>
      write(OP.state, {
        trial_id: trial,
        state: STATES.indexOf(state),
        values: value === null ? null : [value],
        datetime_complete: now(),
      }),
  };
}

export interface ReadJournal {
  readonly name: string;
  readonly direction: 'minimize' | 'maximize';
  /** null = another program began it. */
  readonly kept: KeptOptions | null;
  readonly trials: TrialRecord[];
  /** Whole lines; what follows them is to be cut off before the next is added. */
  readonly lines: number;
}

/** null = there is no study in it. ML_FILE_CORRUPT. */
export function readJournal(text: string): ReadJournal | null {
  const lines = text.split('\n');
  // What stands behind the last line break is not whole, or nothing.
  lines.pop();
  let study: { name: string; direction: 'minimize' | 'maximize' } | null = null;
  let kept: KeptOptions | null = null;
  const trials: TrialRecord[] = [];
  lines.forEach((line, at) => {
    const entry = parse(line, at);
    const trialOf = () => {
      const trial = trials[entry.trial_id ?? -1];
      if (trial === undefined) throw corrupt(at, 'a trial that was created', entry.trial_id);
      return trial;
    };
    switch (entry.op_code) {
      case OP.createStudy:
        if (study !== null) throw corrupt(at, 'one study', 'another');
        if (entry.directions?.length !== 1) throw corrupt(at, 'one direction', entry.directions?.length);
        study = { name: String(entry.study_name), direction: entry.directions[0] === 2 ? 'maximize' : 'minimize' };
        break;
      case OP.studyUserAttr: {
        const own = entry.user_attr?.[OWN];
        if (typeof own === 'object' && own !== null && 'seed' in own && (typeof own.seed === 'string' || typeof own.seed === 'number'))
          kept = { seed: own.seed };
        break;
      }
      case OP.createTrial:
        trials.push(newTrial(trials.length));
        break;
      case OP.parameter:
        trialOf().parameters.set(String(entry.param_name), {
          distribution: distributionOf(entry.distribution, at),
          internal: finite(entry.param_value_internal, at),
        });
        break;
      case OP.state: {
        const trial = trialOf();
        const state = STATES[entry.state ?? -1];
        if (state === undefined && entry.state !== 4) throw corrupt(at, 'a state', entry.state);
        trial.state = state ?? 'running';
        trial.value = entry.values?.[0] ?? null;
        break;
      }
      case OP.report:
        trialOf().reports.set(finite(entry.step, at), entry.intermediate_value ?? Number.NaN);
        break;
      case OP.trialSystemAttr:
        for (const [name, value] of Object.entries(entry.system_attr ?? {})) {
          const rung = RUNG.exec(name);
          if (rung !== null) trialOf().rungs[Number(rung[1])] = finite(value, at);
        }
        break;
      default: // what other programs note beside
    }
  });
  return study === null ? null : { ...(study as { name: string; direction: 'minimize' | 'maximize' }), kept, trials, lines: lines.length };
}

/** The fields that are read, of whichever entry. */
interface Entry {
  readonly op_code: number;
  readonly study_name?: unknown;
  readonly directions?: readonly number[];
  readonly user_attr?: Readonly<Record<string, unknown>>;
  readonly system_attr?: Readonly<Record<string, unknown>>;
  readonly trial_id?: number;
  readonly param_name?: unknown;
  readonly param_value_internal?: unknown;
  readonly distribution?: unknown;
  readonly state?: number;
  readonly values?: readonly (number | null)[] | null;
  readonly step?: unknown;
  readonly intermediate_value?: number | null;
}

function parse(line: string, at: number): Entry {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === 'object' && entry !== null && 'op_code' in entry && typeof entry.op_code === 'number') return entry as Entry; // fields are checked where they are read
  } catch {
    // told below
  }
  throw corrupt(at, 'a JSON object with op_code', line.slice(0, 40));
}

function finite(value: unknown, at: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw corrupt(at, 'a finite number', value);
  return value;
}

function corrupt(at: number, expected: string, found: unknown): MlError {
  return new MlError('ML_FILE_CORRUPT', { name: `journal line ${at + 1}`, expected, found: String(found) });
}

function distributionText(distribution: Distribution): string {
  if (distribution.kind === 'categorical')
    return JSON.stringify({ name: 'CategoricalDistribution', attributes: { choices: distribution.choices } });
  const { low, high, log, step } = distribution;
  return JSON.stringify({
    name: distribution.kind === 'float' ? 'FloatDistribution' : 'IntDistribution',
    attributes: { step, low, high, log },
  });
}

function distributionOf(text: unknown, at: number): Distribution {
  let read: unknown;
  try {
    read = JSON.parse(String(text));
  } catch {
    throw corrupt(at, 'a distribution as JSON', text);
  }
  const { name, attributes } = read as { name?: unknown; attributes?: Readonly<Record<string, unknown>> }; // checked below
  const { low, high, log, step, choices } = attributes ?? {};
  if (name === 'CategoricalDistribution' && Array.isArray(choices)) return { kind: 'categorical', choices: choices as Choices['choices'] }; // JSON scalars, as they were written
  if (name === 'FloatDistribution' || name === 'IntDistribution') {
    const range = { low: finite(low, at), high: finite(high, at), log: log === true };
    if (name === 'IntDistribution') return { kind: 'int', ...range, step: finite(step ?? 1, at) } satisfies IntRange;
    return { kind: 'float', ...range, step: step === null || step === undefined ? null : finite(step, at) } satisfies FloatRange;
  }
  throw corrupt(at, 'a distribution of Optuna', name);
}
