/**
 * Secrets whose form is known: the rules of secretlint's recommended preset, asked one after the other. Its own runner is asynchronous, measures
 * itself and makes sentences that quote the secret; the rules need none of that. What is left out: the rule that obeys comments in the text
 * (`secretlint-disable` would be an attacker's switch) and the one that goes by the name of a file.
 */
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { Found } from '../gateway/found.ts';

interface Message {
  readonly message: string;
  readonly messageId: string;
  readonly data: unknown;
}
/** What a rule sees of a text and tells of it: the part of secretlint's types that its rules use. */
interface RuleContext {
  readonly sharedOptions: object;
  createTranslator(): (messageId: string, data: unknown) => Message;
  report(found: { message: Message; range: readonly [number, number] }): void;
  ignore(): void;
}
interface Rule {
  readonly meta: { readonly id: string };
  create(context: RuleContext, options: object): { file?(source: { content: string; filePath: string; ext: string }): unknown };
}

const RULE_NAME = /^@secretlint\/secretlint-rule-/;
const LEFT_OUT = new Set(['filter-comments', 'gcp']);
/**
 * What a text must hold for a rule to find anything: 27 rules that each read the whole text cost 0.25 ms a kB, these words 0.02. A rule that is
 * not listed is always asked. known-formats.test.ts holds them against secretlint's own runner.
 */
const GATES: Readonly<Record<string, RegExp | readonly string[]>> = {
  aws: /secret_?access/i,
  privatekey: ['PRIVATE KEY'],
  npm: ['npm_', '_authToken=', 'x-oauth-basic'],
  basicauth: ['://'],
  slack: /xox[a-z]-|xapp-|hooks\.slack/i,
  sendgrid: ['SG.'],
  shopify: ['shppa_', 'shpca_', 'shpat_', 'shpss_'],
  stripe: ['k_live_', 'k_test_'],
  github: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
  gitlab: ['glpat-'],
  grafana: ['glc_', 'glsa_'],
  openai: ['T3BlbkFJ'],
  anthropic: ['sk-ant-'],
  groq: ['gsk_'],
  huggingface: ['hf_'],
  linear: ['lin_api_'],
  notion: ['ntn_'],
  '1password': ['ops_ey'],
  'database-connection-string': /mongodb|mysql|postgres/i,
  'hashicorp-vault': ['hvs.', 'hvb.', 'hvr.'],
  vercel: ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'],
  databricks: ['dapi'],
  docker: ['dckr_pat_'],
  figma: ['figd_'],
  cloudflare: ['cfk_', 'cfut_', 'cfat_'],
  tailscale: ['tskey-'],
};
/** A rule that looks for other things in other files is asked as each of them. */
const FILES: Readonly<Record<string, readonly string[]>> = { npm: ['package.json', '.npmrc'] };
const ANY_FILE = [''];
const SURE = 0.97;
const LESS_SURE: Readonly<Record<string, number>> = { BasicAuth: 0.85, Npmrc_authToken: 0.85 };

/** Forms that the preset has no rule for. Each is bounded. */
const MORE: readonly { readonly what: string; readonly score: number; readonly pattern: RegExp }[] = [
  // RFC 7519: header and payload are base64url of JSON objects, so both begin with `{"`; an unsigned one is no secret.
  { what: 'jwt', score: 0.85, pattern: /(?<![\w-])eyJ[\w-]{10,2048}\.eyJ[\w-]{10,8192}\.[\w-]{16,2048}(?![\w-])/g },
  // An access key's id is no secret, but stands beside one. The preset has it switched off, since account numbers come with it.
  {
    what: 'aws',
    score: 0.7,
    pattern: /(?<![A-Za-z0-9])(?:A3T[A-Z0-9]|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  },
  { what: 'google', score: 0.9, pattern: /(?<![\w-])AIza[\w-]{35}(?![\w-])/g },
  { what: 'telegram', score: 0.9, pattern: /(?<![\w:-])\d{8,10}:AA[\w-]{33}(?![\w-])/g },
];

/** Secrets of known forms, in no order; one may be found twice. Linear in the text. */
export function findKnownSecrets(text: string): Found[] {
  const found: Found[] = [];
  let what = '';
  const context: RuleContext = {
    sharedOptions: {},
    createTranslator: () => (messageId, data) => ({ message: '', messageId, data }),
    report({ message: { messageId, data }, range: [from, to] }) {
      const start = placeOf(data, text, from, to);
      found.push({ what, score: LESS_SURE[messageId] ?? SURE, start, end: start + to - from });
    },
    ignore() {},
  };
  // The preset's own types stand in a package that it does not depend on; `Rule` is what is used of them.
  for (const rule of rules as readonly unknown[] as readonly Rule[]) {
    what = rule.meta.id.replace(RULE_NAME, '');
    if (LEFT_OUT.has(what) || !isOpen(GATES[what], text)) continue;
    const scan = rule.create(context, {});
    for (const filePath of FILES[what] ?? ANY_FILE) scan.file?.({ content: text, filePath, ext: '' });
  }
  for (const { what: name, score, pattern } of MORE)
    for (const match of text.matchAll(pattern))
      if (!match[0].endsWith('EXAMPLE')) found.push({ what: name, score, start: match.index, end: match.index + match[0].length });
  return found;
}

function isOpen(gate: RegExp | readonly string[] | undefined, text: string): boolean {
  if (gate === undefined) return true;
  return gate instanceof RegExp ? gate.test(text) : gate.some((word) => text.includes(word));
}

/** Some rules give a secret's length but the place of the name before it; the data of their message has the secret itself. */
function placeOf(data: unknown, text: string, from: number, to: number): number {
  if (typeof data !== 'object' || data === null) return from;
  const secret = Object.values(data).find((value) => typeof value === 'string' && value.length === to - from);
  const at = typeof secret === 'string' ? text.indexOf(secret, from) : -1;
  return at < 0 ? from : at;
}
