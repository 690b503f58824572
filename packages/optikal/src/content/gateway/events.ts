/**
 * The gateway's verdicts on one task as events: on the request, on each output, on the answer. Ids follow from the calls, so importing the
 * same input twice sends duplicates. An importer watches: what it would have stopped went through, and the events say so.
 */
import { createHash } from 'node:crypto';
import type { Event, IoValidation } from '@optikal/contracts';
import type { Checked, Gateway } from '../gateway.ts';
import type { Direction, TextContext } from '../injection/contract.ts';

/** The shape of an observed task that is needed here. */
export interface GatewayTask {
  readonly tenant?: string;
  readonly agent: string;
  readonly session: string | null;
  readonly taskId: string;
  readonly request: string | null;
  readonly calls: readonly { readonly callId: string; readonly timeMs: number; readonly tool: string; readonly output: string | null }[];
}

const SOURCE = 'optikal/import';
const DEFAULT_TENANT = 'default';
const MAX_SHORT = 256;
const HASH_CHARS = 16;
/** The text was there before anyone judged it, and a finding is told after the verdict; an answer ends its task, and nothing comes after it. */
const [VERDICT_DELAY_MS, VIOLATION_DELAY_MS] = [1, 2];
/** ½ and above counts as flagged everywhere in the product. */
const FLAGGED_SCORE = 0.5;

/** Of each call, in the order of `task.calls`; null = there is no output. */
export function checkOutputs(gateway: Gateway, task: GatewayTask): (Checked | null)[] {
  return task.calls.map(({ output, tool }) =>
    output === null ? null : gateway.check(output, { direction: 'tool_output', request: task.request, tool }),
  );
}

/** Whether provenance takes an output as flagged. */
export function isFlagged(checked: Checked | null): boolean {
  return checked !== null && checked.score !== null && checked.score >= FLAGGED_SCORE;
}

/** `checks` as `checkOutputs` gave them. */
export function outputEvents(task: GatewayTask, checks: readonly (Checked | null)[]): Event[] {
  return task.calls.flatMap(({ callId, timeMs }, i) => {
    const checked = checks[i] ?? null;
    return checked === null ? [] : eventsOf(task, 'tool_output', callId, timeMs, checked);
  });
}

/** On the user's request; empty where it was not observed. */
export function requestEvents(gateway: Gateway, task: GatewayTask, startMs: number): Event[] {
  if (task.request === null) return [];
  // What the user says is no instruction of a stranger because the user said it: the request is judged as a text, not against itself.
  return eventsOf(task, 'input', null, startMs, gateway.check(task.request, { direction: 'input', request: null, tool: null }));
}

/** On the agent's answer, at the end of its task; empty where it was not observed. */
export function answerEvents(gateway: Gateway, task: GatewayTask, answer: string | null, endMs: number): Event[] {
  if (answer === null) return [];
  const checked = gateway.check(answer, { direction: 'output', request: task.request, tool: null });
  return eventsOf(task, 'output', null, endMs, checked);
}

/** The verdict as the message has it. `enforcement`: what was done with it; null = not known. */
export function validationOf(
  { verdict, score, findings }: Checked,
  { direction }: Pick<TextContext, 'direction'>,
  ids: Pick<IoValidation, 'callId' | 'taskId' | 'enforcement'>,
): IoValidation {
  return { direction, ...ids, verdict, score, findings: findings.map((finding) => ({ ...finding })) };
}

function eventsOf(task: GatewayTask, direction: Direction, callId: string | null, timeMs: number, checked: Checked): Event[] {
  const ids = { callId, taskId: task.taskId, enforcement: 'allowed' as const };
  const name = callId === null ? `${task.taskId}:${direction === 'input' ? 'request' : 'answer'}` : `${callId}:output`;
  const envelope = (suffix: string, delayMs: number) => ({
    id: idOf(`${name}${suffix}`),
    source: `${SOURCE}/${task.agent}`.slice(0, MAX_SHORT),
    tenant: task.tenant ?? DEFAULT_TENANT,
    agent: task.agent,
    timeMs: direction === 'output' ? timeMs : timeMs + delayMs,
    session: task.session,
    task: task.taskId,
    correlation: null,
    sequence: null,
  });
  return [
    { ...envelope('', VERDICT_DELAY_MS), type: 'argus.io.validation.v1', data: validationOf(checked, { direction }, ids) },
    ...checked.violations.map(
      (violation): Event => ({
        ...envelope(`:${violation.kind}`, VIOLATION_DELAY_MS),
        type: 'argus.security.violations.v1',
        data: { ...violation, ...ids },
      }),
    ),
  ];
}

/** Ids of calls are as long as an id may be. */
function idOf(name: string): string {
  if (name.length <= MAX_SHORT) return name;
  return `${name.slice(0, MAX_SHORT - HASH_CHARS - 1)}-${createHash('sha256').update(name).digest('hex').slice(0, HASH_CHARS)}`;
}
