/** A search for the parameters that make an objective best: ask, try, tell. */
import { MlError } from '../errors.ts';
import { createRandom } from '../random.ts';
import { type JournalWriter, journalWriter, readJournal } from './journal.ts';
import { type ResolvedStudyOptions, resolveStudyOptions, type StudyOptions } from './options.ts';
import { shouldStop } from './pruning.ts';
import {
  choicesOf,
  type Distribution,
  externalOf,
  type FloatOptions,
  floatRange,
  type IntOptions,
  internalOf,
  intRange,
  isSingle,
  type ParameterValue,
  sameDistribution,
} from './space.ts';
import { knowsEnough, randomValue, type SearchSpace, sharedSpace, suggest } from './tpe.ts';
import { newTrial, type TrialRecord, type TrialState } from './trial.ts';

/** A trial as it stands, for looking at. */
export interface TrialView {
  readonly number: number;
  readonly state: TrialState;
  /** Of a complete trial its value, of a pruned one the last reported, else null. */
  readonly value: number | null;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly distributions: Readonly<Record<string, Distribution>>;
  readonly reports: readonly { readonly step: number; readonly value: number }[];
}

/** What an objective gets: it asks for its parameters by name, and may report values on the way. */
export interface Trial {
  readonly number: number;
  /** A number in [low, high]. The same name gives the same value again. ML_BAD_OPTION (bad range, or another one than before). */
  suggestFloat(name: string, low: number, high: number, options?: FloatOptions): number;
  /** An integer in [low, high]. ML_BAD_OPTION. */
  suggestInt(name: string, low: number, high: number, options?: IntOptions): number;
  /** One of the choices. ML_BAD_OPTION. */
  suggestCategorical<T extends ParameterValue>(name: string, choices: readonly T[]): T;
  /** The objective's value so far, at a step (from 0, once each). ML_BAD_OPTION. */
  report(value: number, step: number): void;
  /** Whether the study's pruning says that it is not worth going on; then tell the study `pruned`. */
  shouldPrune(): boolean;
}

export interface Study {
  readonly direction: 'minimize' | 'maximize';
  readonly trials: readonly TrialView[];
  /** The best complete trial, the earliest of equals; null = none is complete. */
  readonly best: TrialView | null;
  /** The next trial: one that was running when the journal ended, else a new one. */
  ask(): Trial;
  /** What came of it: a value, or that it was stopped or failed. A value that is not finite is a failure. ML_BAD_OPTION (not running). */
  tell(trial: Trial | number, outcome: number | 'pruned' | 'failed'): void;
  /** Asks, tries and tells, until so many trials are over in all. An objective returns its value, or `pruned`. What it throws is a failed trial and is thrown on. */
  optimize(objective: (trial: Trial) => number | 'pruned', trials: number): void;
}

/**
 * A new study. Suggestions depend on the seed and on the trials before, so the same objective gives the same trials on every machine.
 * ML_UNKNOWN_OPTION, ML_BAD_OPTION. Source: Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization"; defaults as in Optuna 5.
 *
 * @example
 * const study = createStudy({ seed: 1 });
 * study.optimize((trial) => (trial.suggestFloat('x', -10, 10) - 2) ** 2, 50);
 * study.best?.parameters; // { x: about 2 }
 */
export function createStudy(options: StudyOptions = {}): Study {
  const resolved = resolveStudyOptions(options);
  const journal = journalWriter(resolved.onLine, resolved.now);
  journal.study(resolved.name, resolved.direction, { seed: resolved.seed });
  return new TpeStudy(resolved, journal, []);
}

export interface RestoredStudy {
  readonly study: Study;
  /** Whole lines of the journal; whatever follows them was cut off while it was written, and must go before more is added. */
  readonly lines: number;
}

/**
 * A study from its journal, ours or Optuna's: the next suggestion is the one that would have come. Seed, name and direction are the journal's; the
 * rest are `options`. ML_FILE_CORRUPT (a broken line, or no study), ML_UNKNOWN_OPTION, ML_BAD_OPTION.
 */
export function restoreStudy(text: string, options: StudyOptions = {}): RestoredStudy {
  const read = readJournal(text);
  if (read === null) throw new MlError('ML_FILE_CORRUPT', { name: 'journal', expected: 'a study', found: 'none' });
  const { name, direction, kept, trials, lines } = read;
  const resolved = resolveStudyOptions({ ...options, name, direction, ...kept });
  return { study: new TpeStudy(resolved, journalWriter(resolved.onLine, resolved.now), trials), lines };
}

/** No range of a parameter: it has no choice. */
const NOWHERE: Distribution = { kind: 'categorical', choices: [] };

class TpeStudy implements Study {
  readonly #options: ResolvedStudyOptions;
  readonly #journal: JournalWriter;
  readonly #trials: TrialRecord[];
  /** The latest range of each name. */
  readonly #distributions = new Map<string, Distribution>();
  /** Running trials that nobody works on: they were running when the journal ended. */
  readonly #interrupted: TrialRecord[];

  constructor(options: ResolvedStudyOptions, journal: JournalWriter, trials: TrialRecord[]) {
    this.#options = options;
    this.#journal = journal;
    this.#trials = trials;
    this.#interrupted = trials.filter(({ state }) => state === 'running');
  }

  get direction(): 'minimize' | 'maximize' {
    return this.#options.direction;
  }

  get trials(): readonly TrialView[] {
    return this.#trials.map(viewOf);
  }

  get best(): TrialView | null {
    const sign = this.#sign;
    let best: TrialRecord | null = null;
    for (const trial of this.#trials)
      if (trial.state === 'complete' && trial.value !== null && (best?.value == null || sign * trial.value < sign * best.value))
        best = trial;
    return best === null ? null : viewOf(best);
  }

  ask(): Trial {
    const interrupted = this.#interrupted.shift();
    if (interrupted !== undefined) {
      // It is tried again from its start.
      interrupted.reports.clear();
      interrupted.rungs.length = 0;
      return this.#handle(interrupted);
    }
    const trial = newTrial(this.#trials.length);
    this.#trials.push(trial);
    this.#journal.trial();
    return this.#handle(trial);
  }

  tell(trial: Trial | number, outcome: number | 'pruned' | 'failed'): void {
    const number = typeof trial === 'number' ? trial : trial.number;
    const record = this.#trials[number];
    if (record?.state !== 'running') throw bad('trial', 'a running trial', number);
    const isValue = typeof outcome === 'number';
    record.state = isValue ? (Number.isFinite(outcome) ? 'complete' : 'failed') : outcome;
    const last = [...record.reports].sort(([a], [b]) => a - b).at(-1)?.[1];
    const told = record.state === 'complete' ? outcome : record.state === 'pruned' ? last : null;
    record.value = typeof told === 'number' && Number.isFinite(told) ? told : null;
    this.#journal.over(number, record.state, record.value);
  }

  optimize(objective: (trial: Trial) => number | 'pruned', trials: number): void {
    while (this.#trials.filter(({ state }) => state !== 'running').length < trials) {
      const trial = this.ask();
      let outcome: number | 'pruned';
      try {
        outcome = objective(trial);
      } catch (error) {
        this.tell(trial, 'failed');
        throw error;
      }
      this.tell(trial, outcome);
    }
  }

  get #sign(): 1 | -1 {
    return this.#options.direction === 'minimize' ? 1 : -1;
  }

  #handle(record: TrialRecord): Trial {
    const { number } = record;
    const random = createRandom(this.#options.seed).fork(`trial ${number}`);
    const enough = knowsEnough(this.#before(record), this.#options.startupTrials);
    // A point over all parameters that every trial has had, when first one of them is asked for.
    let joint: ReadonlyMap<string, number> | null = null;
    let space: SearchSpace = new Map();
    const jointly = (name: string, distribution: Distribution): number | undefined => {
      if (!this.#options.multivariate || !enough) return undefined;
      if (joint === null) {
        const before = this.#before(record);
        space = sharedSpace(before);
        joint = space.size === 0 ? new Map() : suggest(space, before, record, random.fork('joint'), this.#options);
      }
      return sameDistribution(space.get(name) ?? NOWHERE, distribution) ? joint.get(name) : undefined;
    };
    const suggestInternal = (name: string, distribution: Distribution): number => {
      if (isSingle(distribution)) return distribution.kind === 'categorical' ? 0 : distribution.low;
      const found = jointly(name, distribution);
      if (found !== undefined) return found;
      const own = random.fork(`parameter ${name}`);
      if (!enough) return randomValue(distribution, own);
      return suggest(new Map([[name, distribution]]), this.#before(record), record, own, this.#options).get(name)!; // the space's one name
    };
    const parameter = (name: string, distribution: Distribution): ParameterValue => {
      this.#checkRunning(record);
      const known = record.parameters.get(name);
      if (known !== undefined) {
        if (!sameDistribution(known.distribution, distribution))
          throw bad(name, 'the range it had before in this trial', JSON.stringify(distribution));
        return externalOf(known.distribution, known.internal);
      }
      // One object a range, so that ranges are compared at a glance.
      const kept = this.#distributions.get(name);
      const own = kept !== undefined && sameDistribution(kept, distribution) ? kept : distribution;
      this.#distributions.set(name, own);
      const added = { distribution: own, internal: suggestInternal(name, own) };
      record.parameters.set(name, added);
      this.#journal.parameter(number, name, added);
      return externalOf(distribution, added.internal);
    };
    return {
      number,
      suggestFloat: (name, low, high, options) => Number(parameter(name, floatRange(name, low, high, options))),
      suggestInt: (name, low, high, options) => Number(parameter(name, intRange(name, low, high, options))),
      suggestCategorical: (name, choices) => choices[internalOf(choicesOf(name, choices), parameter(name, choicesOf(name, choices)))]!, // one of them
      report: (value, step) => {
        this.#checkRunning(record);
        if (!Number.isSafeInteger(step) || step < 0) throw bad('step', 'an integer from 0', step);
        if (record.reports.has(step)) throw bad('step', 'reported once', step);
        record.reports.set(step, value);
        this.#journal.report(number, step, value);
      },
      shouldPrune: () => {
        this.#checkRunning(record);
        const rungs = record.rungs.length;
        const stop = shouldStop(
          this.#options.pruning,
          record,
          this.#trials.filter((trial) => trial !== record),
          this.#sign,
        );
        for (let rung = rungs; rung < record.rungs.length; rung++) this.#journal.rung(number, rung, record.rungs[rung]!);
        return stop;
      },
    };
  }

  /** Trials that were asked for earlier. Later ones, of parallel workers, do not change what this one gets. */
  #before(record: TrialRecord): readonly TrialRecord[] {
    return this.#trials.slice(0, record.number);
  }

  #checkRunning({ number, state }: TrialRecord): void {
    if (state !== 'running') throw bad('trial', 'running', `${number}, ${state}`);
  }
}

function viewOf({ number, state, value, parameters, reports }: TrialRecord): TrialView {
  return {
    number,
    state,
    value,
    parameters: Object.fromEntries([...parameters].map(([name, { distribution, internal }]) => [name, externalOf(distribution, internal)])),
    distributions: Object.fromEntries([...parameters].map(([name, { distribution }]) => [name, distribution])),
    reports: [...reports].sort(([a], [b]) => a - b).map(([step, reported]) => ({ step, value: reported })),
  };
}

function bad(name: string, expected: string, found: unknown): MlError {
  return new MlError('ML_BAD_OPTION', { name, expected, found: String(found) });
}
