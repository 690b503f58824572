/**
 * What a tool probably does, from its name, and its description and schema where known: two linear steps over words. First whether it
 * changes anything, then whose affair that is. Where the first step is less sure than 0.6 it says `unknown`: a category of its own, not a guess.
 * Weights are set by hand (lexicon.ts); accuracy on real tools: classifier.test.ts.
 */
import type { Effect } from '@optikal/contracts';
import { weightsOf } from './lexicon.ts';
import type { ToolKind } from './user-tools.ts';

export interface ToolText {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments. */
  readonly inputSchema?: unknown;
}

export interface Guess {
  readonly effect: Effect;
  readonly kind: ToolKind | null;
  readonly untrusted: boolean;
  /** 0–1: probability of this effect; of an unknown one, of the better of looking and changing. */
  readonly confidence: number;
}

const MIN_CONFIDENCE = 0.6;
/** The first word with a direction is the verb: later ones count less (`read_sent_mail`, `get_scheduled_payments`). */
const LATER_VERB = 0.35;
const DESCRIPTION_WEIGHT = 0.4;
const DESCRIPTION_WORDS = 12;
const SCHEMA_WEIGHT = 0.5;
const MAX_NAME = 256;
/** A write that is nobody's account and no money. */
const PLAIN_WRITE = 1.5;
/** Whose the account is, and what is on it: who looks at both looks at an account. */
const ACCOUNTS = new Set(['account', 'profile', 'identity', 'whoami']);
const PERSONS = new Set(['user', 'member', 'customer', 'employee']);
const PARTICULARS = new Set(['info', 'information', 'detail', 'details', 'data']);
const SECRETS = new Set(['password', 'passwd', 'credential', 'secret', 'token', 'ssh', 'apikey', 'otp']);

export function classifyTool(tool: ToolText): Guess {
  const sums: Sums = { side: 0, account: 0, money: 0, network: 0, file: 0, message: 0, sends: 0, stranger: 0, secret: 0, known: 0 };
  const name = wordsOf(tool.name.slice(0, MAX_NAME));
  addWords(sums, name, 1);
  if (tool.description !== undefined)
    addWords(sums, wordsOf(tool.description.slice(0, 400)).slice(0, DESCRIPTION_WORDS), DESCRIPTION_WEIGHT);
  for (const property of propertiesOf(tool.inputSchema)) addNouns(sums, wordsOf(property), SCHEMA_WEIGHT);

  const changes = logistic(sums.side);
  const kind = kindOf(sums);
  if (sums.known === 0 || Math.max(changes, 1 - changes) < MIN_CONFIDENCE)
    return { effect: 'unknown', kind, untrusted: false, confidence: sums.known === 0 ? 0 : Math.max(changes, 1 - changes) };
  if (changes < 0.5) {
    // Reading a secret is an affair of accounts: whoever reads it can act as somebody else. So is reading who somebody is.
    const effect: Effect = sums.secret > 0 || readsAccount(name) ? 'account' : 'read';
    return { effect, kind, untrusted: effect === 'read' && sums.stranger > 0, confidence: 1 - changes };
  }
  const scores = { write: Math.exp(PLAIN_WRITE), account: Math.exp(sums.account), money: Math.exp(sums.money) };
  let effect: 'write' | 'account' | 'money' = 'write';
  for (const name of ['account', 'money'] as const) if (scores[name] > scores[effect]) effect = name;
  const share = scores[effect] / (scores.write + scores.account + scores.money);
  return { effect, kind, untrusted: false, confidence: changes * share };
}

interface Sums {
  side: number;
  account: number;
  money: number;
  network: number;
  file: number;
  message: number;
  sends: number;
  stranger: number;
  secret: number;
  known: number;
}

function addWords(sums: Sums, words: readonly string[], weight: number): void {
  let verb = true;
  for (const word of words) {
    const weights = weightsOf(word);
    if (weights === null) continue;
    if (weights.side !== 0) {
      sums.side += weight * weights.side * (verb ? 1 : LATER_VERB);
      verb = false;
    }
    if (weight === 1 && weights.side !== 0) sums.known++;
  }
  addNouns(sums, words, weight);
}

function addNouns(sums: Sums, words: readonly string[], weight: number): void {
  for (const word of words) {
    const weights = weightsOf(word);
    if (weights === null) continue;
    sums.account += weight * weights.account;
    sums.money += weight * weights.money;
    if (weights.kind === 'network') sums.network += weight;
    if (weights.kind === 'file') sums.file += weight;
    if (weights.kind === 'message') sums.message += weight;
    if (weights.sends) sums.sends += weight;
    if (weights.stranger) sums.stranger += weight;
    if (SECRETS.has(word) || SECRETS.has(word.slice(0, -1))) sums.secret += weight;
  }
}

/** null only where the name says nothing at all. */
function kindOf(sums: Sums): ToolKind | null {
  const network = sums.network + (sums.sends > 0 ? sums.message : 0);
  if (network >= 1 && network >= sums.file) return 'network';
  if (sums.file >= 1) return 'file';
  return sums.known === 0 ? null : 'api';
}

function readsAccount(words: readonly string[]): boolean {
  const any = (set: ReadonlySet<string>) => words.some((word) => set.has(word));
  return any(ACCOUNTS) || (any(PERSONS) && any(PARTICULARS));
}

/** `sendEmail`, `send_email`, `mail/send-email` read alike. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

function propertiesOf(schema: unknown): string[] {
  const properties = typeof schema === 'object' && schema !== null ? (schema as { properties?: unknown }).properties : undefined;
  return typeof properties === 'object' && properties !== null ? Object.keys(properties).slice(0, 64) : [];
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
