/** The tools of the recorded agents (data/agents/tools.json) as a user would write them into tools.yaml. */
import type { Effect } from '@optikal/contracts';
import { KINDS, type UserTool, type UserTools } from './user-tools.ts';

const EFFECT_LETTERS: Readonly<Record<string, Effect>> = { r: 'read', w: 'write', a: 'account', m: 'money' };

/**
 * Tools that exist. Names that a model made up are left out: nobody would list them, and the file's effect of theirs is a default (it has
 * `delete_repository` as a read). `madeUp: true` includes them.
 */
export function toolsOfRecorded(tools: unknown, options: { readonly madeUp?: boolean } = {}): UserTools {
  if (!Array.isArray(tools)) throw new TypeError('expected tools.json as an array');
  const entries: [string, UserTool][] = [];
  for (const tool of tools as { name: string; kind: string; effect: string; known?: number }[]) {
    if (tool.known === 0 && options.madeUp !== true) continue;
    const kind = KINDS.find((known) => known === tool.kind);
    entries.push([tool.name, { effect: EFFECT_LETTERS[tool.effect] ?? 'unknown', ...(kind === undefined ? {} : { kind }) }]);
  }
  return { tools: Object.fromEntries(entries) };
}
