/**
 * The gateway's verdicts on the outputs of a task, as events: one per output, a millisecond after its call. For recorded agents the
 * verdicts come from a detector (real), from the truth (oracle) or not at all (none); the learning protocol reports all three.
 */
import type { Event } from '@optikal/contracts';

export interface ValidatedTask {
  readonly tenant?: string;
  readonly agent: string;
  readonly session: string | null;
  readonly taskId: string;
  readonly calls: readonly { readonly callId: string; readonly timeMs: number; readonly output: string | null }[];
}

export interface Verdict {
  readonly verdict: 'allow' | 'redact' | 'block';
  /** Probability of an injection, 0–1. */
  readonly score: number;
}

const SOURCE = 'optikal/import';
const DELAY_MS = 1;
const FLAGGED_SCORE = 0.5;
/** An oracle that is never quite sure: a probability of 1 would have an infinite logit. */
const ORACLE = { flagged: 0.98, clean: 0.02 } as const;

/** What an oracle says of the output of a call. `flagged`: the calls whose output holds the injected text. */
export function oracleScore(flagged: ReadonlySet<string>, callId: string): number {
  return flagged.has(callId) ? ORACLE.flagged : ORACLE.clean;
}

/** `scoreOf`: probability that the output of a call holds an injection; null = the gateway did not look. ½ and above is blocked. */
export function scoredEvents(task: ValidatedTask, scoreOf: (callId: string) => number | null): Event[] {
  return validationEvents(task, (callId) => {
    const score = scoreOf(callId);
    return score === null ? null : { verdict: score >= FLAGGED_SCORE ? 'block' : 'allow', score };
  });
}

/** `verdictOf` is asked for each call with an output; null = the gateway did not look. */
export function validationEvents(task: ValidatedTask, verdictOf: (callId: string, output: string) => Verdict | null): Event[] {
  const events: Event[] = [];
  for (const { callId, timeMs, output } of task.calls) {
    const found = output === null ? null : verdictOf(callId, output);
    if (found === null) continue;
    events.push({
      id: `${callId}:output`,
      source: `${SOURCE}/${task.agent}`.slice(0, 256),
      type: 'argus.io.validation.v1',
      tenant: task.tenant ?? 'default',
      agent: task.agent,
      timeMs: timeMs + DELAY_MS,
      session: task.session,
      task: task.taskId,
      correlation: null,
      sequence: null,
      data: {
        direction: 'tool_output',
        callId,
        taskId: task.taskId,
        verdict: found.verdict,
        // A recording was not enforced on: what happened happened.
        enforcement: 'allowed',
        score: found.score,
        findings: found.verdict === 'allow' ? [] : [{ kind: 'prompt_injection', score: found.score }],
      },
    });
  }
  return events;
}
