/**
 * `tools.yaml`: what the user says their tools do. It is believed before anything else.
 *
 *   tools:
 *     send_email: { effect: write, kind: network }
 *     read_inbox: { effect: read, untrusted: true }   # its outputs are text that strangers wrote
 */
import { EFFECTS, type Effect } from '@optikal/contracts';
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type Scalar, type YAMLMap } from 'yaml';
import { type ToolErrorCode, type ToolProblem, ToolsError } from './errors.ts';

export const KINDS = ['network', 'file', 'api'] as const;
export type ToolKind = (typeof KINDS)[number];

export interface UserTool {
  readonly effect: Effect;
  readonly kind?: ToolKind;
  readonly untrusted?: boolean;
}
/** The object form of the file. */
export interface UserTools {
  readonly tools: Readonly<Record<string, UserTool>>;
}

export type UserToolsResult =
  | { readonly ok: true; readonly value: UserTools }
  | { readonly ok: false; readonly problems: readonly ToolProblem[] };

const MAX_CHARS = 4_194_304;
const MAX_NAME = 256;
const FIELDS = new Set(['name', 'effect', 'kind', 'untrusted']);

/** The file as an object; throws ToolsError, which holds all problems, where there is any. For a result without throwing: readToolsYaml. */
export function parseToolsYaml(text: string): UserTools {
  const result = readToolsYaml(text);
  if (!result.ok) throw new ToolsError(result.problems);
  return result.value;
}

/** All problems of the file at once, in the order of its lines. */
export function readToolsYaml(text: string): UserToolsResult {
  const problems: ToolProblem[] = [];
  const lines = new LineCounter();
  if (text.length > MAX_CHARS)
    return {
      ok: false,
      problems: [{ line: 1, code: 'too_large', message: `expected at most ${MAX_CHARS} characters, found ${text.length}` }],
    };
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const lineOf = (node: unknown): number => {
    const start = (node as Node | null)?.range?.[0]; // nodes of a parsed document have a range, nulls have none
    return start === undefined ? 1 : lines.linePos(start).line;
  };
  const refuse = (node: unknown, code: ToolErrorCode, message: string) => void problems.push({ line: lineOf(node), code, message });
  for (const error of document.errors)
    problems.push({ line: lines.linePos(error.pos[0]).line, code: 'yaml_invalid', message: `expected YAML: ${error.code}` });
  if (problems.length > 0) return { ok: false, problems };

  const root = document.contents;
  const tools = isMap(root) ? pairOf(root, 'tools') : undefined;
  if (isMap(root))
    for (const { key } of root.items)
      if (textOf(key) !== 'tools') refuse(key, 'unknown_key', `expected only \`tools\`, found ${quoted(key)}`);
  const described = tools === undefined ? null : descriptionsOf(tools.value);
  if (described === null) {
    refuse(tools?.key ?? root, 'tools_missing', 'expected a mapping `tools` of name to description');
    return { ok: false, problems };
  }
  const entries = new Map<string, UserTool>();
  for (const { key, name, value } of described) {
    if (name === null || name === '' || name.length > MAX_NAME) {
      refuse(key, 'tool_name_invalid', `expected a name of 1 to ${MAX_NAME} characters`);
      continue;
    }
    if (entries.has(name)) refuse(key, 'duplicate_tool', `expected one description of \`${name}\``);
    entries.set(name, readTool(name, key, value, refuse));
  }
  problems.sort((a, b) => a.line - b.line);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: { tools: Object.fromEntries(entries) } };
}

/** A mapping by name, or a list whose items have a `name`. */
function descriptionsOf(value: unknown): { key: unknown; name: string | null; value: unknown }[] | null {
  if (isMap(value)) return value.items.map((item) => ({ key: item.key, name: textOf(item.key), value: item.value }));
  if (!isSeq(value)) return null;
  return value.items.map((item) => {
    const named = isMap(item) ? pairOf(item, 'name') : undefined;
    return { key: named?.key ?? item, name: textOf(named?.value), value: item };
  });
}

type Refuse = (node: unknown, code: ToolErrorCode, message: string) => void;

function readTool(name: string, key: unknown, value: unknown, refuse: Refuse): UserTool {
  const tool: { effect: Effect; kind?: ToolKind; untrusted?: boolean } = { effect: 'unknown' };
  if (!isMap(value)) {
    refuse(key, 'effect_missing', `expected \`${name}\` to be a mapping with an \`effect\``);
    return tool;
  }
  for (const item of value.items)
    if (!FIELDS.has(textOf(item.key) ?? ''))
      refuse(item.key, 'unknown_key', `expected effect, kind or untrusted, found ${quoted(item.key)}`);
  const [effect, kind, untrusted] = [pairOf(value, 'effect'), pairOf(value, 'kind'), pairOf(value, 'untrusted')];
  if (effect === undefined) refuse(key, 'effect_missing', `expected \`${name}\` to have an \`effect\``);
  else {
    const found = EFFECTS.find((known) => known === textOf(effect.value));
    if (found === undefined) refuse(effect.key, 'effect_invalid', `expected one of ${EFFECTS.join(', ')}, found ${quoted(effect.value)}`);
    else tool.effect = found;
  }
  if (kind !== undefined) {
    const found = KINDS.find((known) => known === textOf(kind.value));
    if (found === undefined) refuse(kind.key, 'kind_invalid', `expected one of ${KINDS.join(', ')}, found ${quoted(kind.value)}`);
    else tool.kind = found;
  }
  if (untrusted !== undefined) {
    const found = isScalar(untrusted.value) ? untrusted.value.value : undefined;
    if (typeof found !== 'boolean') refuse(untrusted.key, 'untrusted_invalid', `expected true or false, found ${quoted(untrusted.value)}`);
    else tool.untrusted = found;
  }
  return tool;
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find((item) => textOf(item.key) === name);
}

/** Plain scalars only: a name may look like a number or `on`, but not be an alias. */
function textOf(node: unknown): string | null {
  if (!isScalar(node)) return null;
  const { source, value } = node as Scalar & { source?: string };
  return typeof value === 'string' ? value : (source ?? null);
}

function quoted(node: unknown): string {
  const text = textOf(node);
  return text === null ? 'something else' : `\`${text.slice(0, 80)}\``;
}
