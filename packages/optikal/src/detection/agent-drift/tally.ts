/**
 * How an agent worked through one task, in a dozen numbers that say little of what the task was and much of who worked: text written beside
 * tool calls, calls a turn, the length of the answer. Counted call by call, so that a task that spans windows needs no memory of its calls.
 * Another model under the same name writes and calls otherwise.
 */
import type { Call } from '@optikal/contracts';
import { log } from '@optikal/ml';

export interface DriftFeature {
  readonly name: string;
  readonly label: string;
  readonly unit: string;
  /** Above it a value counts as this much: what is stored has a bounded number of levels. */
  readonly most: number;
  /** Stands for its values in the directions (directions.ts); the others are a part of one that does, and are only compared. */
  readonly directed: boolean;
}

/** e^12.4 = 240,000 characters. */
const MOST_LOG = 12.4;

/** One number a task each; NaN = not observed. Lengths and counts are ln(1 + x), as their spread grows with their size. */
export const DRIFT_FEATURES: readonly DriftFeature[] = [
  logs('text_beside_calls', 'text written beside the calls of a turn', 'ln(1 + characters)'),
  share('text_share', 'turns with calls that hold text'),
  logs('answer', 'length of the final answer', 'ln(1 + characters)'),
  logs('turns', 'turns of a task', 'ln(1 + turns)', 6.2),
  logs('calls', 'calls of a task', 'ln(1 + calls)', 6.2),
  logs('calls_per_turn', 'calls of a turn', 'ln(calls)', 3.1),
  logs('widest_turn', 'most calls of one turn', 'ln(calls)', 3.1),
  share('errors', 'calls that failed'),
  share('repeats', 'calls with the arguments of an earlier one'),
  logs('arguments', 'length of the arguments of a call', 'ln(1 + bytes)'),
  logs('first_text', 'text written beside the first calls', 'ln(1 + characters)'),
  logs('all_text', 'text written in all', 'ln(1 + characters)'),
  { ...logs('text_length', 'text of a turn that holds any', 'ln(1 + characters)'), directed: false },
  { ...logs('silent_turns', 'turns without a call', 'ln(1 + turns)', 3.1), directed: false },
];

function logs(name: string, label: string, unit: string, most = MOST_LOG): DriftFeature {
  return { name, label, unit, most, directed: true };
}

function share(name: string, label: string): DriftFeature {
  return { name, label, unit: 'share', most: 1, directed: true };
}

/** Of the calls of a task so far. Plain numbers: it is stored with the open task. */
export interface TaskTally {
  calls: number;
  failed: number;
  repeated: number;
  /** Turns with a call; of those, turns whose text was observed, and turns with text. */
  callTurns: number;
  textSeen: number;
  textTurns: number;
  /** Sum over those turns of characters, and of ln(1 + characters); characters of the first turn, null = not observed. */
  textChars: number;
  textLogs: number;
  firstText: number | null;
  argSeen: number;
  argLogs: number;
  /** The present turn, and its calls; the most calls of any turn. */
  turn: number;
  turnCalls: number;
  widest: number;
  /** As the end of the task says; null = it did not. */
  turns: number | null;
  answerChars: number | null;
}

const NEW: TaskTally = {
  calls: 0,
  failed: 0,
  repeated: 0,
  callTurns: 0,
  textSeen: 0,
  textTurns: 0,
  textChars: 0,
  textLogs: 0,
  firstText: null,
  argSeen: 0,
  argLogs: 0,
  turn: -1,
  turnCalls: 0,
  widest: 0,
  turns: null,
  answerChars: null,
};
const TALLY_FIELDS = Object.keys(NEW) as (keyof TaskTally)[]; // the keys of an object literal of this type

export function newTally(): TaskTally {
  return { ...NEW };
}

/** Counts a call; `repeated` = the same tool with the same arguments came before in this task. A call without a turn is one of its own. */
export function tallyCall(tally: TaskTally, call: Pick<Call, 'turn' | 'ok' | 'argBytes' | 'textCharsThisTurn'>, repeated: boolean): void {
  tally.calls++;
  if (!call.ok) tally.failed++;
  if (repeated) tally.repeated++;
  if (call.argBytes !== null) {
    tally.argSeen++;
    tally.argLogs += log(1 + call.argBytes);
  }
  if (call.turn === null || call.turn !== tally.turn) {
    tally.turn = call.turn ?? tally.turn + 1;
    tally.turnCalls = 0;
    tally.callTurns++;
    if (tally.callTurns === 1) tally.firstText = call.textCharsThisTurn;
    if (call.textCharsThisTurn !== null) {
      tally.textSeen++;
      if (call.textCharsThisTurn > 0) tally.textTurns++;
      tally.textChars += call.textCharsThisTurn;
      tally.textLogs += log(1 + call.textCharsThisTurn);
    }
  }
  tally.turnCalls++;
  tally.widest = Math.max(tally.widest, tally.turnCalls);
}

/** What the end of the task says of it. */
export function tallyEnd(tally: TaskTally, { turns, answerChars }: Pick<TaskTally, 'turns' | 'answerChars'>): void {
  tally.turns = turns;
  tally.answerChars = answerChars;
}

/** The numbers of a task that ended, in the order of DRIFT_FEATURES. */
export function taskValues(tally: TaskTally): Float64Array {
  const { calls, callTurns, textSeen, argSeen, turns, answerChars: answer } = tally;
  return Float64Array.of(
    ratio(tally.textLogs, textSeen),
    ratio(tally.textTurns, textSeen),
    logOf(answer),
    logOf(turns),
    logOf(calls),
    log(ratio(calls, callTurns)),
    tally.widest === 0 ? Number.NaN : log(tally.widest),
    ratio(tally.failed, calls),
    ratio(tally.repeated, calls),
    ratio(tally.argLogs, argSeen),
    logOf(tally.firstText),
    logOf(answer === null || (textSeen === 0 && callTurns > 0) ? null : tally.textChars + answer),
    ratio(tally.textLogs, tally.textTurns),
    logOf(turns === null ? null : Math.max(0, turns - callTurns)),
  );
}

/** Its numbers in a fixed order: shorter than with their names, and stored with each open task. */
export function encodeTally(tally: TaskTally): readonly (number | null)[] {
  return TALLY_FIELDS.map((name) => tally[name]);
}

export function decodeTally(encoded: readonly (number | null)[]): TaskTally {
  return Object.fromEntries(TALLY_FIELDS.map((name, i) => [name, encoded[i]!])) as unknown as TaskTally; // written by encodeTally
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? Number.NaN : part / whole;
}

function logOf(count: number | null): number {
  return count === null ? Number.NaN : log(1 + count);
}
