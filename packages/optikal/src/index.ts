/** The public names of the product, for whoever embeds it instead of calling the command line. */
export { ConfigError, DEFAULTS, resolveSettings, type Settings } from './config/index.ts';
export { configureLogging, type Log, NO_LOG } from './observability/index.ts';
export { alertLine } from './services/alert-event.ts';
export { readBundle, writeBundle } from './services/bundle-files.ts';
export { type DataSource, openDataSource } from './services/data-source.ts';
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
