/** Which threat, given that it is one: models of attack windows; null where a threat has no model. */
import { THREATS, type Threat } from '@optikal/contracts';
import { type BaseScorer, type ClassScorer, logistic } from '@optikal/ml';
import type { Row } from '../features/columns.ts';

/** What names a threat, over rows of fused1. */
export type ThreatModel = OneVsRest | ThreatForest;

/** Each threat against the others; their probabilities are brought to sum to one. */
export interface OneVsRest {
  readonly kind: 'one-vs-rest';
  readonly models: readonly { readonly threat: Threat; readonly scorer: BaseScorer }[];
}

/** One model of several classes; its probabilities sum to one. */
export interface ThreatForest {
  readonly kind: 'forest';
  /** Class k is `threats[k]`. */
  readonly threats: readonly Threat[];
  readonly forest: ClassScorer;
}

export interface ThreatVerdict {
  readonly threatType: Threat;
  readonly probabilities: Readonly<Record<Threat, number | null>>;
}

/** Where nothing can be said, the cause that every indirect attack on an agent shares. */
const DEFAULT_THREAT: Threat = 'prompt_injection';

export function nameThreat({ threats }: { readonly threats: ThreatModel | null }, row: Row): ThreatVerdict {
  const found = threats === null ? NOTHING : probabilitiesOf(threats, row);
  const probabilities = Object.fromEntries(THREATS.map((threat) => [threat, found.get(threat) ?? null])) as Record<Threat, number | null>; // one entry for each threat
  let threatType = DEFAULT_THREAT;
  for (const threat of THREATS) if ((probabilities[threat] ?? -1) > (probabilities[threatType] ?? -1)) threatType = threat;
  return { threatType, probabilities };
}

const NOTHING: ReadonlyMap<Threat, number> = new Map();

function probabilitiesOf(model: ThreatModel, row: Row): ReadonlyMap<Threat, number> {
  if (model.kind === 'forest') {
    const shares = model.forest.predictProba(row);
    return new Map(model.threats.map((threat, k) => [threat, shares[k]!]));
  }
  const scores = model.models.map(({ threat, scorer }): [Threat, number] => [threat, logistic(scorer.score(row))]);
  const total = scores.reduce((sum, [, score]) => sum + score, 0);
  return total > 0 ? new Map(scores.map(([threat, score]) => [threat, score / total])) : NOTHING;
}
