/**
 * Secrets of unknown form: a token that looks drawn at random, beside a word that says it is a secret. Randomness alone is no sign: UUIDs,
 * hashes, commits, cursors and pictures look the same, and outputs are full of them.
 */
import type { Found } from '../gateway/found.ts';

/** A word that calls for a secret. */
const CALL = /pass(?:word|wd|phrase|code)|pwd|secret|tokens?(?![a-z])|credential|bearer|connection[_\- ]?string|keys?(?![a-z])/gi;
/** The name that the word is a part of: `client_secret_v2`, `API key`. */
const BEFORE = /(?:[A-Za-z0-9]{1,24} )?[A-Za-z0-9_-]{0,32}$/;
const MAX_BEFORE = 58;
const AFTER = /[A-Za-z0-9_-]{0,24}/y;
/** What stands between the name and the token; a sentence may say whose it is. */
const BETWEEN =
  /["'`)\]]{0,2}(?:(?:\s(?:for|of|to)(?:\s[\w@.'-]{1,32}){1,4}?)?\s{0,3}(?:\s(?:is|are|was)\b\s{0,2}:?|[:=]=?>?)|\s)\s{0,4}(?:(?:Bearer|Basic|Token)\s)?["'`]{0,2}/iy;
const TOKEN = /[^\s"'`<>(){}[\],;|\\]{8,512}/y;
const PASSWORD_NAME = /pass|pwd/i;
/** Names under which a key is a secret. */
const SECRET_KEY =
  /(?:api|access|private|secret|encryption|signing|account|auth|master|admin|licen[cs]e|session|ssh|deploy|storage|service|webhook|client)[_\- ]?keys?/i;

/** Words before or in the name that make it something else than a secret. */
const NO_SECRET =
  /public|page|next|prev|cursor|continuation|sync|etag|csrf|nonce|idempoten|primary|foreign|partition|sort|cache|row|hash|digest|checksum|sha|md5|fingerprint|integrity|commit|count|limit|max|total|num|usage|prompt|completion|token[_\- ]?(?:type|id|name|expir)|keyword|policy|reset|forgot|hint|field|(?:secret|password|credential)s?[_\- ]?(?:name|ref|id|arn|path|file|version|store|manager|type)/i;
const PLACEHOLDER =
  /^(?:\*+|x{3,}|\.{3,}|-+|_+|your[_-]|my[_-]|example|sample|dummy|changeme|placeholder|redacted|hidden|removed|none|null|undefined|true|false|test)|\$\{|\{\{|%[A-Z_]+%|^\$[A-Z_]+$|process\.env|os\.environ|getenv|example(?:key)?$|^(?:https?|s3|file|ftp|git|ssh):\/\/|^\/|^\.{1,2}\//i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const HEX = /^[0-9a-f]+$/i;
const BASE64 = /^[A-Za-z0-9+/_=.~-]+$/;
/** A trailing full stop ends the sentence, not the token. */
const TAIL = /[.:!?*&]+$/;

/** Tokens of this length and more are judged by their entropy; shorter ones are passwords or nothing. */
const MIN_TOKEN = 16;
const MAX_TOKEN = 256;
const MIN_PASSWORD = 8;
/** Share of the entropy that a token of this length and alphabet can have. Words and names stay below; measured in entropy.test.ts. */
const RANDOM_SHARE = 0.84;
/** `key` alone means many things. */
const BARE_KEY_SHARE = 0.9;
const MIN_BARE_KEY = 24;
const [SCORE_TOKEN, SCORE_HEX, SCORE_PASSWORD] = [0.75, 0.65, 0.65];

/** Tokens that are probably secrets; linear in the text. */
export function findRandomSecrets(text: string): Found[] {
  const found: Found[] = [];
  let done = 0;
  for (const { 0: call, index } of text.matchAll(CALL)) {
    if (index < done) continue;
    const before = BEFORE.exec(text.slice(Math.max(0, index - MAX_BEFORE), index))?.[0] ?? '';
    const after = stick(AFTER, text, index + call.length);
    const name = before + call + after;
    const at = index + call.length + after.length;
    const between = stick(BETWEEN, text, at);
    if (between === '' || NO_SECRET.test(name)) continue;
    const start = at + between.length;
    const token = stick(TOKEN, text, start).replace(TAIL, '');
    if (token === '' || PLACEHOLDER.test(token)) continue;
    const one = judge(name, between, token);
    if (one === null) continue;
    done = start + token.length;
    found.push({ ...one, start, end: done });
  }
  return found;
}

/** What a sticky pattern takes from `at` on; '' = nothing. */
function stick(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** Bits a character of what was drawn, by how often each character occurs (Shannon 1948). */
export function shannonEntropy(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

type Judged = Pick<Found, 'what' | 'score'> | null;

function judge(name: string, between: string, token: string): Judged {
  if (token.length > MAX_TOKEN || UUID.test(token)) return null;
  const bare = /key/i.test(name) && !SECRET_KEY.test(name) && !/secret|token|pass|pwd|credential/i.test(name);
  if (token.length < (bare ? MIN_BARE_KEY : MIN_TOKEN)) return bare ? null : password(name, between, token);
  // 32, 40, 64 hexadecimal digits are hashes as often as keys: the name decides, and `key` alone is no name.
  if (HEX.test(token)) return bare || randomShare(token, 16) < RANDOM_SHARE ? null : { what: 'random', score: SCORE_HEX };
  if (!BASE64.test(token)) return password(name, between, token);
  const mixed = /\d/.test(token) && ((/[a-z]/.test(token) && /[A-Z]/.test(token)) || (/[A-Za-z]/.test(token) && digitsOf(token) >= 4));
  // Long passwords are often words with numbers: not random, and secret all the same.
  if (PASSWORD_NAME.test(name)) return password(name, between, token);
  if (!mixed || looksLikeNames(token)) return null;
  return randomShare(token, 64) >= (bare ? BARE_KEY_SHARE : RANDOM_SHARE) ? { what: 'random', score: SCORE_TOKEN } : null;
}

function randomShare(token: string, alphabet: number): number {
  return shannonEntropy(token) / Math.log2(Math.min(alphabet, token.length));
}

function digitsOf(token: string): number {
  return token.replace(/\D/g, '').length;
}

/** `my-service-account-2`, `com.example.app.v2`: most of it are words. */
function looksLikeNames(token: string): boolean {
  let letters = 0;
  for (const part of token.split(/[^A-Za-z]+/)) if (part.length >= 4 && /^[A-Z]?[a-z]+$/.test(part)) letters += part.length;
  return letters >= token.length / 2;
}

/** Only after a password's name and a sign of assignment; three kinds of characters of four. */
function password(name: string, between: string, token: string): Judged {
  if (!/pass|pwd|secret|credential/i.test(name) || !/[:=]|\bis\b/.test(between) || token.length < MIN_PASSWORD || token.length > 64)
    return null;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(token)).length;
  return kinds >= 3 && !/[@/]\w+\.\w/.test(token) ? { what: 'password', score: SCORE_PASSWORD } : null;
}
