/** Which threat: one-vs-rest models over attack windows, their probabilities brought to sum to one; null where a threat has no model. */
import { THREATS, type Threat } from '@optikal/contracts';
import { logistic } from '@optikal/ml';
import type { Row } from '../features/columns.ts';
import type { Bundle } from './bundle.ts';

export interface ThreatVerdict {
  readonly threatType: Threat;
  readonly probabilities: Readonly<Record<Threat, number | null>>;
}

/** Where nothing can be said, the cause that every indirect attack on an agent shares. */
const DEFAULT_THREAT: Threat = 'prompt_injection';

export function nameThreat(bundle: Bundle, row: Row): ThreatVerdict {
  const scores = new Map(bundle.threats.map(({ threat, scorer }) => [threat, logistic(scorer.score(row))]));
  const total = [...scores.values()].reduce((sum, score) => sum + score, 0);
  const probabilities = Object.fromEntries(
    THREATS.map((threat) => [threat, scores.has(threat) && total > 0 ? scores.get(threat)! / total : null]),
  ) as Record<Threat, number | null>; // one entry for each threat
  let threatType = DEFAULT_THREAT;
  for (const threat of THREATS) if ((probabilities[threat] ?? -1) > (probabilities[threatType] ?? -1)) threatType = threat;
  return { threatType, probabilities };
}
