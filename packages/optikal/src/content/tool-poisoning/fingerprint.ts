/**
 * A tool as its hash, to notice that a server changed it after somebody looked at it (a rug pull): SHA-256 over the RFC 8785 JSON of its
 * definition. Each place of the definition has a hash too, so that a comparison says where; no text is kept.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { ContentError } from '../errors.ts';
import { escapeKey, isObject, readTools, type ToolDefinition } from './definitions.ts';

export interface ToolFingerprint {
  readonly server: string | null;
  readonly name: string;
  /** Hex. */
  readonly sha256: string;
  /** JSON Pointer of each value that holds no others → first 16 digits of its hash. */
  readonly parts: Readonly<Record<string, string>>;
}

export interface ToolChange {
  readonly server: string | null;
  readonly name: string;
  /** Pointers that were added, removed or have another value, in order. */
  readonly where: readonly string[];
}

export interface ToolChanges {
  readonly added: readonly Pick<ToolFingerprint, 'server' | 'name'>[];
  readonly removed: readonly Pick<ToolFingerprint, 'server' | 'name'>[];
  readonly changed: readonly ToolChange[];
}

/** What servers may change at every answer, and no model reads (MCP: `_meta`). */
const NOT_COUNTED = '_meta';
const PART_CHARS = 16;
const FORMAT = 'optikal-known-tools';
const VERSION = 1;

/** The same for the same definition, whatever the order of its fields. */
export function fingerprintOf({ server, name, definition }: ToolDefinition): ToolFingerprint {
  const { [NOT_COUNTED]: _, ...counted } = definition;
  const parts: [string, string][] = [];
  const visit = (value: unknown, pointer: string): void => {
    const items = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
    if (items.length === 0) parts.push([pointer, sha256(value).slice(0, PART_CHARS)]);
    for (const [key, item] of items) visit(item, `${pointer}/${escapeKey(String(key))}`);
  };
  visit(counted, '');
  parts.sort(([a], [b]) => (a < b ? -1 : 1));
  return { server, name, sha256: sha256(counted), parts: Object.fromEntries(parts) };
}

/** The known set against the present one. Tools are the same where server and name are; a name that comes twice is compared by its last. */
export function compareTools(known: readonly ToolFingerprint[], present: readonly ToolFingerprint[]): ToolChanges {
  const [before, now] = [byKey(known), byKey(present)];
  const id = ({ server, name }: ToolFingerprint) => ({ server, name });
  return {
    added: [...now].filter(([key]) => !before.has(key)).map(([, tool]) => id(tool)),
    removed: [...before].filter(([key]) => !now.has(key)).map(([, tool]) => id(tool)),
    changed: [...now].flatMap(([key, tool]) => {
      const old = before.get(key);
      return old === undefined || old.sha256 === tool.sha256 ? [] : [{ ...id(tool), where: differences(old.parts, tool.parts) }];
    }),
  };
}

/** The known set as a file. */
export function encodeKnownTools(tools: readonly ToolFingerprint[]): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, tools }, null, 1)}\n`;
}

/** What `encodeKnownTools` wrote, or a list of tools as it was then. Errors: known_tools_unreadable. */
export function decodeKnownTools(value: unknown, server: string | null): ToolFingerprint[] {
  if (!isObject(value) || value.format !== FORMAT) {
    try {
      return readTools(value, server).map(fingerprintOf);
    } catch {
      throw new ContentError('known_tools_unreadable', 'expected a file of known tools, or a result of tools/list');
    }
  }
  if (value.version !== VERSION || !Array.isArray(value.tools) || !value.tools.every(isFingerprint))
    throw new ContentError('known_tools_unreadable', `expected known tools of version ${VERSION}`);
  return value.tools;
}

function isFingerprint(value: unknown): value is ToolFingerprint {
  return (
    isObject(value) &&
    (value.server === null || typeof value.server === 'string') &&
    typeof value.name === 'string' &&
    typeof value.sha256 === 'string' &&
    isObject(value.parts) &&
    Object.values(value.parts).every((part) => typeof part === 'string')
  );
}

function differences(before: ToolFingerprint['parts'], now: ToolFingerprint['parts']): string[] {
  const pointers = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...pointers].filter((pointer) => partOf(before, pointer) !== partOf(now, pointer)).sort();
}

/** A pointer may be named like a part of every object. */
function partOf(parts: ToolFingerprint['parts'], pointer: string): string | undefined {
  return Object.hasOwn(parts, pointer) ? parts[pointer] : undefined;
}

function byKey(tools: readonly ToolFingerprint[]): Map<string, ToolFingerprint> {
  return new Map(tools.map((tool) => [JSON.stringify([tool.server, tool.name]), tool]));
}

function sha256(value: unknown): string {
  return createHash('sha256').update(canonicalText(value)).digest('hex');
}

function canonicalText(value: unknown): string {
  try {
    return canonicalize(value) ?? 'null';
  } catch {
    // RFC 8785 knows no lone surrogate; a server may send one all the same.
    return JSON.stringify(value);
  }
}
