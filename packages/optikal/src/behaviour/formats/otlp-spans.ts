/**
 * OTLP JSON (`resourceSpans[].scopeSpans[].spans[]`) to the spans that matter: agent, model and tool spans, in whatever of the current
 * conventions they are written (OpenTelemetry gen_ai and its older names, OpenInference, OpenLLMetry, the AI SDK's own). Every external
 * name stands in this file only.
 */
import type { ImportErrorCode, ImportProblem } from '../errors.ts';
import { isObject } from './json.ts';

export type SpanKind = 'agent' | 'model' | 'tool' | 'other';
export type Attributes = ReadonlyMap<string, unknown>;

export interface Span {
  /** Position in the input, from 1. */
  readonly number: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly kind: SpanKind;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly status: 'ok' | 'error' | 'unset';
}

const AGENT = new Set(['invoke_agent', 'agent', 'AGENT']);
const MODEL = new Set(['chat', 'generate_content', 'text_completion', 'LLM', 'ai.generateText.doGenerate', 'ai.streamText.doStream']);
const TOOL = new Set(['execute_tool', 'tool', 'TOOL', 'ai.toolCall']);
/** In order of belief: the first that names a known kind wins. */
const KIND_KEYS = ['gen_ai.operation.name', 'openinference.span.kind', 'traceloop.span.kind', 'ai.operationId'];

export const NAMES = {
  tool: ['gen_ai.tool.name', 'tool.name', 'tool_call.function.name', 'ai.toolCall.name', 'traceloop.entity.name'],
  callId: ['gen_ai.tool.call.id', 'tool_call.id', 'ai.toolCall.id'],
  args: ['gen_ai.tool.call.arguments', 'tool_call.function.arguments', 'ai.toolCall.args', 'input.value', 'traceloop.entity.input'],
  result: ['gen_ai.tool.call.result', 'ai.toolCall.result', 'output.value', 'traceloop.entity.output'],
  agentId: ['gen_ai.agent.id', 'agent.id'],
  agentName: ['gen_ai.agent.name', 'agent.name', 'ai.telemetry.functionId'],
  session: ['gen_ai.conversation.id', 'session.id'],
  service: ['service.name'],
  namespace: ['service.namespace'],
  instance: ['service.instance.id'],
  input: ['gen_ai.input.messages', 'input.value', 'ai.prompt'],
  output: ['gen_ai.output.messages', 'output.value', 'ai.response.text'],
} as const;

const EARLIEST_MS = 946_684_800_000;
const LATEST_MS = 4_102_444_800_000;
const MAX_VALUE_DEPTH = 16;
const HEX = /^[0-9a-fA-F]+$/;

/** Spans of one export request; `from` = how many spans came before. Spans that cannot be read become problems. */
export function spansOf(request: unknown, from: number): { spans: Span[]; problems: ImportProblem[]; count: number } {
  const spans: Span[] = [];
  const problems: ImportProblem[] = [];
  let count = from;
  for (const resourceSpans of listOf(request, 'resourceSpans')) {
    const resource = attributesOf(isObject(resourceSpans) ? fieldOf(resourceSpans.resource, 'attributes') : undefined);
    for (const scopeSpans of listOf(resourceSpans, 'scopeSpans'))
      for (const raw of listOf(scopeSpans, 'spans')) {
        count++;
        const span = spanOf(raw, resource, count);
        if ('code' in span) problems.push({ line: count, ...span });
        else spans.push(span);
      }
  }
  return { spans, problems, count };
}

export function textAttribute(attributes: Attributes, keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = attributes.get(key);
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return null;
}

export function anyAttribute(attributes: Attributes, keys: readonly string[]): unknown {
  for (const key of keys) if (attributes.has(key)) return attributes.get(key);
  return undefined;
}

function spanOf(raw: unknown, resource: Attributes, number: number): Span | { code: ImportErrorCode; message: string } {
  if (!isObject(raw)) return { code: 'not_an_object', message: 'expected a span to be a JSON object' };
  const [traceId, spanId] = [idOf(raw.traceId, 16), idOf(raw.spanId, 8)];
  if (traceId === null || spanId === null)
    return { code: 'field_invalid', message: `expected \`${traceId === null ? 'traceId' : 'spanId'}\` in hex` };
  const startMs = nanosToMs(raw.startTimeUnixNano);
  if (startMs === null) return { code: 'time_invalid', message: 'expected `startTimeUnixNano` as nanoseconds since 1970' };
  const attributes = attributesOf(raw.attributes);
  const status = isObject(raw.status) ? raw.status.code : undefined;
  const failed = status === 2 || status === 'STATUS_CODE_ERROR' || attributes.has('error.type');
  return {
    number,
    traceId,
    spanId,
    parentId: idOf(raw.parentSpanId, 8),
    kind: kindOf(attributes),
    name: typeof raw.name === 'string' ? raw.name : '',
    startMs,
    endMs: Math.max(startMs, nanosToMs(raw.endTimeUnixNano) ?? startMs),
    attributes,
    resource,
    status: failed ? 'error' : status === 1 || status === 'STATUS_CODE_OK' ? 'ok' : 'unset',
  };
}

function kindOf(attributes: Attributes): SpanKind {
  for (const key of KIND_KEYS) {
    const value = attributes.get(key);
    if (typeof value !== 'string') continue;
    if (AGENT.has(value)) return 'agent';
    if (MODEL.has(value)) return 'model';
    if (TOOL.has(value)) return 'tool';
  }
  if (attributes.get('mcp.method.name') === 'tools/call' && attributes.has('gen_ai.tool.name')) return 'tool';
  // The first conventions had `gen_ai.system` and no operation name; only model calls were described then.
  const provider = attributes.has('gen_ai.system') || attributes.has('gen_ai.provider.name');
  return provider && !attributes.has('gen_ai.operation.name') && attributes.has('gen_ai.request.model') ? 'model' : 'other';
}

/** Ids are hex in OTLP JSON; writers that follow plain protobuf JSON send base64. */
function idOf(value: unknown, bytes: number): string | null {
  if (typeof value !== 'string' || value === '') return null;
  if (value.length === 2 * bytes && HEX.test(value)) return value.toLowerCase();
  const decoded = Buffer.from(value, 'base64');
  return value.length === 4 * Math.ceil(bytes / 3) && decoded.length === bytes ? decoded.toString('hex') : null;
}

function nanosToMs(value: unknown): number | null {
  const text = typeof value === 'number' ? String(Math.trunc(value / 1e6)) : typeof value === 'string' ? value.slice(0, -6) : '';
  const ms = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return ms >= EARLIEST_MS && ms < LATEST_MS ? ms : null;
}

function attributesOf(list: unknown): Attributes {
  const attributes = new Map<string, unknown>();
  if (!Array.isArray(list)) return attributes;
  for (const entry of list) if (isObject(entry) && typeof entry.key === 'string') attributes.set(entry.key, anyValue(entry.value, 0));
  return attributes;
}

/** An OTLP AnyValue as plain JSON. */
function anyValue(value: unknown, depth: number): unknown {
  if (!isObject(value) || depth > MAX_VALUE_DEPTH) return undefined;
  if (typeof value.stringValue === 'string') return value.stringValue;
  if (typeof value.boolValue === 'boolean') return value.boolValue;
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.doubleValue !== undefined) return Number(value.doubleValue);
  if (isObject(value.arrayValue)) return listOf(value.arrayValue, 'values').map((item) => anyValue(item, depth + 1));
  if (isObject(value.kvlistValue)) {
    const pairs = listOf(value.kvlistValue, 'values').flatMap((pair) =>
      isObject(pair) && typeof pair.key === 'string' ? [[pair.key, anyValue(pair.value, depth + 1)] as const] : [],
    );
    return Object.fromEntries(pairs);
  }
  return undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = fieldOf(value, name);
  return Array.isArray(list) ? list : [];
}
