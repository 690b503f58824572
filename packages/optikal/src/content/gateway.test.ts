import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { IoValidationSchema, SecurityViolationSchema } from '../../../contracts/src/gateway.ts';
import { validationOf } from './gateway/events.ts';
import { DEFAULT_POLICY, DIRECTIONS } from './gateway/policy.ts';
import { redactText } from './gateway/redact.ts';
import { wordDetector } from './gateway/test-support/detectors.ts';
import { createGateway } from './gateway.ts';
import type { Direction, TextContext } from './injection/contract.ts';
import { SAMPLES } from './secrets/test-support/samples.ts';

const GITHUB = SAMPLES.find(([what]) => what === 'github')![1];
const GUESS = 'api_key=q7Xb2Lk9Vt4Zn8Rw1Yc6Hd3M';
const at = (direction: Direction, request: string | null = null): TextContext => ({ direction, request, tool: null });
const gateway = createGateway({ detector: wordDetector() });
const verdict = (text: string, direction: Direction) => gateway.check(text, at(direction)).verdict;

describe('the verdict on a text', () => {
  it('is what was found, where, and what the policy makes of it', () => {
    const text = `see ${GITHUB} or mail bob@acme.example. INJECT`;
    expect(gateway.check(text, at('tool_output'))).toEqual({
      verdict: 'block',
      score: 0.98,
      findings: [
        { kind: 'prompt_injection', score: 0.98, span: { start: 71, end: 77 } },
        { kind: 'secret_leak:github', score: 0.97, span: { start: 4, end: 44 } },
        { kind: 'pii:email', score: 0.97, span: { start: 53, end: 69 } },
      ],
      violations: [
        { kind: 'prompt_injection', severity: 'high', spans: [{ start: 71, end: 77 }] },
        { kind: 'secret_leak', severity: 'medium', spans: [{ start: 4, end: 44 }] },
      ],
    });
  });

  it('differs by direction', () => {
    const table = (text: string) => DIRECTIONS.map((direction) => verdict(text, direction));
    expect(table('all is well')).toEqual(['allow', 'allow', 'allow']);
    expect(table('INJECT')).toEqual(['block', 'block', 'redact']);
    expect(table(GITHUB)).toEqual(['allow', 'redact', 'redact']);
    expect(table(GUESS)).toEqual(['allow', 'allow', 'redact']);
    expect(table('bob@acme.example, 4111 1111 1111 1111')).toEqual(['allow', 'allow', 'allow']);
    expect(table(`${GITHUB} INJECT`)).toEqual(['block', 'block', 'redact']);
  });

  it('of an unsure detector blocks an output and lets a request pass, and is no violation', () => {
    const unsure = createGateway({ detector: wordDetector('INJECT', 0.6) });
    expect(unsure.check('INJECT', at('tool_output'))).toMatchObject({ verdict: 'block', score: 0.6, violations: [] });
    expect(unsure.check('INJECT', at('input'))).toMatchObject({ verdict: 'allow', findings: [{ kind: 'prompt_injection' }] });
  });

  it('leaves out what the user asked for', () => {
    expect(gateway.check('INJECT', at('tool_output', 'please INJECT')).verdict).toBe('allow');
  });

  it('names an injection that the detector cannot place', () => {
    const detector = { ...wordDetector(), judge: () => ({ margin: 1, score: 0.7, flagged: true, spans: [] }) };
    expect(createGateway({ detector }).check('x', at('tool_output')).findings).toEqual([
      { kind: 'prompt_injection', score: 0.7, span: null },
    ]);
  });

  it('has the narrowest of places in one another that is about as suspicious', () => {
    const spans = [
      { start: 0, end: 50, score: 0.97 },
      { start: 10, end: 20, score: 0.95 },
      { start: 60, end: 90, score: 0.99 },
      { start: 70, end: 80, score: 0.6 },
    ];
    const detector = { ...wordDetector(), judge: () => ({ margin: 3, score: 0.99, flagged: true, spans }) };
    expect(
      createGateway({ detector })
        .check('x'.repeat(90), at('tool_output'))
        .findings.map(({ span }) => span),
    ).toEqual([
      { start: 10, end: 20 },
      { start: 60, end: 90 },
    ]);
  });

  it('has no score without a detector', () => {
    expect(createGateway({ detector: null }).check(`INJECT ${GITHUB}`, at('output'))).toMatchObject({
      score: null,
      verdict: 'redact',
      findings: [{ kind: 'secret_leak:github' }],
    });
  });

  it('follows a policy of the operator', () => {
    const strict = createGateway({
      detector: wordDetector('INJECT', 0.6),
      policy: { output: { pii: { blockFrom: 0.9 } }, tool_output: { prompt_injection: { blockFrom: null } } },
    });
    expect(strict.check('bob@acme.example', at('output'))).toMatchObject({
      verdict: 'block',
      violations: [{ kind: 'pii', severity: 'low', spans: [{ start: 0, end: 16 }] }],
    });
    expect(strict.check('INJECT', at('tool_output')).verdict).toBe('allow');
    expect(strict.policy.input).toEqual(DEFAULT_POLICY.input);
  });

  it('refuses options that it does not know, and thresholds that are none', () => {
    const detector = wordDetector();
    for (const options of [
      { detector, polices: {} },
      { detector, policy: { outputs: {} } },
      { detector, policy: { output: { secrets: {} } } },
      { detector, policy: { output: { pii: { redact: 1 } } } },
      { detector, policy: { output: { pii: { redactFrom: 2 } } } },
      { detector, policy: { output: { pii: { redactFrom: Number.NaN } } } },
    ])
      expect(() => createGateway(options as never), JSON.stringify(options)).toThrow(expect.objectContaining({ code: 'gateway_option' }));
  });

  it('is a message, whatever the text, and holds nothing of it', () => {
    const validation = Compile(IoValidationSchema);
    const violation = Compile(SecurityViolationSchema);
    const piece = fc.oneof(
      fc.constantFrom(...SAMPLES.map(([, secret]) => secret)),
      fc.constantFrom('INJECT', 'canary@acme.example', GUESS),
      fc.string(),
    );
    const ids = { callId: 'c', taskId: 't', enforcement: null };
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 400 }), fc.constantFrom(...DIRECTIONS), (pieces, direction) => {
        const text = pieces.join(' canary ');
        const checked = gateway.check(text, at(direction));
        const message = validationOf(checked, at(direction), ids);
        expect(validation.Check(message)).toBe(true);
        for (const one of checked.violations) expect(violation.Check({ ...one, ...ids })).toBe(true);
        for (const { span } of checked.findings)
          expect(span === null || (span.start >= 0 && span.end <= text.length && span.start < span.end)).toBe(true);
        const said = JSON.stringify([message, checked.violations]);
        expect(said).not.toContain('canary');
        for (const [, secret] of SAMPLES) expect(said).not.toContain(secret.slice(-10));
      }),
      { numRuns: 30 },
    );
  });
});

describe('a redacted text', () => {
  it('says what was there', () => {
    const text = `use ${GITHUB} and write to bob@acme.example`;
    expect(redactText(text, gateway.check(text, at('output')).findings)).toBe('use [secret_leak:github] and write to [pii:email]');
    expect(
      redactText('abcdef', [
        { kind: 'a', span: { start: 1, end: 4 } },
        { kind: 'b', span: { start: 2, end: 5 } },
        { kind: 'c', span: null },
      ]),
    ).toBe('a[a]f');
  });

  it('holds none of the secrets that were found', () => {
    for (const [, secret] of SAMPLES) {
      const text = `before "${secret}" after`;
      expect(redactText(text, gateway.check(text, at('output')).findings), secret).not.toContain(secret.slice(-16));
    }
  });
});
