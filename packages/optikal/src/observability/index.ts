/** What the services and commands may use of it. */
export { type Detail, errorCodeOf } from './log-detail.ts';
export { LOG_EVENTS, LOG_LEVELS, type LogEvent, type LogLevel } from './log-events.ts';
export { configureLogging, type Log, type Logging, type LoggingOptions, NO_LOG } from './logging.ts';
export { type LoopWatch, watchLoop } from './loop-watch.ts';
export { createMetrics, type Metrics, type PartitionReading, type ServerReading } from './metrics.ts';
