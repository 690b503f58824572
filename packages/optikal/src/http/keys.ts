/**
 * API keys. The file holds no key, only SHA-256 values: `{ "<64 hex digits>": { "tenant": "acme", "role": "agent" } }`. A key is looked for by
 * its own SHA-256 among all of them, each compared in constant time, so that the time of an answer tells nothing about a stored value.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ID_REGEX } from '@optikal/contracts';
import { StartError } from './errors.ts';

/** `agent` sends events, `analyst` reads alerts, `admin` does both and may change models. */
export const ROLES = ['agent', 'analyst', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Credential {
  readonly tenant: string;
  readonly role: Role;
}

export interface Keys {
  readonly count: number;
  /** null = no such key. */
  find(key: string): Credential | null;
}

const SHA256_HEX = /^[0-9a-f]{64}$/i;

export function readKeysFile(path: string): Keys {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw invalid(`expected a readable keys file at \`${path}\``);
  }
  return parseKeys(text);
}

export function parseKeys(text: string): Keys {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('expected a JSON object in the keys file');
  }
  if (!isObject(value)) throw invalid('expected a JSON object in the keys file');
  const entries = Object.entries(value).map(([sha256, entry], i) => {
    if (!SHA256_HEX.test(sha256)) throw invalid(`expected the SHA-256 of a key as the name of entry ${i + 1}`);
    return { sha256: Buffer.from(sha256, 'hex'), credential: credentialOf(entry, i + 1) };
  });
  if (entries.length === 0) throw invalid('expected at least one key in the keys file');
  return {
    count: entries.length,
    find(key) {
      const sha256 = createHash('sha256').update(key).digest();
      let found: Credential | null = null;
      for (const entry of entries) if (timingSafeEqual(entry.sha256, sha256)) found = entry.credential;
      return found;
    },
  };
}

function credentialOf(entry: unknown, position: number): Credential {
  if (!isObject(entry)) throw invalid(`expected tenant and role in entry ${position}`);
  const { tenant, role, ...rest } = entry;
  if (typeof tenant !== 'string' || !ID_REGEX.test(tenant)) throw invalid(`expected a tenant id in entry ${position}`);
  const known = ROLES.find((name) => name === role);
  if (known === undefined) throw invalid(`expected one of ${ROLES.join(', ')} as the role of entry ${position}`);
  if (Object.keys(rest).length > 0) throw invalid(`expected only tenant and role in entry ${position}`);
  return { tenant, role: known };
}

function invalid(message: string): StartError {
  return new StartError('keys_invalid', message);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
