/**
 * Arguments as a keyed hash: HMAC-SHA-256 over the RFC 8785 JSON, cut to 128 bits. Equal arguments give equal hashes under one key, so
 * loops are seen; without the key nobody can test a guess. The caller owns the key and keeps it where the content is.
 */
import { createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';

const HEX_CHARS = 32;

/** null = the arguments were not observed. Arguments that are no valid JSON value are hashed as the text they print as. */
export function argHmac(key: string | Uint8Array, args: unknown): string | null {
  if (args === undefined) return null;
  return createHmac('sha256', key).update(canonicalText(args)).digest('hex').slice(0, HEX_CHARS);
}

/** Of each call, in the order of `calls`. */
export function argHmacs(key: string | Uint8Array, calls: readonly { readonly args: unknown }[]): (string | null)[] {
  return calls.map((call) => argHmac(key, call.args));
}

function canonicalText(args: unknown): string {
  try {
    return canonicalize(args) ?? 'null';
  } catch {
    // RFC 8785 knows no lone surrogate; an agent may send one all the same.
    return JSON.stringify(args);
  }
}
