import { FEATURE_SETS, type Threat } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { linearScorer } from '../test-support/bundles.ts';
import { nameThreat, type ThreatModel } from './threat.ts';

const row = new Float64Array(FEATURE_SETS.fused1.length).fill(1);
/** Models whose score is a constant: the weight of the first feature, which is 1. */
const withScores = (scores: Partial<Record<Threat, number>>): { threats: ThreatModel } => ({
  threats: {
    kind: 'one-vs-rest',
    models: (Object.keys(scores) as Threat[]).map((threat) => ({
      threat,
      scorer: linearScorer('fused1', (_, i) => (i === 0 ? scores[threat]! : 0)),
    })),
  },
});

describe('the threat of a window', () => {
  it('is the likeliest of those with a model; the probabilities of these sum to one', () => {
    const { threatType, probabilities } = nameThreat(withScores({ data_exfiltration: 0, resource_abuse: Math.log(3) }), row);
    expect(threatType).toBe('resource_abuse');
    // Logistic: 1/2 and 3/4, brought to sum to one.
    expect(probabilities.data_exfiltration).toBeCloseTo(0.4, 12);
    expect(probabilities.resource_abuse).toBeCloseTo(0.6, 12);
    expect([probabilities.credential_abuse, probabilities.prompt_injection]).toEqual([null, null]);
  });

  it('is a prompt injection where no model can say', () => {
    expect(nameThreat({ threats: null }, row).threatType).toBe('prompt_injection');
    expect(nameThreat(withScores({ resource_abuse: Number.NEGATIVE_INFINITY }), row)).toMatchObject({
      threatType: 'prompt_injection',
      probabilities: { resource_abuse: null },
    });
  });

  it('is a known one where it is equally likely to another', () => {
    expect(nameThreat(withScores({ privilege_escalation: 1, credential_abuse: 1 }), row).threatType).toBe('credential_abuse');
  });
});
