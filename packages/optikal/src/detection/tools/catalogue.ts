/**
 * What each tool does, by order of belief (DESIGN 4): the user's tools.yaml > annotations of trusted MCP servers > the classifier over
 * name, description and schema > `unknown`. A server that is not trusted can only raise what the classifier says. The catalogue is plain
 * JSON and travels in a bundle; tools that it does not list are classified by name when they are first seen.
 */
import type { Effect } from '@optikal/contracts';
import { classifyTool, type ToolText } from './classifier.ts';
import type { ToolKind, UserTools } from './user-tools.ts';

export interface ToolEntry {
  readonly effect: Effect;
  readonly kind: ToolKind | null;
  /** Its outputs are text that strangers may have written. */
  readonly untrusted: boolean;
  readonly belief: 'user' | 'mcp' | 'classifier' | 'unknown';
  /** 0–1; 1 for what the user or a trusted server says. */
  readonly confidence: number;
}

export interface ToolCatalogue {
  readonly formatVersion: 1;
  readonly tools: Readonly<Record<string, ToolEntry>>;
}

/** As MCP's `tools/list` gives it; all hints are optional there. */
export interface McpTool extends ToolText {
  readonly annotations?: {
    readonly readOnlyHint?: boolean;
    readonly destructiveHint?: boolean;
    readonly openWorldHint?: boolean;
  };
}

export interface McpServer {
  readonly name: string;
  /** Whether the operator vouches for its annotations. */
  readonly trusted: boolean;
  readonly tools: readonly McpTool[];
}

export interface ToolSources {
  /** tools.yaml in its object form. */
  readonly user?: UserTools;
  readonly mcp?: readonly McpServer[];
  /** Tools with a description or schema, from wherever the agent's side told them. */
  readonly described?: readonly ToolText[];
}

const RANK: Readonly<Record<Effect, number>> = { unknown: 0, read: 1, write: 2, account: 3, money: 4 };
/** Names beyond this many are looked up again each time: an agent that makes up names must not fill the memory. */
const MAX_MEMO = 100_000;

/**
 * All that is known, resolved once. An MCP tool is listed under its own name and as `mcp__SERVER__TOOL`, as hosts spell it; where two
 * servers share a name the graver effect counts.
 *
 * @example const tools = toolLookup(resolveTools({ user: parseToolsYaml(text) })); tools('send_email').effect
 */
export function resolveTools(sources: ToolSources): ToolCatalogue {
  const entries = new Map<string, ToolEntry>();
  for (const tool of sources.described ?? []) entries.set(tool.name, guessed(tool));
  const mcp = new Map<string, ToolEntry>();
  for (const server of sources.mcp ?? [])
    for (const tool of server.tools) {
      const entry = annotated(tool, server.trusted);
      for (const name of [tool.name, `mcp__${server.name}__${tool.name}`]) {
        const before = mcp.get(name);
        mcp.set(name, before === undefined ? entry : graver(before, entry));
      }
    }
  for (const [name, entry] of mcp) entries.set(name, entry);
  for (const [name, tool] of Object.entries(sources.user?.tools ?? {})) {
    const before = entries.get(name) ?? guessed({ name });
    // The user says what they say; kind and trust that they leave open stay the best guess.
    entries.set(name, {
      effect: tool.effect,
      kind: tool.kind ?? before.kind,
      untrusted: tool.untrusted ?? before.untrusted,
      belief: 'user',
      confidence: 1,
    });
  }
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { formatVersion: 1, tools: Object.fromEntries(sorted) };
}

const LOOKUPS = new WeakMap<ToolCatalogue, Map<string, ToolEntry>>();

/** What is known of a tool. The same object for the same name, without allocation, once a name was seen. */
export function toolOf(catalogue: ToolCatalogue, name: string): ToolEntry {
  let known = LOOKUPS.get(catalogue);
  if (known === undefined) {
    known = new Map(Object.entries(catalogue.tools));
    LOOKUPS.set(catalogue, known);
  }
  const found = known.get(name);
  if (found !== undefined) return found;
  const entry = guessed({ name });
  if (known.size < MAX_MEMO) known.set(name, entry);
  return entry;
}

/** `toolOf` of one catalogue, in the shape that features want. */
export function toolLookup(catalogue: ToolCatalogue): (name: string) => ToolEntry {
  return (name) => toolOf(catalogue, name);
}

function guessed(tool: ToolText): ToolEntry {
  const { effect, kind, untrusted, confidence } = classifyTool(tool);
  return { effect, kind, untrusted, belief: effect === 'unknown' ? 'unknown' : 'classifier', confidence };
}

function annotated(tool: McpTool, trusted: boolean): ToolEntry {
  const guess = guessed(tool);
  const { readOnlyHint, destructiveHint, openWorldHint } = tool.annotations ?? {};
  const kind = guess.kind ?? (openWorldHint === true ? 'network' : null);
  const raised = RANK[guess.effect] < RANK.write ? 'write' : guess.effect;
  if (!trusted) {
    // Its word may make a tool look worse, never better; what it returns is a stranger's text in any case.
    const effect = readOnlyHint === false || destructiveHint === true ? raised : guess.effect;
    return { ...guess, effect, kind, untrusted: true, belief: effect === 'unknown' ? 'unknown' : 'classifier' };
  }
  const untrusted = openWorldHint ?? guess.untrusted;
  if (readOnlyHint === true) return { effect: 'read', kind, untrusted, belief: 'mcp', confidence: 1 };
  // By the specification `destructiveHint` means something only where `readOnlyHint` is not true.
  if (readOnlyHint === false || destructiveHint === true) return { effect: raised, kind, untrusted, belief: 'mcp', confidence: 1 };
  return { ...guess, kind, untrusted };
}

function graver(a: ToolEntry, b: ToolEntry): ToolEntry {
  const worse = RANK[b.effect] > RANK[a.effect] ? b : a;
  return { ...worse, untrusted: a.untrusted || b.untrusted };
}
