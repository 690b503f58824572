/** The options of the embedded bus, checked once before a thread is started. */
import { BusError } from '../errors.ts';
import { checkPartitions } from '../partition.ts';
import type { WorkerOptions } from './protocol.ts';

export interface EmbeddedBusOptions extends WorkerOptions {
  /** How long the first record of a batch waits for others, 0 to 20 ms. Default 2. */
  readonly lingerMs?: number;
}

/** Smallest and largest value of each number. */
const RANGES: Readonly<Record<Exclude<keyof EmbeddedBusOptions, 'dataDir' | 'partitions'>, readonly [number, number]>> = {
  lingerMs: [0, 20],
  archiveDays: [1 / 1440, 36_500],
  archiveBytes: [1, Number.MAX_SAFE_INTEGER],
  idCount: [1, 2 ** 26],
  idAgeMs: [1000, Number.MAX_SAFE_INTEGER],
  maxPageCount: [1, 2 ** 32 - 2],
  checkpointPages: [0, 2 ** 31 - 1],
};

export function checkOptions({ dataDir, partitions, ...numbers }: EmbeddedBusOptions): void {
  if (typeof dataDir !== 'string' || dataDir === '') throw new BusError('option_invalid', '`dataDir` must be the path of a directory');
  checkPartitions(partitions);
  for (const [name, value] of Object.entries(numbers)) {
    if (!isRanged(name))
      throw new BusError('option_invalid', `unknown option \`${name}\`, expected one of ${Object.keys(RANGES).join(', ')}`);
    const [smallest, largest] = RANGES[name];
    if (!(typeof value === 'number' && value >= smallest && value <= largest))
      throw new BusError('option_invalid', `\`${name}\` must be a number from ${smallest} to ${largest}, found \`${String(value)}\``);
  }
}

function isRanged(name: string): name is keyof typeof RANGES {
  return Object.hasOwn(RANGES, name);
}
