/** Lists of tools as MCP servers give them, and the texts in a definition that a model reads. */
import { ContentError } from '../errors.ts';

export interface ToolDefinition {
  /** Whose tool it is; null = not known. */
  readonly server: string | null;
  readonly name: string;
  /** As the server gave it. */
  readonly definition: Readonly<Record<string, unknown>>;
}

export interface DefinitionText {
  /** JSON Pointer (RFC 6901) into the definition; a property's name stands at the property. */
  readonly pointer: string;
  readonly text: string;
  readonly kind: 'text' | 'name';
}

const MAX_TOOLS = 10_000;
const MAX_DEPTH = 32;
const MAX_TEXTS = 10_000;

/**
 * `{ tools: […] }`, the whole answer to `tools/list`, an array of tools, or of functions as model providers take them. Errors:
 * tools_unreadable.
 */
export function readTools(value: unknown, server: string | null): ToolDefinition[] {
  const list = listOf(value);
  if (list === null || list.length > MAX_TOOLS)
    throw new ContentError('tools_unreadable', `expected a result of tools/list or an array of at most ${MAX_TOOLS} tools`);
  return list.map((item, index) => {
    const definition = isObject(item) && isObject(item.function) ? item.function : item;
    if (!isObject(definition) || typeof definition.name !== 'string' || definition.name === '')
      throw new ContentError('tools_unreadable', `expected tool ${index + 1} to be an object with a \`name\``);
    if (isDeeper(definition, MAX_DEPTH))
      throw new ContentError('tools_unreadable', `expected tool ${index + 1} to nest at most ${MAX_DEPTH} levels`);
    return { server, name: definition.name, definition };
  });
}

/** Every text of a definition: names of properties too, since a model reads them. Bounded in depth and number. */
export function textsOf(definition: unknown): DefinitionText[] {
  const texts: DefinitionText[] = [];
  const visit = (value: unknown, pointer: string, depth: number): void => {
    if (texts.length >= MAX_TEXTS || depth > MAX_DEPTH) return;
    if (typeof value === 'string') texts.push({ pointer, text: value, kind: pointer === '/name' ? 'name' : 'text' });
    else if (Array.isArray(value)) for (const [i, item] of value.entries()) visit(item, `${pointer}/${i}`, depth + 1);
    else if (isObject(value))
      for (const [key, item] of Object.entries(value)) {
        const at = `${pointer}/${escapeKey(key)}`;
        if (pointer.endsWith('/properties')) texts.push({ pointer: at, text: key, kind: 'name' });
        visit(item, at, depth + 1);
      }
  };
  visit(definition, '', 0);
  return texts;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function listOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return null;
  if (Array.isArray(value.tools)) return value.tools;
  return isObject(value.result) && Array.isArray(value.result.tools) ? value.result.tools : null;
}
