/**
 * The body of an alert of drift: another model seems to work under the agent's name. INVARIANT: as with every alert, a function of the log
 * and the bundle alone.
 */
import { type AlertAttribution, type AlertDrift, THREAT_TAGS, type ThreatAlert } from '@optikal/contracts';
import { exp, logistic, logit } from '@optikal/ml';
import type { Analysis } from '../analyse.ts';
import { heaviestOf, project, sidesOfDirections } from './directions.ts';
import { type AgentDriftModel, type DriftJudgement, featureOfColumn } from './model.ts';
import { DRIFT_FEATURES } from './tally.ts';

export interface DriftAlertInput {
  readonly id: string;
  readonly run: string;
  readonly tenant: string;
  readonly agent: string;
  readonly role: string | null;
  readonly startMs: number;
  readonly endMs: number;
  /** The window in which the task ended that made it sure. */
  readonly analysis: Analysis;
  readonly judgement: DriftJudgement;
  readonly model: AgentDriftModel;
  /** Tasks that are remembered, the changed ones included, oldest first. */
  readonly tasks: readonly Float64Array[];
  readonly bundle: { readonly fingerprint: string; readonly featureSet: string; readonly starter: boolean; readonly prevalence: number };
}

const MAX_TASKS = 64;
/** Features that the sentence names, and those that a direction is named by. */
const NAMED = 2;
/** With this many tasks half of the history that there can be is there. */
const USUAL_TASKS = 14;

/** One final revision: a task that ended stays as it was. */
export function driftAlertBody(input: DriftAlertInput): ThreatAlert {
  const { analysis, judgement, model, bundle, tasks } = input;
  const { attributions, baseValue } = attribute(model, judgement);
  return {
    id: input.id,
    revision: 2,
    run: input.run,
    tenant: input.tenant,
    agent: input.agent,
    role: input.role,
    session: analysis.content.session,
    tasks: [...new Set(analysis.facts.ended.map(({ id }) => id).filter((id) => id !== ''))].slice(0, MAX_TASKS),
    windowStartMs: input.startMs,
    windowEndMs: input.endMs,
    detector: 'drift',
    decision: 'alert',
    sentence: sentenceOf(input, attributions),
    severity: 'medium',
    // The trees were fitted with a change in every other session.
    probability: logistic(judgement.margin + logit(bundle.prevalence)),
    prevalence: bundle.prevalence,
    margin: judgement.margin,
    threshold: model.threshold,
    threatType: 'behavioral_drift',
    threatProbabilities: {
      credential_abuse: null,
      data_exfiltration: null,
      prompt_injection: null,
      resource_abuse: null,
      behavioral_drift: 1,
      privilege_escalation: null,
    },
    baseScores: {},
    confidence: (1 + tasks.length / (tasks.length + USUAL_TASKS)) / 2,
    lstm_uncertainty: null,
    attention: null,
    baseValue,
    attributions,
    drift: comparison(model, judgement, tasks),
    note: null,
    evidence: [],
    tags: [...THREAT_TAGS.behavioral_drift],
    correlationIds: [...analysis.content.correlationIds],
    planes: { behaviour: true, content: false, authority: false },
    phase: 'established',
    model: { fingerprint: bundle.fingerprint, featureSet: bundle.featureSet, backend: 'local', starter: bundle.starter },
    replay: input.run !== 'live',
  };
}

/** What was compared with what, and what each direction and each number says of it. */
function comparison({ directions }: AgentDriftModel, { change, sides }: DriftJudgement, tasks: readonly Float64Array[]): AlertDrift {
  const projected = tasks.map((task) => project(directions, task));
  return {
    tasksBefore: change.at,
    tasksAfter: tasks.length - change.at,
    logRatio: change.best,
    meanLogRatio: change.mixture,
    scatter: change.scatter,
    directions: sidesOfDirections(directions, projected, change.at).map((says, k) => ({
      features: heaviestOf(directions, k)
        .slice(0, NAMED)
        .map((feature) => nameOf(feature)),
      ...says,
    })),
    features: sides.map(({ shift, t, ranks }, c) => ({ feature: nameOf(c), shift, t, ranks })),
  };
}

/** As in the attributions. */
function nameOf(feature: number): string {
  return `drift_${DRIFT_FEATURES[feature]!.name}`;
}

/** Before the change is usual, after it is the value; the strongest first. Base value and lines sum to the margin. */
function attribute(model: AgentDriftModel, { row, sides }: DriftJudgement): { attributions: AlertAttribution[]; baseValue: number } {
  const { baseValue, attributions: columns } = model.trees.explain(row);
  const shares = new Float64Array(DRIFT_FEATURES.length);
  let whole = 0;
  columns.forEach((share, column) => {
    const feature = featureOfColumn(column);
    if (feature < 0) whole += share;
    else shares[feature]! += share;
  });
  const lines = DRIFT_FEATURES.map(({ label, unit }, c): AlertAttribution => {
    const { before, after } = sides[c]!;
    return {
      feature: nameOf(c),
      label,
      value: known(after),
      usual: known(before),
      unit,
      contribution: shares[c]!,
      missing: Number.isNaN(after),
    };
  });
  const all = {
    feature: 'drift_whole',
    label: 'all tasks together',
    value: null,
    usual: null,
    unit: '1',
    contribution: whole,
    missing: false,
  };
  return { attributions: [...lines, all].sort((a, b) => b.contribution - a.contribution), baseValue };
}

function sentenceOf({ agent, role, judgement, tasks }: DriftAlertInput, attributions: readonly AlertAttribution[]): string {
  const since = tasks.length - judgement.change.at;
  const moved = attributions
    .filter(({ value, usual, contribution }) => value !== null && usual !== null && contribution > 0)
    .slice(0, NAMED);
  const how = moved.map((line) => `${line.label} ${shown(line.usual!, line.unit)} → ${shown(line.value!, line.unit)}`).join(', ');
  const who = role === null ? agent : `${agent} (${role})`;
  const what = how === '' ? '' : ` (${how})`;
  return `${who} has worked otherwise than at its beginning since ${since} tasks ago${what}: looks like another model under its name.`;
}

/** The value of a feature as its sentence says it: logs as what they are the log of. */
export function shown(value: number, unit: string): string {
  if (unit === 'share') return `${Math.round(100 * value)} %`;
  const count = unit.startsWith('ln(1 +') ? exp(value) - 1 : exp(value);
  return String(count < 10 ? Math.round(10 * count) / 10 : Math.round(count));
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
