/**
 * The body of an alert. INVARIANT: a function of the log and the bundle alone: no wall clock, host, process, path or incident in it, so that
 * a replay gives the same bytes. Numbers are the doubles that were computed; RFC 8785 gives them one spelling.
 */
import { type AlertAttribution, SEVERITIES, type Severity, THREAT_TAGS, type Threat, type ThreatAlert } from '@optikal/contracts';
import type { MetaModel } from '@optikal/ml';
import type { Analysis } from '../analyse.ts';
import { FLAGGED_LOGIT } from '../facts.ts';
import { historyWeight } from '../habit.ts';
import type { AgentProfile } from '../profile.ts';
import { IGNORED_BELOW, judgeActed } from './acted.ts';
import { attribute, driversOf, isResidual, type Reason } from './attribute.ts';
import type { Bundle } from './bundle.ts';
import { evidenceOf } from './evidence.ts';
import type { Judgement } from './judge.ts';
import { metaFor, probabilityFor } from './planes.ts';
import { sentenceOf } from './sentence.ts';
import { viewSequence } from './sequence-view.ts';
import { nameThreat } from './threat.ts';

const MAX_ATTRIBUTIONS = 12;
/** Below this weight of its own history an agent is still judged mostly as its peers are. */
const LEARNING_BELOW = 0.5;
const MAX_TASKS = 64;

export interface AlertInput {
  readonly id: string;
  readonly revision: 1 | 2;
  readonly run: string;
  readonly tenant: string;
  readonly agent: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly decision: 'alert' | 'withdrawn';
  readonly threshold: number;
  readonly analysis: Analysis;
  readonly judgement: Judgement;
  readonly profile: AgentProfile;
  readonly bundle: Bundle;
}

export function alertBody(input: AlertInput): ThreatAlert {
  const { analysis, judgement, bundle, profile } = input;
  const { facts, content } = analysis;
  const explanation = attribute(bundle, analysis, judgement, profile.role);
  const evidence = evidenceOf(bundle, facts.calls, analysis);
  const { threatType, probabilities } = nameThreat(bundle, analysis.row);
  const view = viewSequence(bundle.bases, analysis, input);
  const probability = probabilityFor(bundle, judgement.margin, analysis.row);
  const acted = actedOf(bundle, analysis);
  return {
    id: input.id,
    revision: input.revision,
    run: input.run,
    tenant: input.tenant,
    agent: input.agent,
    role: profile.role,
    session: content.session,
    tasks: [...new Set(facts.calls.map(({ call }) => call.taskId).filter((id) => id !== ''))].slice(0, MAX_TASKS),
    windowStartMs: input.startMs,
    windowEndMs: input.endMs,
    detector: 'ensemble',
    decision: input.decision,
    sentence: sentenceOf(input.agent, profile.role, threatType, analysis, evidence, explanation, acted ?? null),
    severity: severityOf(
      threatType,
      probability,
      facts.calls.some((call) => call.call.effect === 'money' || call.call.effect === 'account'),
      acted ?? null,
    ),
    probability,
    ...(acted === undefined ? {} : { acted }),
    prevalence: bundle.prevalence,
    margin: judgement.margin,
    threshold: input.threshold,
    threatType,
    threatProbabilities: probabilities,
    baseScores: Object.fromEntries(judgement.bases.map(({ name, margin }) => [name, margin])),
    confidence: confidenceOf(input),
    lstm_uncertainty: view === null ? null : view.uncertainty,
    attention: view === null ? null : [...view.attention],
    baseValue: explanation.baseValue,
    attributions: attributionLines(explanation.reasons),
    note: driversOf(explanation).length > 0 ? null : 'no driver found',
    evidence: [...evidence],
    tags: [...THREAT_TAGS[threatType]],
    correlationIds: [...content.correlationIds],
    planes: planesOf(analysis),
    phase: historyWeight(profile.habit) < LEARNING_BELOW ? 'learning' : 'established',
    model: { fingerprint: bundle.fingerprint, featureSet: bundle.featureSet, backend: 'local', starter: bundle.starter },
    replay: input.run !== 'live',
  };
}

/**
 * The strongest reasons, what the attributions of a sequence miss however little it is, and one line for the rest: base value and lines still
 * sum to the margin.
 */
export function attributionLines(reasons: readonly Reason[]): AlertAttribution[] {
  const told = reasons.filter((reason, i) => i < MAX_ATTRIBUTIONS || isResidual(reason));
  const lines = told.map((reason) => ({
    feature: reason.spec.name,
    label: reason.spec.label,
    value: known(reason.value),
    usual: known(reason.usual),
    unit: reason.spec.unit === '' ? '1' : reason.spec.unit,
    contribution: reason.contribution,
    missing: Number.isNaN(reason.value) && !isResidual(reason),
  }));
  const untold = reasons.filter((reason, i) => i >= MAX_ATTRIBUTIONS && !isResidual(reason));
  const rest = untold.reduce((sum, reason) => sum + reason.contribution, 0);
  if (untold.length > 0)
    lines.push({ feature: 'other', label: 'all other features', value: null, usual: null, unit: '1', contribution: rest, missing: false });
  return lines;
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** As the schema defines it: agreement of the bases with the decision, times (1 + n/(n+k)) / 2. */
function confidenceOf({ analysis, judgement, decision, profile, bundle, threshold }: AlertInput): number {
  const meta = metaFor(bundle, analysis.row);
  const agreement = meta === null ? agreeingBases(judgement, threshold, decision) : agreeingVotes(judgement, meta, decision);
  return (agreement * (1 + historyWeight(profile.habit))) / 2;
}

/** The share of the bases on the decision's side of the threshold: without a meta-model all bases weigh the same. */
function agreeingBases({ bases }: Judgement, threshold: number, decision: AlertInput['decision']): number {
  const margins = bases.flatMap(({ margin }) => (margin === null ? [] : [margin]));
  return margins.filter((margin) => margin >= threshold === (decision === 'alert')).length / Math.max(1, margins.length);
}

/** The share of all votes, weight × |standardised margin|, that were cast for the decision. */
function agreeingVotes({ bases }: Judgement, { weights }: MetaModel, decision: AlertInput['decision']): number {
  const votes = bases.map(({ margin }, k) => (margin === null ? 0 : weights[k]! * margin * (decision === 'alert' ? 1 : -1)));
  const total = votes.reduce((sum, vote) => sum + Math.abs(vote), 0);
  return total === 0 ? 0 : votes.reduce((sum, vote) => sum + Math.max(0, vote), 0) / total;
}

const GRAVE: readonly Threat[] = ['credential_abuse', 'data_exfiltration', 'privilege_escalation'];

/** An agent that read a hostile text and did not act on it is one grade less urgent than one that did. */
function severityOf(threat: Threat, probability: number, moneyOrAccount: boolean, acted: number | null): Severity {
  const grave = moneyOrAccount || GRAVE.includes(threat);
  const grade = (probability >= 0.9 ? 2 : probability >= 0.5 ? 1 : 0) + (grave ? 1 : 0) - (acted !== null && acted < IGNORED_BELOW ? 1 : 0);
  return SEVERITIES[Math.max(0, grade)]!; // three grades and one more
}

/** That it acted, where it read a hostile text; null where it read none, undefined where the bundle cannot say. */
function actedOf({ acted }: Bundle, analysis: Analysis): number | null | undefined {
  if (acted === null) return undefined;
  return analysis.facts.injectionMax >= FLAGGED_LOGIT ? judgeActed(acted, analysis).probability : null;
}

function planesOf({ facts, content }: Analysis): ThreatAlert['planes'] {
  return {
    behaviour: content.items.some((item) => item.kind === 'call') || !Number.isNaN(content.raw.api),
    content: facts.checked > 0 || facts.violations > 0 || facts.calls.some((call) => !Number.isNaN(call.injection)),
    authority: facts.decisions > 0,
  };
}
