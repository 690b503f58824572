/**
 * Which findings lead to which verdict: one table by direction and family. A family that no threshold names is counted and let through.
 * Enforcing the verdict is the caller's business.
 */

import { ContentError } from '../errors.ts';
import type { Direction } from '../injection/contract.ts';

export const FAMILIES = ['prompt_injection', 'secret_leak', 'pii'] as const;
export type Family = (typeof FAMILIES)[number];

export type { Direction };
export const DIRECTIONS = ['input', 'tool_output', 'output'] as const satisfies readonly Direction[];

/** Scores from which a finding of the family redacts, or blocks; 0–1, null = never. */
export interface Thresholds {
  readonly redactFrom: number | null;
  readonly blockFrom: number | null;
}

export type GatewayPolicy = Readonly<Record<Direction, Readonly<Record<Family, Thresholds>>>>;
/** What differs from the defaults. */
export type PolicyWish = { readonly [D in Direction]?: { readonly [F in Family]?: Partial<Thresholds> } };

const ALLOW: Thresholds = { redactFrom: null, blockFrom: null };

/**
 * - `input`: what the user writes is the user's right; only what the detector is sure of is blocked.
 * - `tool_output`: a flagged text is blocked, since an agent that has read it is no longer the user's. A secret of a known form is redacted:
 *   what the agent never saw it cannot send. A guess by entropy is only counted, or agents could not read their own settings.
 * - `output`: secrets leave nowhere, guesses included; an instruction that the agent passes on is cut out.
 * - Personal data is what most agents work with: counted, allowed.
 */
export const DEFAULT_POLICY: GatewayPolicy = {
  input: { prompt_injection: { redactFrom: null, blockFrom: 0.9 }, secret_leak: ALLOW, pii: ALLOW },
  tool_output: {
    prompt_injection: { redactFrom: null, blockFrom: 0.5 },
    secret_leak: { redactFrom: 0.9, blockFrom: null },
    pii: ALLOW,
  },
  output: {
    prompt_injection: { redactFrom: 0.5, blockFrom: null },
    secret_leak: { redactFrom: 0.5, blockFrom: null },
    pii: ALLOW,
  },
};

/** The defaults with the wishes over them. Errors: gateway_option. */
export function resolvePolicy(wish: PolicyWish = {}): GatewayPolicy {
  refuseUnknown('policy', wish, DIRECTIONS);
  return mapOf(DIRECTIONS, (direction) => {
    refuseUnknown(`policy.${direction}`, wish[direction] ?? {}, FAMILIES);
    return mapOf(FAMILIES, (family) => {
      const name = `policy.${direction}.${family}`;
      const given = wish[direction]?.[family] ?? {};
      refuseUnknown(name, given, ['redactFrom', 'blockFrom']);
      const resolved = { ...DEFAULT_POLICY[direction][family], ...given };
      for (const key of ['redactFrom', 'blockFrom'] as const) {
        const value = resolved[key];
        if (value !== null && !(typeof value === 'number' && value >= 0 && value <= 1))
          throw new ContentError('gateway_option', `expected \`${name}.${key}\` to be null or from 0 to 1, found ${String(value)}`);
      }
      return resolved;
    });
  });
}

export type Verdict = 'allow' | 'redact' | 'block';

export function verdictOf(score: number, { redactFrom, blockFrom }: Thresholds): Verdict {
  if (blockFrom !== null && score >= blockFrom) return 'block';
  return redactFrom !== null && score >= redactFrom ? 'redact' : 'allow';
}

export function refuseUnknown(name: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null) throw new ContentError('gateway_option', `expected \`${name}\` to be an object`);
  for (const key of Object.keys(given))
    if (!known.includes(key))
      throw new ContentError('gateway_option', `expected one of ${known.join(', ')} in \`${name}\`, found \`${key}\``);
}

function mapOf<K extends string, V>(keys: readonly K[], of: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<K, V>; // each key is there
}
