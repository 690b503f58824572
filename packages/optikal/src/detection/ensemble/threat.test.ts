import { FEATURE_SETS, type Threat } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { linearScorer } from '../test-support/bundles.ts';
import { everythingBundle } from '../test-support/everything.ts';
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

  it('by a forest has the forest’s own probabilities, each under the name of its class', () => {
    const forest: ThreatModel = {
      kind: 'forest',
      threats: ['resource_abuse', 'credential_abuse'],
      forest: {
        kind: 'shares',
        featureCount: row.length,
        classCount: 2,
        predictProba: () => Float64Array.of(0.75, 0.25),
        probabilitiesInto: (_, out) => out.set([0.75, 0.25]),
        explain: () => ({ baseValue: 0, attributions: new Float64Array(row.length) }),
        encode: () => new Uint8Array(0),
      },
    };
    expect(nameThreat({ threats: forest }, row)).toEqual({
      threatType: 'resource_abuse',
      probabilities: {
        credential_abuse: 0.25,
        data_exfiltration: null,
        prompt_injection: null,
        resource_abuse: 0.75,
        behavioral_drift: null,
        privilege_escalation: null,
      },
    });
  });

  it('by a fitted forest sums to one over the threats that it knows', () => {
    const { threats } = everythingBundle();
    const { threatType, probabilities } = nameThreat({ threats }, row);
    const known = Object.values(probabilities).filter((p) => p !== null);
    expect(known).toHaveLength(3);
    expect(known.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    expect(probabilities[threatType]).toBe(Math.max(...known));
  });
});
