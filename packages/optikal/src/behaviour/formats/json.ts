/** Text from outside to a JSON value: size before parsing, depth before recursion, and errors that never quote the text. */
import { nestsDeeperThan, parseTime } from '@optikal/contracts';
import type { ImportErrorCode } from '../errors.ts';

export type JsonResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: ImportErrorCode; readonly message: string };

const MAX_DEPTH = 32;
const DATE_SPACE = /^(\d{4}-\d{2}-\d{2}) /;
const EARLIEST_MS = 946_684_800_000;
const LATEST_MS = 4_102_444_800_000;

export function parseJson(text: string, maxChars: number): JsonResult {
  if (text.length > maxChars)
    return { ok: false, code: 'too_large', message: `expected at most ${maxChars} characters, found ${text.length}` };
  if (nestsDeeperThan(text, MAX_DEPTH)) return { ok: false, code: 'too_deep', message: `expected at most ${MAX_DEPTH} levels of nesting` };
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, code: 'invalid_json', message: 'expected JSON' };
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Arguments are often JSON inside a string; what is no JSON stays text. */
export function jsonOrText(value: unknown): unknown {
  if (typeof value !== 'string' || nestsDeeperThan(value, MAX_DEPTH)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** RFC 3339 or milliseconds since 1970, to whole milliseconds; null = neither. */
export function timeMsOf(value: unknown): number | null {
  // Log writers like a space where RFC 3339 has a T.
  if (typeof value === 'string') return parseTime(value.replace(DATE_SPACE, '$1T'));
  return typeof value === 'number' && value >= EARLIEST_MS && value < LATEST_MS ? Math.floor(value) : null;
}

export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
