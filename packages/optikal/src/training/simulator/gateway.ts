/** What the simulated gateway says of a text. The score belongs to the page: reading it again gives it again, false alarms included. */
import type { IoValidation, SecurityViolation } from '@optikal/contracts';
import { logistic } from '@optikal/ml';
import type { Intensity } from './campaign.ts';
import { mix } from './draw.ts';
import type { PlannedCall } from './task-plan.ts';

export const FLAGGED = 0.5;
const REDACT = 0.7;
const BLOCK = 0.95;
/** From here the gateway is sure and reports a violation. */
const SURE = 0.9;
/** Share of harmless pages that read like instructions, of strangers and of our own. */
const HARD_UNTRUSTED = 0.04;
const HARD_OWN = 0.006;
/** Share of secrets that are recognised where their owner reads them. */
const OWN_SECRET_SEEN = 0.5;
const PERSONAL = new Set(['get_customer', 'get_employee', 'list_employees', 'export_customers', 'search_email', 'read_inbox']);
/** A credential in an output is recognised the less, the better its finder chose where to look. */
const SECRET_SEEN: Readonly<Record<Intensity, number>> = { blatant: 0.7, moderate: 0.65, low_and_slow: 0.4, mimicry: 0.1 };
const SECRETS = new Set(['read_file', 'query_logs', 'run_command', 'search_code']);

export interface Verdict {
  readonly score: number;
  readonly flagged: boolean;
  readonly validation: IoValidation;
  readonly violations: readonly SecurityViolation[];
}

/** `page` names the text: equal pages get equal scores. */
export function judgeOutput(call: PlannedCall, page: number, callId: string, taskId: string): Verdict {
  const score = Math.round(logistic(call.hostile === null ? cleanLogit(call, page) : call.hostile.logit) * 1e4) / 1e4;
  const flagged = score >= FLAGGED;
  const findings: IoValidation['findings'] = flagged ? [{ kind: 'prompt_injection', score }] : [];
  const violations: SecurityViolation[] = [];
  const report = (kind: SecurityViolation['kind'], severity: SecurityViolation['severity'], at: number): void => {
    violations.push({ kind, severity, callId, taskId, spans: [{ start: at, end: at + 80 }], enforcement: 'allowed' });
  };
  const roll = uniform(page, 5);
  if (score >= SURE) report('prompt_injection', score >= BLOCK ? 'high' : 'medium', Math.floor(roll * Math.max(1, call.outBytes - 80)));
  if (PERSONAL.has(call.tool.name) && roll < 0.03) {
    findings.push({ kind: 'pii', score: 0.8 });
    if (roll < 0.008) report('pii', 'low', 0);
  } else if (
    call.gain?.kind === 'secret'
      ? roll < (call.campaign === null ? OWN_SECRET_SEEN : SECRET_SEEN[call.campaign.intensity])
      : SECRETS.has(call.tool.name) && roll < 0.004
  ) {
    findings.push({ kind: 'secret_leak', score: 0.7 });
    if (roll < 0.0015 || (call.gain !== null && roll < 0.1)) report('secret_leak', 'medium', 0);
  }
  const verdict = score >= BLOCK ? 'block' : score >= REDACT ? 'redact' : 'allow';
  // The simulated gateways only watch: what they would block goes through, or no attack would ever be seen acting.
  return {
    score,
    flagged,
    violations,
    validation: { direction: 'tool_output', callId, taskId, verdict, enforcement: 'allowed', score, findings },
  };
}

/** Requests and answers: short texts of people and models, seldom suspicious. */
export function judgeText(direction: 'input' | 'output', text: number, taskId: string): IoValidation {
  const logit = uniform(text, 1) < 0.01 ? -1.5 + 1.2 * bell(text, 2) : -5.2 + 0.9 * bell(text, 2);
  const score = Math.round(logistic(logit) * 1e4) / 1e4;
  const findings = score >= FLAGGED ? [{ kind: 'prompt_injection', score }] : [];
  return { direction, callId: null, taskId, verdict: score >= REDACT ? 'redact' : 'allow', enforcement: 'allowed', score, findings };
}

function cleanLogit(call: PlannedCall, page: number): number {
  if (call.instructions) return -0.6 + 1.6 * bell(page, 2);
  const hard = uniform(page, 1) < (call.tool.untrusted ? HARD_UNTRUSTED : HARD_OWN);
  return hard ? -1.3 + 1.5 * bell(page, 2) : -5 + 1.1 * bell(page, 2);
}

function uniform(page: number, part: number): number {
  return mix(page, part, 0x51ed27) / 4_294_967_296;
}

/** Close to a standard normal: the sum of six uniforms, standardised. */
function bell(page: number, part: number): number {
  let sum = -3;
  for (let i = 0; i < 6; i++) sum += mix(page, part, 1000 + i) / 4_294_967_296;
  return sum * Math.SQRT2;
}
