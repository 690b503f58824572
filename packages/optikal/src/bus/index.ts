/** What the services may use of the bus. */
export type {
  AlertRow,
  AppendOutcome,
  Bus,
  BusReader,
  Commit,
  CommitOutput,
  DeadLetter,
  Lease,
  LogEntry,
  LogReader,
  LogRecord,
  PartitionState,
  ReadOptions,
  ScoreRow,
  StateChange,
  StoredAlert,
  StoredDeadLetter,
} from './contract.ts';
export { type EmbeddedBus, openEmbeddedBus } from './embedded/client.ts';
export type { EmbeddedBusOptions } from './embedded/options.ts';
export { openEmbeddedReader, type ReaderOptions } from './embedded/reader.ts';
export { BUS_ERRORS, BusError, type BusErrorCode } from './errors.ts';
export { type KafkaBus, openKafkaBus } from './kafka/bus.ts';
export type { KafkaBusOptions, KafkaConnection, KafkaReaderOptions, KafkaTimeouts } from './kafka/options.ts';
export { openKafkaReader } from './kafka/reader.ts';
export { logReader } from './log-reader.ts';
export { type MemoryBus, type MemoryBusOptions, openMemoryBus } from './memory.ts';
export { MAX_PARTITIONS, partitionOf } from './partition.ts';
