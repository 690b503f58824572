/**
 * How an agent worked through one task, in a dozen numbers that say little of what the task was and much of who worked: text written beside
 * tool calls, calls a turn, the length of the answer. Counted call by call, so that a task that spans windows needs no memory of its calls.
 * Another model under the same name writes and calls otherwise.
 */
import type { Call } from '@optikal/contracts';

/** One number a task each; NaN = not observed. Lengths are ln(1 + characters), as their spread grows with their size. */
export const DRIFT_FEATURES = [
  'text_beside_calls',
  'text_share',
  'answer',
  'turns',
  'calls',
  'calls_per_turn',
  'widest_turn',
  'errors',
  'repeats',
  'arguments',
] as const;
export type DriftFeature = (typeof DRIFT_FEATURES)[number];

/** Of the calls of a task so far. Plain numbers: it is stored with the open task. */
export interface TaskTally {
  calls: number;
  failed: number;
  repeated: number;
  /** Turns with a call; of those, turns whose text was observed, and turns with text. */
  callTurns: number;
  textSeen: number;
  textTurns: number;
  /** Sum of ln(1 + characters) over the turns whose text was observed. */
  textLogs: number;
  argSeen: number;
  argLogs: number;
  /** The present turn, and its calls; the most calls of any turn. */
  turn: number;
  turnCalls: number;
  widest: number;
}

/** What the end of a task adds. */
export interface TaskEnd {
  readonly turns: number | null;
  readonly answerChars: number | null;
}

export function newTally(): TaskTally {
  return {
    calls: 0,
    failed: 0,
    repeated: 0,
    callTurns: 0,
    textSeen: 0,
    textTurns: 0,
    textLogs: 0,
    argSeen: 0,
    argLogs: 0,
    turn: -1,
    turnCalls: 0,
    widest: 0,
  };
}

/** Counts a call; `repeated` = the same tool with the same arguments came before in this task. A call without a turn is one of its own. */
export function tallyCall(tally: TaskTally, call: Pick<Call, 'turn' | 'ok' | 'argBytes' | 'textCharsThisTurn'>, repeated: boolean): void {
  tally.calls++;
  if (!call.ok) tally.failed++;
  if (repeated) tally.repeated++;
  if (call.argBytes !== null) {
    tally.argSeen++;
    tally.argLogs += Math.log1p(call.argBytes);
  }
  if (call.turn === null || call.turn !== tally.turn) {
    tally.turn = call.turn ?? tally.turn + 1;
    tally.turnCalls = 0;
    tally.callTurns++;
    if (call.textCharsThisTurn !== null) {
      tally.textSeen++;
      if (call.textCharsThisTurn > 0) tally.textTurns++;
      tally.textLogs += Math.log1p(call.textCharsThisTurn);
    }
  }
  tally.turnCalls++;
  tally.widest = Math.max(tally.widest, tally.turnCalls);
}

/** The numbers of a task that ended, in the order of DRIFT_FEATURES; `end` null = its end was not announced. */
export function taskValues(tally: TaskTally, end: TaskEnd | null): Float64Array {
  const { calls, callTurns, textSeen, argSeen } = tally;
  const share = (part: number, whole: number) => (whole === 0 ? Number.NaN : part / whole);
  return Float64Array.of(
    share(tally.textLogs, textSeen),
    share(tally.textTurns, textSeen),
    logOf(end?.answerChars ?? null),
    logOf(end?.turns ?? null),
    Math.log1p(calls),
    Math.log(share(calls, callTurns)),
    tally.widest === 0 ? Number.NaN : Math.log(tally.widest),
    share(tally.failed, calls),
    share(tally.repeated, calls),
    share(tally.argLogs, argSeen),
  );
}

function logOf(count: number | null): number {
  return count === null ? Number.NaN : Math.log1p(count);
}
