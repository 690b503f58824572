/** The public names of the product, for whoever embeds it instead of calling the command line. */
export { ConfigError, DEFAULTS, resolveSettings, type Settings } from './config/index.ts';
export { redactText } from './content/gateway/redact.ts';
export { type Checked, createGateway, type Finding, type Gateway, type GatewayOptions } from './content/gateway.ts';
export type { InjectionDetector, TextContext } from './content/injection/contract.ts';
export { type CheckedTool, checkTools } from './content/tool-poisoning/check-tools.ts';
export { readTools, type ToolDefinition } from './content/tool-poisoning/definitions.ts';
export { configureLogging, type Log, NO_LOG } from './observability/index.ts';
export { alertLine } from './services/alert-event.ts';
export { readBundle, writeBundle } from './services/bundle-files.ts';
export { type DataSource, openDataSource } from './services/data-source.ts';
export { openGateway } from './services/gateway.ts';
export { createScorer, type ScoreOptions, type Scorer } from './services/score.ts';
export { type RunningServer, type ServeOptions, startServer } from './services/serve.ts';
export { type TrainOptions, trainBundle } from './services/train.ts';
export { type Verification, verifyDataDir } from './services/verify.ts';
export {
  addNoise,
  type FleetOptions,
  generateMixedThreat,
  generateSimpleScenarios,
  type MixedThreat,
  type MixedThreatOptions,
  type NoiseOptions,
  noiseOf,
  simulateFleet,
} from './training/simulator/index.ts';
