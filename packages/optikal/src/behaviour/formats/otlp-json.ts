/**
 * OTLP traces to observed tasks. A task is the outermost agent span of one agent with what is under it; without agent spans it is what one
 * message of the user set off in a trace (resolve/boundaries.ts). Which agent a span is of says resolve/identity.ts. Turns are the model calls in order of time, a tool call belongs to the turn before it. Session is the conversation id and nothing
 * else: it must not be faked. Content (arguments, results, messages) is opt-in in the conventions; without it the fields are null.
 */
import type { ImportProblem } from '../errors.ts';
import type { ObservedCall, ObservedTask, ObservedTurn } from '../observed.ts';
import { taskStarts } from '../resolve/boundaries.ts';
import { type Identity, type ResolveIdentity, resolverOf, type Sighting } from '../resolve/identity.ts';
import { taskIdOf } from './ids.ts';
import { byteLength, jsonOrText } from './json.ts';
import { answerText, asked, requestText, writtenChars } from './otlp-messages.ts';
import { anyAttribute, NAMES, type Span, spansOf, textAttribute } from './otlp-spans.ts';

const MAX_ANCESTORS = 64;

/**
 * `requests`: parsed export requests, in any order (a trace may be spread over several).
 *
 * @example readOtlpJson(lines.map((line) => JSON.parse(line)))
 */
export function readOtlpJson(requests: Iterable<unknown>, tenant?: string): { tasks: ObservedTask[]; problems: ImportProblem[] } {
  const spans: Span[] = [];
  const problems: ImportProblem[] = [];
  let count = 0;
  for (const request of requests) {
    const read = spansOf(request, count);
    for (const span of read.spans) spans.push(span);
    problems.push(...read.problems);
    count = read.count;
  }
  const known = new Map(spans.map((span) => [`${span.traceId}/${span.spanId}`, span]));
  const lines = new Map(spans.map((span) => [span, ancestry(span, known)]));
  const resolve = resolverOf([...lines.values()].map(sightingOf));
  const groups = new Map<string, { agent: Identity; root: Span | null; spans: Span[] }>();
  for (const span of spans) {
    if (span.kind === 'other') continue;
    const line = lines.get(span)!; // every span has its line
    // A tool span inside a tool span (an MCP client under execute_tool) is the same call seen twice.
    if (span.kind === 'tool' && line.slice(1).some((parent) => parent.kind === 'tool' && toolName(parent) === toolName(span))) continue;
    const agent = resolve(sightingOf(line));
    if (agent === null) {
      problems.push({
        line: span.number,
        code: 'span_without_agent',
        message: 'expected gen_ai.agent.id, gen_ai.agent.name or service.name',
      });
      continue;
    }
    if (span.kind === 'tool' && toolName(span) === null) {
      problems.push({ line: span.number, code: 'span_without_tool', message: 'expected gen_ai.tool.name' });
      continue;
    }
    const root = rootOf(line, agent, resolve);
    const key = `${agent.id}\n${root === null ? span.traceId : `${root.traceId}/${root.spanId}`}`;
    const group = groups.get(key) ?? { agent, root, spans: [] };
    groups.set(key, group);
    group.spans.push(span);
  }
  const tasks = [...groups.values()].flatMap(({ agent, root, spans: own }) => {
    const ordered = own.toSorted((a, b) => a.startMs - b.startMs || (a.spanId < b.spanId ? -1 : 1));
    if (root !== null) return [taskOf(agent, root, ordered, taskIdOf(`${root.traceId}-${root.spanId}`), tenant)];
    return partsOf(ordered).map((part, i) => {
      const { traceId, spanId } = part[0]!; // parts are never empty
      return taskOf(agent, null, part, taskIdOf(i === 0 ? traceId : `${traceId}-${spanId}`), tenant);
    });
  });
  uniqueCallIds(tasks);
  return { tasks: tasks.sort((a, b) => a.startMs - b.startMs || (a.agent < b.agent ? -1 : 1)), problems };
}

/** The span and what it is under, nearest first. */
function ancestry(span: Span, known: ReadonlyMap<string, Span>): Span[] {
  const line = [span];
  for (let at = span; at.parentId !== null && line.length < MAX_ANCESTORS; ) {
    const parent = known.get(`${at.traceId}/${at.parentId}`);
    if (parent === undefined) break;
    line.push(parent);
    at = parent;
  }
  return line;
}

/** Named by the nearest span that names one; the service is that of the span itself. */
function sightingOf(line: readonly Span[]): Sighting {
  const { resource } = line[0]!; // a line begins with its span
  const [name, namespace] = [textAttribute(resource, NAMES.service), textAttribute(resource, NAMES.namespace)];
  const service = name === null || namespace === null ? name : `${namespace}/${name}`;
  for (const { attributes } of line) {
    const agentId = textAttribute(attributes, NAMES.agentId);
    const agentName = textAttribute(attributes, NAMES.agentName);
    if (agentId !== null || agentName !== null) return { agentId, agentName, service };
  }
  return { agentId: null, agentName: null, service };
}

/** The outermost agent span of this agent, not looking beyond another agent that called it. */
function rootOf(line: readonly Span[], agent: Identity, resolve: ResolveIdentity): Span | null {
  let root: Span | null = null;
  for (let i = 0; i < line.length; i++) {
    if (line[i]!.kind !== 'agent') continue;
    if (resolve(sightingOf(line.slice(i)))?.id !== agent.id) break;
    root = line[i]!;
  }
  return root;
}

/** What one message of the user set off after the other, in a trace without agent spans. */
function partsOf(ordered: readonly Span[]): Span[][] {
  const starts = taskStarts(
    ordered.map(({ kind, startMs, endMs, attributes }) => ({ startMs, endMs, asked: kind === 'model' ? asked(attributes) : null })),
  );
  return starts.map((from, i) => ordered.slice(from, starts[i + 1]));
}

function toolName(span: Span): string | null {
  const prefix = 'execute_tool ';
  return textAttribute(span.attributes, NAMES.tool) ?? (span.name.startsWith(prefix) ? span.name.slice(prefix.length) : null);
}

/** `ordered`: ascending by start, at least one. */
function taskOf(agent: Identity, root: Span | null, ordered: readonly Span[], taskId: string, tenant: string | undefined): ObservedTask {
  const models = ordered.filter((span) => span.kind === 'model');
  const tools = ordered.filter((span) => span.kind === 'tool');
  const turnOf = models.length > 0 ? turnsByModel(models) : turnsByOverlap(tools);
  const calls = tools.map((span) => callOf(span, turnOf(span)));
  const turns = models.map((span, turn): ObservedTurn => ({ turn, timeMs: span.endMs, textChars: writtenChars(span.attributes) }));
  if (models.length === 0)
    for (const call of calls) if (turns.at(-1)?.turn !== call.turn) turns.push({ turn: call.turn, timeMs: call.timeMs, textChars: null });
  const first = ordered[0]!;
  return {
    ...(tenant === undefined ? {} : { tenant }),
    agent: agent.id,
    session: root === null ? sessionOf(ordered) : (sessionOf([root]) ?? sessionOf(ordered)),
    instance: textAttribute(first.resource, NAMES.instance),
    taskId,
    role: agent.role,
    request: [root, ...models].map((span) => (span === null ? null : requestText(span.attributes))).find((text) => text !== null) ?? null,
    startMs: first.startMs,
    endMs: ordered.reduce((latest, span) => Math.max(latest, span.endMs), first.endMs),
    answerChars:
      (root === null ? null : writtenChars(root.attributes)) ?? (models.length === 0 ? null : writtenChars(models.at(-1)!.attributes)),
    answer: (root === null ? null : answerText(root.attributes)) ?? (models.length === 0 ? null : answerText(models.at(-1)!.attributes)),
    ok: root === null || root.status === 'unset' ? null : root.status === 'ok',
    turns,
    calls,
  };
}

function callOf(span: Span, turn: number): ObservedCall {
  const args = anyAttribute(span.attributes, NAMES.args);
  const result = anyAttribute(span.attributes, NAMES.result);
  const output = result === undefined ? null : asText(result);
  const failed = span.status === 'error';
  return {
    callId: textAttribute(span.attributes, NAMES.callId)?.slice(0, 200) ?? span.spanId,
    turn,
    timeMs: span.startMs,
    tool: toolName(span)!.slice(0, 256),
    args: args === undefined ? undefined : jsonOrText(args),
    output,
    ok: !failed,
    errorKind: failed ? (textAttribute(span.attributes, ['error.type'])?.slice(0, 256) ?? 'tool_error') : null,
    latencyMs: span.endMs - span.startMs,
    argBytes: args === undefined ? null : byteLength(asText(args)),
    outBytes: output === null ? null : byteLength(output),
    traceId: span.traceId,
    spanId: span.spanId,
  };
}

/** The last model call that began before the tool did; `models` ascending by start. */
function turnsByModel(models: readonly Span[]): (span: Span) => number {
  return (span) => {
    let [low, high] = [0, models.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (models[middle]!.startMs <= span.startMs) low = middle;
      else high = middle - 1;
    }
    return low;
  };
}

/** Without model spans, tools that ran at the same time were asked for together. */
function turnsByOverlap(tools: readonly Span[]): (span: Span) => number {
  const turns = new Map<Span, number>();
  let turn = -1;
  let busyUntil = Number.NEGATIVE_INFINITY;
  for (const span of tools) {
    if (span.startMs >= busyUntil) turn++;
    busyUntil = Math.max(busyUntil, span.endMs);
    turns.set(span, turn);
  }
  return (span) => turns.get(span) ?? 0;
}

/** Some providers number their calls from 0 in every answer: a repeated id gets its span's. */
function uniqueCallIds(tasks: ObservedTask[]): void {
  const seen = new Map<string, number>();
  const key = (task: ObservedTask, call: ObservedCall) => `${task.agent}\n${call.callId}`;
  for (const task of tasks) for (const call of task.calls) seen.set(key(task, call), (seen.get(key(task, call)) ?? 0) + 1);
  tasks.forEach((task, index) => {
    const repeated = (call: ObservedCall) => seen.get(key(task, call))! > 1;
    if (!task.calls.some(repeated)) return;
    tasks[index] = {
      ...task,
      calls: task.calls.map((call) => (repeated(call) ? { ...call, callId: `${call.callId}-${call.spanId}` } : call)),
    };
  });
}

function sessionOf(spans: readonly Span[]): string | null {
  for (const span of spans) {
    const session = textAttribute(span.attributes, NAMES.session);
    if (session !== null) return session.slice(0, 256);
  }
  return null;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
