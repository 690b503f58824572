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

export type ContentSource = 'none' | 'oracle';

const SOURCE = 'optikal/import';
const DELAY_MS = 1;
/** An oracle that is never quite sure: a probability of 1 would have an infinite logit. */
const ORACLE = { flagged: { verdict: 'block', score: 0.98 }, clean: { verdict: 'allow', score: 0.02 } } as const;

/** `flagged`: the calls whose output holds the injected text. */
export function validationsFor(task: ValidatedTask, content: ContentSource, flagged: ReadonlySet<string>): Event[] {
  if (content === 'none') return [];
  return validationEvents(task, (callId) => (flagged.has(callId) ? ORACLE.flagged : ORACLE.clean));
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
