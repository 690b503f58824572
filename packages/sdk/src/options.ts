/** Options of a publisher: defaults, ranges, checked once. */
import { DEFAULT_TENANT, ID_REGEX } from '@optikal/contracts';
import type { Clock } from './clock-check.ts';
import type { OnWarning } from './counters.ts';
import { SdkError } from './errors.ts';
import type { FsyncPolicy } from './spool/spool.ts';
import type { Transport } from './transport.ts';
import { EVENT_CLASSES, type EventClass } from './worth.ts';

export interface SpoolOptions {
  /** Of this publisher alone; made where it is missing. */
  readonly folder: string;
  /** All segments together. 1 MiB to 1 TiB; default 256 MiB. A class of little worth may fill half of it, the worthiest all. */
  readonly maxBytes?: number;
  /** A segment is closed when it has this size. 64 KiB to 1 GiB; default 8 MiB. */
  readonly segmentBytes?: number;
  /** `always`: what is spooled survives a loss of power; `interval`: but for the last moments; `never`: only the end of the process. Default `interval`. */
  readonly fsync?: FsyncPolicy;
  /** 10 to 60,000 ms; default 1000. */
  readonly fsyncIntervalMs?: number;
}

export interface PublisherOptions {
  readonly transport: Transport;
  /** CloudEvents `source` of every event: who observes, e.g. `asr/host-1`. 1 to 256 characters. */
  readonly source: string;
  /** Default `default`. Over HTTP the credential's tenant counts. */
  readonly tenant?: string;
  /** false = memory only: what waits is lost with the process. */
  readonly spool: SpoolOptions | false;
  /** What may wait in memory. 64 KiB to 4 GiB; default 16 MiB. From half of it on events go to the spool. */
  readonly memoryBytes?: number;
  /** Events of a batch. 1 to 10,000; default 500. */
  readonly batchEvents?: number;
  /** Bytes of a batch, about. 1 KiB to 16 MiB; default 512 KiB. */
  readonly batchBytes?: number;
  /** How long a batch waits to fill. 0 to 10,000 ms; default 5. */
  readonly lingerMs?: number;
  /** From when on a batch that is not answered makes the events behind it go to the spool. 10 to 600,000 ms; default 1000. */
  readonly stallMs?: number;
  /** First and longest wait before a batch is sent again. 1 to 3,600,000 ms; defaults 250 and 10,000. */
  readonly retryMs?: number;
  readonly retryMaxMs?: number;
  /** All classes, least worth first: the order in which events are given up where there is no room. */
  readonly worth?: readonly EventClass[];
  /** How far the wall clock may be off before events are marked. 1000 to 86,400,000 ms; default 60,000. */
  readonly clockLimitMs?: number;
  /** Told at most once in ten seconds for each code. */
  readonly onWarning?: OnWarning;
  /** For tests. */
  readonly clock?: Clock;
}

export interface Resolved {
  readonly transport: Transport;
  readonly source: string;
  readonly tenant: string;
  readonly spool: Required<SpoolOptions> | null;
  readonly memoryBytes: number;
  readonly batchEvents: number;
  readonly batchBytes: number;
  readonly lingerMs: number;
  readonly stallMs: number;
  readonly retryMs: number;
  readonly retryMaxMs: number;
  readonly worth: readonly EventClass[];
  readonly clockLimitMs: number;
  readonly onWarning: OnWarning | null;
  readonly clock: Clock;
}

const KEYS: readonly (keyof PublisherOptions)[] = [
  ...(['transport', 'source', 'tenant', 'spool', 'memoryBytes', 'batchEvents', 'batchBytes', 'lingerMs', 'stallMs', 'retryMs'] as const),
  ...(['retryMaxMs', 'worth', 'clockLimitMs', 'onWarning', 'clock'] as const),
];
const SPOOL_KEYS: readonly (keyof SpoolOptions)[] = ['folder', 'maxBytes', 'segmentBytes', 'fsync', 'fsyncIntervalMs'];
const [KIB, MIB, GIB] = [1024, 1_048_576, 1_073_741_824];

/** Errors: option_invalid. */
export function resolveOptions(options: PublisherOptions): Resolved {
  refuseUnknown(options, KEYS);
  const { transport, source, tenant = DEFAULT_TENANT, spool, worth = EVENT_CLASSES, clock } = options;
  if (typeof transport?.send !== 'function') throw invalid('transport', 'a transport', typeof transport);
  if (typeof source !== 'string' || source.length < 1 || source.length > 256) throw invalid('source', '1 to 256 characters', source);
  if (typeof tenant !== 'string' || !ID_REGEX.test(tenant)) throw invalid('tenant', '[A-Za-z0-9._:-]{1,128}', tenant);
  if (worth.length !== EVENT_CLASSES.length || EVENT_CLASSES.some((name) => !worth.includes(name)))
    throw invalid('worth', `each of ${EVENT_CLASSES.join(', ')} once`, worth.join(', '));
  return {
    transport,
    source,
    tenant,
    spool: spool === false ? null : resolveSpool(spool),
    memoryBytes: whole('memoryBytes', options.memoryBytes ?? 16 * MIB, 64 * KIB, 4 * GIB),
    batchEvents: whole('batchEvents', options.batchEvents ?? 500, 1, 10_000),
    batchBytes: whole('batchBytes', options.batchBytes ?? 512 * KIB, KIB, 16 * MIB),
    lingerMs: whole('lingerMs', options.lingerMs ?? 5, 0, 10_000),
    stallMs: whole('stallMs', options.stallMs ?? 1000, 10, 600_000),
    retryMs: whole('retryMs', options.retryMs ?? 250, 1, 3_600_000),
    retryMaxMs: whole('retryMaxMs', options.retryMaxMs ?? Math.max(options.retryMs ?? 0, 10_000), options.retryMs ?? 1, 3_600_000),
    worth: [...worth],
    clockLimitMs: whole('clockLimitMs', options.clockLimitMs ?? 60_000, 1000, 86_400_000),
    onWarning: options.onWarning ?? null,
    clock: clock ?? { now: () => Date.now(), monotonic: () => performance.now() },
  };
}

function resolveSpool(spool: SpoolOptions): Required<SpoolOptions> {
  if (typeof spool !== 'object' || spool === null) throw invalid('spool', 'an object, or false', String(spool));
  refuseUnknown(spool, SPOOL_KEYS);
  const { folder, fsync = 'interval' } = spool;
  if (typeof folder !== 'string' || folder === '') throw invalid('spool.folder', 'a folder', String(folder));
  if (!['always', 'interval', 'never'].includes(fsync)) throw invalid('spool.fsync', 'always, interval or never', fsync);
  return {
    folder,
    maxBytes: whole('spool.maxBytes', spool.maxBytes ?? 256 * MIB, MIB, 1024 * GIB),
    segmentBytes: whole('spool.segmentBytes', spool.segmentBytes ?? 8 * MIB, 64 * KIB, GIB),
    fsync,
    fsyncIntervalMs: whole('spool.fsyncIntervalMs', spool.fsyncIntervalMs ?? 1000, 10, 60_000),
  };
}

export function refuseUnknown(given: object, known: readonly string[]): void {
  for (const key of Object.keys(given)) if (!known.includes(key)) throw invalid(key, `one of ${known.join(', ')}`, key);
}

/** The integer itself where it lies in [low, high]. Errors: option_invalid. */
export function whole(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) throw invalid(name, `a whole number from ${low} to ${high}`, String(value));
  return value;
}

export function invalid(name: string, expected: string, found: string): SdkError {
  return new SdkError('option_invalid', `option \`${name}\`: expected ${expected}, found \`${found}\``);
}
