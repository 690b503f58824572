import { ThreatAlertSchema } from '@optikal/contracts';
import { createRandom } from '@optikal/ml';
import canonicalize from 'canonicalize';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { alertId } from '../alert-id.ts';
import { fleetViews } from '../fleet.ts';
import { type AgentProfile, copyProfile, newProfile } from '../profile.ts';
import { fittedBundle, linearScorer, SNAPSHOT } from '../test-support/bundles.ts';
import { AGENT, callOf, callsOf, decisionOf, metricsOf, registered, T0, TENANT, verdictOf } from '../test-support/events.ts';
import { everythingBundle, META, stepsLike } from '../test-support/everything.ts';
import { type Saying, sequenceSays } from '../test-support/sequence-says.ts';
import { look, pass } from '../test-support/windows.ts';
import { alertBody, attributionLines } from './alert.ts';
import type { Bundle } from './bundle.ts';
import { judge } from './judge.ts';
import { viewSequence } from './sequence-view.ts';

const Schema = Compile(ThreatAlertSchema);
const BUNDLE = fittedBundle();
const SUBJECT = { run: 'live', tenant: TENANT, agent: AGENT, startMs: T0, endMs: T0 + 60_000, detector: 'ensemble' };
const fleetOf = fleetViews(SNAPSHOT);

type Events = Parameters<typeof look>[0];
function alertOf(
  events: Events,
  {
    profile = newProfile(),
    bundle = BUNDLE,
    run = 'live',
    decision = 'alert' as 'alert' | 'withdrawn',
    threshold = 0,
  }: { profile?: AgentProfile; bundle?: Bundle; run?: string; decision?: 'alert' | 'withdrawn'; threshold?: number } = {},
) {
  const analysis = look(events, { profile, fleetOf });
  return alertBody({
    ...SUBJECT,
    run,
    id: alertId({ ...SUBJECT, run }),
    revision: 2,
    decision,
    threshold,
    analysis,
    judgement: judge(bundle, analysis),
    profile,
    bundle,
  });
}

const INJECTED: Events = [
  registered(0, 'clerk'),
  callsOf([callOf(1000, 'fetch', { turn: 0, callId: 'a', outBytes: 900 })], { session: 's', correlation: 'trace' }),
  verdictOf(1001, { callId: 'a', score: 0.97 }),
  decisionOf(1999, { callId: 'b', decision: 'forbid', riskScore: 0.9 }),
  callsOf([callOf(2000, 'pay', { turn: 1, callId: 'b', provenance: { destOut: 1, valuesOut: 2, affinity: 0, requested: 0 } })]),
];

describe('the body of an alert', () => {
  it('is as its schema says, and canonical JSON', () => {
    const windows: Events[] = [
      INJECTED,
      [metricsOf(0, {})],
      [decisionOf(0, { decision: 'forbid' })],
      [callsOf(Array.from({ length: 100 }, (_, i) => callOf(i, `t${i}`, { taskId: `task${i}`, callId: 'x'.repeat(256) })))],
      [callsOf([callOf(0, 'x'.repeat(256), { taskId: null })]), callsOf([callOf(1, '__proto__')])],
    ];
    for (const events of windows) {
      const body = alertOf(events);
      expect([...Schema.Errors(body)], JSON.stringify(body).slice(0, 200)).toEqual([]);
      const text = canonicalize(body)!;
      expect(canonicalize(JSON.parse(text))).toBe(text);
    }
  });

  it('holds who, when, what and how sure', () => {
    const body = alertOf(INJECTED);
    expect(body).toMatchObject({
      tenant: TENANT,
      agent: AGENT,
      role: 'clerk',
      session: 's',
      tasks: ['task'],
      windowStartMs: T0,
      windowEndMs: T0 + 60_000,
      prevalence: 0.01,
      correlationIds: ['trace'],
      planes: { behaviour: true, content: true, authority: true },
      phase: 'learning',
      replay: false,
      model: { fingerprint: BUNDLE.fingerprint, featureSet: 'fused1', backend: 'local', starter: false },
      lstm_uncertainty: null,
      attention: null,
    });
    expect(Object.keys(body.baseScores)).toEqual(['isolation-forest', 'boosting', 'call-boosting']);
    expect(body.evidence.map(({ callId }) => callId)).toEqual(['a', 'b']);
    // Margins are standardised: log-odds 1.5 m − 2, shifted from a prevalence of 0.1 to 0.01.
    const logOdds = 1.5 * body.margin - 2 - Math.log(0.1 / 0.9) + Math.log(0.01 / 0.99);
    expect(body.probability).toBeCloseTo(1 / (1 + Math.exp(-logOdds)), 9);
  });

  it('has attributions that sum with the base value to the margin', () => {
    for (const events of [INJECTED, [metricsOf(0, { api_calls_count: 3, cpu_usage_percent: 90 })]]) {
      const body = alertOf(events);
      expect(Math.abs(body.attributions.reduce((sum, { contribution }) => sum + contribution, body.baseValue) - body.margin)).toBeLessThan(
        1e-6,
      );
      expect(body.note).toBeNull();
    }
  });

  it('says that no driver was found where nothing pushes towards an attack', () => {
    const flat: Bundle = { ...BUNDLE, bases: [{ name: 'w', on: 'window', scorer: linearScorer('fused1', () => 0), mean: -3, sd: 1 }] };
    expect(alertOf([metricsOf(0, {})], { bundle: flat })).toMatchObject({
      note: 'no driver found',
      attributions: [],
      baseValue: 3,
      margin: 3,
    });
    const down: Bundle = {
      ...BUNDLE,
      bases: [{ name: 'w', on: 'window', scorer: linearScorer('fused1', (name) => (name === 'calls' ? -1 : 0)), mean: -3, sd: 1 }],
    };
    expect(alertOf([callsOf([callOf(0, 'read')])], { bundle: down })).toMatchObject({ note: 'no driver found', margin: 2 });
  });

  it('is confident as far as the bases agree and the agent is known', () => {
    const base = (name: string, mean: number) => ({ name, on: 'window' as const, scorer: linearScorer('fused1', () => 0), mean, sd: 1 });
    const bundle: Bundle = { ...BUNDLE, bases: [base('a', -3), base('b', -2), base('c', 1)] };
    // Margins 3, 2, −1: two of three at or above 0.
    expect(alertOf([metricsOf(0, {})], { bundle }).confidence).toBeCloseTo(2 / 3 / 2, 12);
    expect(alertOf([metricsOf(0, {})], { bundle, decision: 'withdrawn' }).confidence).toBeCloseTo(1 / 3 / 2, 12);
    const profile = newProfile();
    for (let i = 0; i < 15; i++) pass(profile, [metricsOf(i * 60_000, { api_calls_count: 1 })]);
    expect(alertOf([metricsOf(0, {})], { bundle, profile })).toMatchObject({
      confidence: expect.closeTo(((2 / 3) * 1.75) / 2, 12),
      phase: 'established',
    });
  });

  it('is graver where money or accounts are touched', () => {
    const sure: Bundle = { ...BUNDLE, threats: null, calibration: { slope: 0, intercept: 9, prevalence: 0.01 } };
    const unsure: Bundle = { ...sure, calibration: { slope: 0, intercept: -9, prevalence: 0.01 } };
    const even: Bundle = { ...sure, calibration: { slope: 0, intercept: 0, prevalence: 0.01 } };
    const severity = (tool: string, bundle: Bundle) => alertOf([callsOf([callOf(0, tool)])], { bundle }).severity;
    expect([severity('read', sure), severity('read', even), severity('read', unsure)]).toEqual(['high', 'medium', 'low']);
    expect([severity('pay', sure), severity('grant', even), severity('pay', unsure)]).toEqual(['critical', 'high', 'medium']);
  });

  it('of a replay says so', () => {
    expect(alertOf(INJECTED, { run: 'replay-1' })).toMatchObject({ run: 'replay-1', replay: true });
  });

  it('names what its planes saw', () => {
    expect(alertOf([decisionOf(0)]).planes).toEqual({ behaviour: false, content: false, authority: true });
    expect(alertOf([metricsOf(0, { api_calls_count: 1 }), verdictOf(0)]).planes).toEqual({
      behaviour: true,
      content: true,
      authority: false,
    });
  });
});

/** An agent after so many windows of its own, each a little different. */
function livedFor(windows: number): AgentProfile {
  const profile = newProfile();
  for (let w = windows; w > 0; w--)
    pass(profile, [
      metricsOf(-w * 60_000, { cpu_usage_percent: (w * 13) % 90, error_count: w % 4 }),
      callsOf([callOf(1 - w * 60_000, 'read', { taskId: 'old' })]),
    ]);
  return profile;
}

describe('the body of an alert by a bundle with everything', () => {
  const EVERYTHING = everythingBundle();

  it('is as its schema says, sums to its margin, and has the same bytes again, after any number of windows', () => {
    for (const windows of [0, 1, 4, 9, 30]) {
      const write = () => alertOf(INJECTED, { profile: livedFor(windows), bundle: windows % 2 ? EVERYTHING : everythingBundle() });
      const body = write();
      expect([...Schema.Errors(body)]).toEqual([]);
      expect(Math.abs(body.attributions.reduce((sum, { contribution }) => sum + contribution, body.baseValue) - body.margin)).toBeLessThan(
        1e-6,
      );
      expect(canonicalize(write())).toBe(canonicalize(body));
      expect(Object.keys(body.baseScores)).toEqual(['isolation-forest', 'boosting', 'call-boosting', 'lstm']);
      expect(body.attention).toHaveLength(Math.min(10, windows + 1));
      expect(body.attention!.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 6);
      expect(body.lstm_uncertainty).toBeGreaterThan(0);
      expect(body.lstm_uncertainty).toBeLessThanOrEqual(0.5);
      const known = Object.values(body.threatProbabilities).filter((p) => p !== null);
      expect(known.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
    }
  });

  it('is whole where the windows before held the largest numbers that a message may hold, which half precision has no room for', () => {
    const profile = newProfile();
    const huge = { api_calls_count: 1e308, network_calls_count: 1e308, memory_usage_mb: 1e308, response_time_ms: 1e308, error_count: 1e9 };
    for (let w = 12; w > 0; w--)
      pass(profile, [
        metricsOf(-w * 60_000, w % 2 ? huge : { cpu_usage_percent: 0 }),
        callsOf([callOf(1 - w * 60_000, 'read', { outBytes: Number.MAX_SAFE_INTEGER })]),
      ]);
    expect(look(INJECTED, { profile: copyProfile(profile) }).sequence.some((step) => step.includes(Number.POSITIVE_INFINITY))).toBe(true);
    const body = alertOf([...INJECTED, metricsOf(3000, huge)], { profile, bundle: EVERYTHING });
    expect([...Schema.Errors(body)]).toEqual([]);
    expect(Math.abs(body.attributions.reduce((sum, { contribution }) => sum + contribution, body.baseValue) - body.margin)).toBeLessThan(
      1e-6,
    );
    expect(canonicalize(JSON.parse(canonicalize(body)!))).toBe(canonicalize(body));
  });

  it('has a probability by its beta calibration where it has no view by planes', () => {
    const body = alertOf(INJECTED, { bundle: { ...EVERYTHING, byPlanes: [] } });
    const { slope, intercept, a, b, c } = { slope: 1.2, intercept: 0.3, a: 0.8, b: 1.4, c: -1.5 };
    const u = slope * body.margin + intercept;
    const logOdds = c - a * Math.log1p(Math.exp(-u)) + b * Math.log1p(Math.exp(u)) - Math.log(0.1 / 0.9) + Math.log(0.01 / 0.99);
    expect(body.probability).toBeCloseTo(1 / (1 + Math.exp(-logOdds)), 9);
  });

  it('is confident as far as the votes, by weight, were cast for the decision', () => {
    const base = (name: string, mean: number) => ({ name, on: 'window' as const, scorer: linearScorer('fused1', () => 0), mean, sd: 1 });
    const bundle: Bundle = {
      ...EVERYTHING,
      bases: [base('a', -3), base('b', -2), base('c', 1)],
      meta: { ...META, weights: Float64Array.of(0, 1, 2), absent: new Float64Array(3) },
    };
    // Votes: 0 · 3, 1 · 2, 2 · −1.
    expect(alertOf([metricsOf(0, {})], { bundle }).confidence).toBeCloseTo(1 / 2 / 2, 12);
    const nobody: Bundle = { ...bundle, meta: { ...META, weights: new Float64Array(3), absent: new Float64Array(3) } };
    expect(alertOf([metricsOf(0, {})], { bundle: nobody }).confidence).toBe(0);
  });

  it('draws the dropout of its spread from tenant, agent and window alone', () => {
    const rows = { sequence: stepsLike(createRandom('view'), 6) };
    const view = (tenant: string, agent: string, startMs: number) => viewSequence(EVERYTHING.bases, rows, { tenant, agent, startMs })!;
    const one = view('t', 'a', 0);
    expect(view('t', 'a', 0)).toEqual(one);
    const others = [view('t', 'b', 0), view('u', 'a', 0), view('t', 'a', 60_000)];
    expect(new Set([one, ...others].map(({ uncertainty }) => uncertainty)).size).toBe(4);
    for (const other of others) expect(other.attention).toEqual(one.attention);
    expect(viewSequence(EVERYTHING.bases.slice(0, 3), rows, { tenant: 't', agent: 'a', startMs: 0 })).toBeNull();
  });

  it('says that no driver was found where the sequence model has no evidence but what its path missed', () => {
    const missed = (more: Partial<Saying>): Bundle => ({
      ...BUNDLE,
      bases: [
        { name: 'w', on: 'window', scorer: linearScorer('fused1', () => 0), mean: 0, sd: 1 },
        sequenceSays({ now: { write_calls: -0.5 }, before: {}, residual: 4, baseValue: 0, ...more }),
      ],
    });
    const body = alertOf([metricsOf(0, {})], { bundle: missed({}) });
    expect(body).toMatchObject({ note: 'no driver found', margin: 1.75 });
    expect(body.attributions.map(({ feature }) => feature)).toEqual(['sequence_residual', 'write_calls']);
    expect(body.sentence).not.toContain('mostly');
    expect(alertOf([metricsOf(0, {})], { bundle: missed({ now: { write_calls: 1 } }) }).note).toBeNull();
  });
});

describe('an agent that read what the gateway flagged', () => {
  const EVERYTHING = everythingBundle();
  /** A head that says the same of every window. */
  const saying = (margin: number): Bundle => ({
    ...EVERYTHING,
    acted: {
      bases: [{ name: 'w', on: 'window', scorer: linearScorer('fused1', () => 0), mean: -margin, sd: 1 }],
      meta: null,
      calibration: { kind: 'platt', slope: 1, intercept: 0, prevalence: 0.5 },
    },
  });

  it('acted on it: so says the sentence, and the severity is that of the threat', () => {
    const body = alertOf(INJECTED, { bundle: saying(2) });
    expect(body.acted).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
    expect(body.sentence).toContain('after reading an output that the gateway flagged: looks like ');
    expect(body.severity).toBe(alertOf(INJECTED, { bundle: { ...EVERYTHING, acted: null } }).severity);
  });

  it('read it and did not act: the sentence says so, the severity is one grade lower', () => {
    const body = alertOf(INJECTED, { bundle: saying(-2) });
    expect(body.acted).toBeCloseTo(1 / (1 + Math.exp(2)), 12);
    expect(body.sentence).toMatch(
      /^agent-1 \(clerk\) read an output that the gateway flagged and did not act on it: looks like an attempt at [a-z ]+\.$/,
    );
    const grades = ['low', 'medium', 'high', 'critical'];
    const grade = (found: string) => grades.indexOf(found);
    expect(grade(body.severity)).toBe(Math.max(0, grade(alertOf(INJECTED, { bundle: saying(2) }).severity) - 1));
    expect([...Schema.Errors(body)]).toEqual([]);
  });

  it('is not spoken of where it read nothing hostile, nor by a bundle without the head', () => {
    const quiet: Events = [callsOf([callOf(1000, 'fetch', { turn: 0, callId: 'a' })]), verdictOf(1001, { callId: 'a', score: 0.1 })];
    expect(alertOf(quiet, { bundle: saying(-2) }).acted).toBeNull();
    expect(alertOf([metricsOf(0, {})], { bundle: saying(-2) }).acted).toBeNull();
    expect(alertOf(INJECTED, { bundle: { ...EVERYTHING, acted: null } })).not.toHaveProperty('acted');
  });
});

describe('the sentence', () => {
  it('tells who did what after reading what', () => {
    const onValues = {
      name: 'c',
      on: 'call',
      scorer: linearScorer('call1', (name) => (name === 'call_values_from_output' ? 1 : 0)),
      mean: 0,
      sd: 1,
    } as const;
    const bundle: Bundle = { ...BUNDLE, threats: null, bases: [BUNDLE.bases[0]!, onValues] };
    expect(alertOf(INJECTED, { bundle }).sentence).toBe(
      'agent-1 (clerk) called pay (1 destination taken from an output) after reading an output that the gateway flagged: looks like prompt injection.',
    );
  });

  it('tells of failed tries, repeats, untrusted sources and denials', () => {
    expect(alertOf([callsOf([callOf(0, 'fetch'), callOf(1, 'send', { ok: false }), callOf(2, 'send', { ok: false })])]).sentence).toMatch(
      /^agent-1 (tried to call send 2 times|called fetch)/,
    );
    expect(alertOf([decisionOf(0, { decision: 'forbid' })]).sentence).toMatch(/^agent-1 was denied 1 action: looks like /);
    expect(alertOf([metricsOf(0, { cpu_usage_percent: 99 })]).sentence).toMatch(
      /^agent-1 behaved unlike itself: looks like [a-z ]+, mostly by .+\.$/,
    );
    const first = (name: string): Bundle => ({
      ...BUNDLE,
      bases: [{ name: 'c', on: 'call', scorer: linearScorer('call1', (feature) => (feature === name ? 1 : 0)), mean: 0, sd: 1 }],
    });
    const sentence = (...tools: string[]) =>
      alertOf([callsOf(tools.map((tool, i) => callOf(i, tool, { callId: `c${i}` })))], { bundle: first('call_side_effect') }).sentence;
    expect(sentence('fetch', 'send')).toContain('called send after reading what fetch returned');
    expect(sentence('read', 'read', 'send')).toContain('called send after 2 reads in the same minute');
    // Nothing came before it: no call follows from its own output.
    expect(sentence('fetch')).toMatch(/^agent-1 called fetch[^a]*: looks like/);
    expect(sentence('read')).not.toContain('after');
  });
});

describe('the sentence about a sequence', () => {
  const sentence = (said: Partial<Saying>, windows: number, events: Events = [metricsOf(0, { cpu_usage_percent: 99 })]) =>
    alertOf(events, {
      profile: livedFor(windows),
      bundle: {
        ...BUNDLE,
        threats: null,
        bases: [
          { name: 'w', on: 'window', scorer: linearScorer('fused1', (name) => (name === 'cpu_usage' ? 1 : 0)), mean: 0, sd: 1 },
          sequenceSays({ now: {}, before: { errors_per_min: 1 }, residual: 0, baseValue: 0, ...said }),
        ],
      },
    }).sentence;

  it('says in plain words that the windows before lead up to it, where they carried the decision', () => {
    const leading = 'agent-1 behaved unlike itself: looks like prompt injection, and its last windows lead up to it.';
    expect(sentence({}, 3)).toBe(leading);
    expect(sentence({}, 3, [callsOf([callOf(0, 'pay')])])).toBe(
      'agent-1 called pay (a step that its role rarely takes): looks like prompt injection, and its last windows lead up to it.',
    );
    // Its own window alone, a quieter sequence model, an agent without a past.
    expect(sentence({ now: { errors_per_min: 9 }, before: {} }, 3)).toMatch(/, mostly by errors\.$/);
    expect(sentence({ before: { errors_per_min: 0.1 } }, 3)).toMatch(/, mostly by CPU\.$/);
    expect(sentence({}, 0)).toMatch(/, mostly by CPU\.$/);
  });
});

describe('the lines of attributions', () => {
  it('are twelve and one for the rest', () => {
    const reasons = Array.from({ length: 20 }, (_, i) => ({
      spec: { ...SPEC, name: `f${i}` },
      value: i,
      usual: Number.NaN,
      contribution: 20 - i,
    }));
    const lines = attributionLines(reasons);
    expect(lines).toHaveLength(13);
    expect(lines[12]).toEqual({
      feature: 'other',
      label: 'all other features',
      value: null,
      usual: null,
      unit: '1',
      contribution: 36,
      missing: false,
    });
    expect(attributionLines(reasons.slice(0, 12))).toHaveLength(12);
  });
});

const SPEC = { name: '', label: 'l', formula: '', unit: '', why: '', plane: 'behaviour', monotone: 0 } as const;
