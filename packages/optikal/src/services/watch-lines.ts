/** The records of one window as lines of a timeline: each call with what was read before it and what gateway and policy said of it. */
import type { AgentLifecycle, Call, Effect, Event, Provenance } from '@optikal/contracts';
import { callKey, ofCall, readWindow, type WindowCall, type WindowItem } from '../detection/content.ts';
import type { ToolLookup } from '../detection/tool-lookup.ts';

export type WindowLine =
  | {
      readonly kind: 'call';
      readonly timeMs: number;
      readonly call: Call;
      readonly effect: Effect;
      readonly provenance: Provenance | null;
      /** Reads of earlier turns of the same task in this window, and the bytes they returned. */
      readonly readsBefore: number;
      readonly bytesBefore: number;
      readonly gateway: readonly string[];
      readonly policy: readonly string[];
    }
  /** What names no call of this window stands for itself. */
  | { readonly kind: 'gateway' | 'policy' | 'lifecycle'; readonly timeMs: number; readonly text: string };

/** In event time. Texts come as they were sent: who shows them makes them harmless. */
export function linesOf(events: readonly Event[], tools: ToolLookup): WindowLine[] {
  const { items, calls } = readWindow(
    [...events].sort((a, b) => a.timeMs - b.timeMs || (a.id < b.id ? -1 : 1)),
    tools,
  );
  const known = new Map(calls.flatMap(({ call, taskId }) => [taskId, null].map((task) => [callKey(task, call.callId), true])));
  const said: Record<'gateway' | 'policy', Map<string, string[]>> = { gateway: new Map(), policy: new Map() };
  const lines: WindowLine[] = [];
  for (const item of items) {
    if (item.kind === 'call') continue;
    const { plane, call, text } = spoken(item);
    if (plane !== 'lifecycle' && call !== null && known.has(call)) said[plane].set(call, [...(said[plane].get(call) ?? []), text]);
    else lines.push({ kind: plane, timeMs: item.timeMs, text });
  }
  for (const one of calls) {
    const before = calls.filter((other) => other.taskId === one.taskId && other.effect === 'read' && isEarlier(other, one));
    lines.push({
      kind: 'call',
      timeMs: one.call.time,
      call: one.call,
      effect: one.effect,
      provenance: one.provenance,
      readsBefore: before.length,
      bytesBefore: before.reduce((sum, { call }) => sum + (call.outBytes ?? 0), 0),
      gateway: ofCall(said.gateway, one.taskId, one.call.callId) ?? [],
      policy: ofCall(said.policy, one.taskId, one.call.callId) ?? [],
    });
  }
  return lines.sort((a, b) => a.timeMs - b.timeMs);
}

export function lifecycleText(data: AgentLifecycle): string {
  switch (data.kind) {
    case 'register':
    case 'deploy':
      return `${data.kind}${data.version === null ? '' : ` version ${data.version}`}${data.model === null ? '' : `, model ${data.model}`}`;
    case 'retire':
      return 'retired';
    case 'maintenance':
      return `maintenance until ${new Date(data.untilMs).toISOString().slice(0, 16)}`;
    case 'task_started':
      return `task ${data.taskId} started${data.requestChars === null ? '' : `, request of ${data.requestChars} characters`}`;
    case 'task_ended':
      return `task ${data.taskId} ended${data.ok === null ? '' : data.ok ? ', ok' : ', failed'}`;
  }
}

/** Calls of one turn do not see each other's outputs. */
function isEarlier({ call: other }: WindowCall, { call }: WindowCall): boolean {
  return other.turn !== null && call.turn !== null ? other.turn < call.turn : other.time < call.time;
}

interface Spoken {
  readonly plane: 'gateway' | 'policy' | 'lifecycle';
  /** Which call it speaks of (`callKey`); null = none. */
  readonly call: string | null;
  readonly text: string;
}

function spoken(item: Exclude<WindowItem, { kind: 'call' }>): Spoken {
  const call =
    'event' in item && item.event.data.callId !== null ? callKey(item.event.data.taskId ?? item.event.task, item.event.data.callId) : null;
  switch (item.kind) {
    case 'verdict': {
      const { direction, verdict, enforcement, score, findings } = item.event.data;
      const kinds = [...new Set(findings.map(({ kind }) => kind))].slice(0, 3).join(', ');
      const done = enforcement === null ? '' : `, ${enforcement}`;
      const text = `${verdict} ${direction.replace('_', ' ')}${score === null ? '' : ` ${score.toFixed(2)}`}${kinds === '' ? '' : ` (${kinds})`}${done}`;
      return { plane: 'gateway', call, text };
    }
    case 'violation': {
      const { kind, severity, enforcement } = item.event.data;
      return { plane: 'gateway', call, text: `${severity} ${words(kind)}${enforcement === null ? '' : `, ${enforcement}`}` };
    }
    case 'decision': {
      const { decision, action, riskScore, cause, policies } = item.event.data;
      const why = [
        ...(riskScore === null ? [] : [`risk ${riskScore.toFixed(2)}`]),
        ...(cause === 'policy' ? policies.slice(0, 2) : [words(cause)]),
      ];
      return { plane: 'policy', call, text: `${words(decision)} ${action}${why.length === 0 ? '' : ` (${why.join(', ')})`}` };
    }
    case 'lifecycle':
      return { plane: 'lifecycle', call, text: lifecycleText(item.data) };
  }
}

const words = (name: string) => name.replaceAll('_', ' ');
