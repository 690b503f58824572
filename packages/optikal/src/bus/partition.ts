/**
 * Which partition an agent belongs to: FNV-1a, 32 bits (offset basis 2166136261, prime 16777619; Fowler, Noll, Vo), over the bytes of
 * `tenant|agent`, modulo the number of partitions. Fixed for the life of a log: changing it would tear an agent's history apart.
 */
import { BusError } from './errors.ts';

/** More than any machine has cores; keeps partition and offset together in one exact integer (embedded/log-table.ts). */
export const MAX_PARTITIONS = 1024;

/** 0 … partitions − 1. Ids are ASCII (contracts, ID_PATTERN), so a UTF-16 unit is a byte. */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % partitions;
}

export function checkPartitions(partitions: number): void {
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MAX_PARTITIONS)
    throw new BusError('option_invalid', `\`partitions\` must be a whole number from 1 to ${MAX_PARTITIONS}, found \`${partitions}\``);
}
