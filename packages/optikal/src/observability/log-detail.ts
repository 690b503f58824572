/**
 * What of a detail may stand in a log line. A second lock behind the types: whoever logs gives figures and codes; should he give more, names
 * that hold secrets or content are blanked, objects are left out, and texts lose their query strings, credentials and length.
 */

export type Detail = Readonly<Record<string, string | number | boolean | null>>;

const MAX_CHARS = 1024;
const REDACTED = '[redacted]';
/** Names, whole or as the last word of a longer one, that hold secrets or content. */
const SECRET = /(^|[a-z_-])(authorization|cookies?|key|keys|apikey|token|secret|password|passwd|credentials?|signature|hmac)$/i;
const CONTENT =
  /^(content|contents|prompts?|arguments|args|input|inputs|output|outputs|text|body|bodies|data|headers?|query|url|uri|payload|messages?|subject|agent|agentid|tenant|reason_text)$/i;
const BEARER = /\b(bearer|basic)\s+[\x21-\x7e]+/gi;

export function safeDetail(detail: Readonly<Record<string, unknown>>): Record<string, string | number | boolean | null> {
  const safe: Record<string, string | number | boolean | null> = {};
  for (const [name, value] of Object.entries(detail)) {
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') continue;
    if (SECRET.test(name) || CONTENT.test(name)) safe[name] = REDACTED;
    else if (typeof value === 'string') safe[name] = safeText(value);
    else if (typeof value === 'number') safe[name] = Number.isFinite(value) ? value : String(value);
    else if (typeof value === 'boolean' || value === null) safe[name] = value;
    else if (typeof value === 'bigint') safe[name] = String(value);
    else safe[name] = '[left out]';
  }
  return safe;
}

function safeText(text: string): string {
  const plain = text
    .toWellFormed()
    .replace(BEARER, '$1 [redacted]')
    .replace(/\?[^\s`]*/g, '?[redacted]');
  return plain.length > MAX_CHARS ? `${plain.slice(0, MAX_CHARS)}…` : plain;
}

/** The code of an error, never its message, which may quote what was sent. */
export function errorCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
}
