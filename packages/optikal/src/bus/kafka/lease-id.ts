/** What a lease is to the brokers: a transactional id, and a producer's id and epoch under it. */
import type { KafkaProducer } from './client.ts';
import type { ResolvedBusOptions } from './options.ts';

export function transactionalId({ prefix, group }: ResolvedBusOptions, partition: number): string {
  return `${prefix}optikal-${group}-${partition}`;
}

/** Producer id and epoch: no two leases of a partition share them, in whatever process. Exact: ids of producers stay far below 2^37. */
export function tokenOf({ producerId = 0n, producerEpoch = 0 }: KafkaProducer): number {
  return Number(producerId) * 65_536 + producerEpoch;
}
