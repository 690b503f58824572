/** What features need to know of a tool; the catalogue in `tools/` provides it. */
import type { Effect } from '@optikal/contracts';

export interface ToolInfo {
  readonly effect: Effect;
  readonly kind: 'network' | 'file' | 'api' | null;
  /** Its outputs are text that strangers may have written. */
  readonly untrusted: boolean;
  readonly belief: 'user' | 'mcp' | 'classifier' | 'unknown';
}

export type ToolLookup = (name: string) => ToolInfo;

export function isSideEffect(effect: Effect): boolean {
  return effect === 'write' || effect === 'account' || effect === 'money';
}
