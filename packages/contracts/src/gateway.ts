/** What ASG says of content: `argus.io.validation.v1` (a verdict on one text) and `argus.security.violations.v1` (a finding that matters). */
import Type, { type Static } from 'typebox';
import { Count, nullable, Share, ShortText } from './ids.ts';

const SpanSchema = Type.Object({ start: Count, end: Count });

export const FindingSchema = Type.Object({ kind: ShortText, score: nullable(Share), span: Type.Optional(nullable(SpanSchema)) });

/** The verdict is the gateway's finding; the enforcement is what was actually done. They may differ. */
export const IoValidationSchema = Type.Object({
  direction: Type.Enum(['input', 'tool_output', 'output']),
  callId: nullable(ShortText),
  taskId: nullable(ShortText),
  verdict: Type.Enum(['allow', 'redact', 'block']),
  enforcement: nullable(Type.Enum(['allowed', 'redacted', 'blocked'])),
  score: nullable(Share),
  findings: Type.Array(FindingSchema, { maxItems: 256 }),
});
export type IoValidation = Static<typeof IoValidationSchema>;

export const VIOLATION_KINDS = ['prompt_injection', 'secret_leak', 'pii', 'blocked_content', 'tool_poisoning'] as const;
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const SecurityViolationSchema = Type.Object({
  kind: Type.Enum([...VIOLATION_KINDS]),
  severity: Type.Enum([...SEVERITIES]),
  callId: nullable(ShortText),
  taskId: nullable(ShortText),
  spans: Type.Array(SpanSchema, { maxItems: 256 }),
  enforcement: nullable(Type.Enum(['allowed', 'redacted', 'blocked'])),
});
export type SecurityViolation = Static<typeof SecurityViolationSchema>;
