/**
 * The gateway: one text in, one verdict out, in the words of `argus.io.validation` and `argus.security.violations`. Injections by the
 * detector, secrets and personal data by their form. Pure; nothing of the text is in the answer, only kinds, scores and places.
 */
import type { SecurityViolation } from '@optikal/contracts';
import { type Found, withoutOverlaps } from './gateway/found.ts';
import {
  type Family,
  type GatewayPolicy,
  type PolicyWish,
  refuseUnknown,
  resolvePolicy,
  type Verdict,
  verdictOf,
} from './gateway/policy.ts';
import type { InjectionDetector, Span, TextContext } from './injection/contract.ts';
import { findPersonalData } from './pii/personal-data.ts';
import { findSecrets } from './secrets/secrets.ts';

export interface GatewayOptions {
  /** null = none: texts have no score then, and whoever sends verdicts on says nothing of injections. */
  readonly detector: InjectionDetector | null;
  /** What differs from `DEFAULT_POLICY`. */
  readonly policy?: PolicyWish;
}

export interface Finding {
  /** `prompt_injection`, `secret_leak:github`, `pii:email`. */
  readonly kind: string;
  readonly score: number;
  readonly span: Span | null;
}

export type Violation = Pick<SecurityViolation, 'kind' | 'severity' | 'spans'>;

export interface Checked {
  readonly verdict: Verdict;
  /** Probability of an injection, 0–1, as the detector is calibrated for the direction; null = there is no detector. */
  readonly score: number | null;
  /** At most 256: injections, then secrets, then personal data, each in order of the text. */
  readonly findings: readonly Finding[];
  /** What is reported beside the verdict, one a family. */
  readonly violations: readonly Violation[];
}

export interface Gateway {
  readonly policy: GatewayPolicy;
  /** Time linear in the text. */
  check(text: string, context: TextContext): Checked;
}

/** As many as a message holds. */
const MAX_FINDINGS = 256;
/** From here the detector is sure, and an injection is reported as a violation beside its score. */
const SURE = 0.9;
const CERTAIN = 0.95;
const ABOUT = 0.05;

/**
 * A gateway with a fitted detector. Errors: gateway_option.
 *
 * @example createGateway({ detector }).check(output, { direction: 'tool_output', request, tool: 'read_inbox' }).verdict;
 */
export function createGateway(options: GatewayOptions): Gateway {
  refuseUnknown('options', options, ['detector', 'policy']);
  const { detector } = options;
  const policy = resolvePolicy(options.policy);
  return {
    policy,
    check(text, context) {
      const thresholds = policy[context.direction];
      const judged = detector?.judge(text, context) ?? null;
      const score = judged === null ? null : judged.score;
      const injections = narrowest(judged?.spans ?? []);
      const secrets = findSecrets(text);
      const personal = findPersonalData(text);
      const found: readonly (readonly [Family, readonly Found[]])[] = [
        ['prompt_injection', injections],
        ['secret_leak', secrets],
        ['pii', personal],
      ];
      const findings = found.flatMap(([family, items]) => items.map((item) => findingOf(family, item)));
      // A detector may flag a text without saying where.
      if (judged?.flagged === true && judged.spans.length === 0)
        findings.unshift({ kind: 'prompt_injection', score: judged.score, span: null });
      const worst = (items: readonly Found[]) => items.reduce((most, item) => Math.max(most, item.score), 0);
      return {
        verdict: strictest([
          verdictOf(score ?? 0, thresholds.prompt_injection),
          verdictOf(worst(secrets), thresholds.secret_leak),
          verdictOf(worst(personal), thresholds.pii),
        ]),
        score,
        findings: findings.slice(0, MAX_FINDINGS),
        violations: violationsOf(context, score ?? 0, injections, secrets, personal, policy),
      };
    },
  };
}

function findingOf(family: Family, { what, score, start, end }: Found): Finding {
  return { kind: what === '' ? family : `${family}:${what}`, score, span: { start, end } };
}

/** A detector looks at lines and at what they stand in: of spans in one another the narrowest that is about as suspicious. */
function narrowest(spans: readonly (Span & { readonly score: number })[]): Found[] {
  const holds = (outer: Span, inner: Span) =>
    outer.start <= inner.start && inner.end <= outer.end && inner.end - inner.start < outer.end - outer.start;
  const kept = spans.filter((outer) => !spans.some((inner) => holds(outer, inner) && inner.score >= outer.score - ABOUT));
  return withoutOverlaps(kept.map((span) => ({ what: '', ...span })));
}

const STRICTNESS: readonly Verdict[] = ['allow', 'redact', 'block'];

function strictest(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce((a, b) => (STRICTNESS.indexOf(b) > STRICTNESS.indexOf(a) ? b : a));
}

/**
 * An injection that the detector is sure of; secrets that the policy does not let through; personal data where the policy stops it. A finding
 * that is only counted is no violation.
 */
function violationsOf(
  { direction }: TextContext,
  score: number,
  spans: readonly Span[],
  secrets: readonly Found[],
  personal: readonly Found[],
  policy: GatewayPolicy,
): Violation[] {
  const violations: Violation[] = [];
  const report = (kind: Violation['kind'], severity: Violation['severity'], at: readonly Span[]) =>
    violations.push({ kind, severity, spans: at.slice(0, MAX_FINDINGS).map(({ start, end }) => ({ start, end })) });
  if (score >= SURE) report('prompt_injection', score >= CERTAIN ? 'high' : 'medium', spans);
  const stopped = (family: Family, found: readonly Found[]) =>
    found.filter((one) => verdictOf(one.score, policy[direction][family]) !== 'allow');
  const leaks = stopped('secret_leak', secrets);
  if (leaks.length > 0) report('secret_leak', direction === 'output' ? 'high' : 'medium', leaks);
  const people = stopped('pii', personal);
  if (people.length > 0) report('pii', 'low', people);
  return violations;
}
