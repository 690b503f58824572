/**
 * The bounds on the best stump (DESIGN 7), pooled over threats, on a small fleet. bench/hardness.ts measures them for each threat, and how far the
 * ensemble is above: a small fleet teaches too little for that.
 */
import { describe, expect, it } from 'vitest';
import { parseToolsYaml, resolveTools, toolLookup } from '../../detection/tools/index.ts';
import { cellFigures } from '../cells.ts';
import { extract } from '../extract.ts';
import { indexTruth } from '../labels.ts';
import { fitStack } from '../stack.ts';
import { goalReached, simulateFleet, toolsYaml } from './index.ts';

const FLEET = {
  agents: 260,
  days: 0.5,
  startHour: 7,
  seed: 'hardness-test',
  attackedShare: 0.8,
  campaignsPerAgent: 2,
  intensities: ['moderate', 'mimicry'],
} as const;

describe('the simulated attacks', () => {
  const fleet = simulateFleet(FLEET);
  const { samples } = extract({
    events: () => fleet.events(),
    truth: indexTruth(fleet.truth),
    tools: toolLookup(resolveTools({ user: parseToolsYaml(toolsYaml()) })),
  }).dataset;
  const unitOf = ({ key }: { key: string }) => key;
  const { margins } = fitStack(samples, { unitOf, folds: 3, seed: FLEET.seed });
  const cells = cellFigures(samples, margins, unitOf, FLEET.seed);
  const pooled = (intensity: string) => cells.find((cell) => cell.threat === null && cell.intensity === intensity)!;

  it('reach their goals', () => {
    expect(fleet.campaigns.length).toBeGreaterThan(300);
    expect(fleet.campaigns.filter((campaign) => !goalReached(campaign)).map(({ name }) => name)).toEqual([]);
  });

  it('are found by no rule of one feature: at most 0.75 balanced accuracy on other agents at moderate, 0.60 in mimicry', () => {
    expect(pooled('moderate').stump.balancedAccuracy).toBeLessThanOrEqual(0.75);
    expect(pooled('mimicry').stump.balancedAccuracy).toBeLessThanOrEqual(0.6);
  });

  it('are found by the ensemble, which joins what they betray, above the best rule', () => {
    const { ensemble, stump } = pooled('moderate');
    expect(ensemble.balancedAccuracy).toBeGreaterThan(stump.balancedAccuracy);
    expect(pooled('mimicry').ensemble.auroc).toBeGreaterThan(0.52);
  });
});
