export type { AgentPlan, Sensors } from './agent-plan.ts';
export {
  type Campaign,
  type CampaignCall,
  type CampaignPlan,
  type Gain,
  type Goal,
  goalProgress,
  goalReached,
  INTENSITIES,
  type Intensity,
  SIMULATED_THREATS,
  type SimulatedThreat,
} from './campaign.ts';
export { type Fleet, simulateFleet } from './fleet.ts';
export type { Burst, Deploy, Life, Span } from './life.ts';
export { generateMixedThreat, type MixedThreat, type MixedThreatOptions } from './mixed-threat.ts';
export { addNoise, type NoiseOptions, noiseOf } from './noise/index.ts';
export type { FleetOptions } from './options.ts';
export { generateSimpleScenarios, type SimpleOptions, type SimpleRow, simpleCsv } from './simple/index.ts';
export { type CatalogueTool, type ToolKind, toolCatalogue, toolsYaml } from './tools.ts';
