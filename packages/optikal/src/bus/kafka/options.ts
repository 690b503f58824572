/** The options of the Kafka bus: where the brokers are, who we are to them, and how long anything may take. Checked once. */
import { BusError } from '../errors.ts';
import { checkPartitions } from '../partition.ts';

export interface KafkaTls {
  /** PEM of the authority that signed the brokers' certificates. Default: those that Node trusts. */
  readonly ca?: string;
  /** PEM of our own certificate and key, where the brokers ask for one. */
  readonly cert?: string;
  readonly key?: string;
  /** False accepts any certificate. Default true. */
  readonly rejectUnauthorized?: boolean;
}

export interface KafkaSasl {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username: string;
  readonly password: string;
}

/** Milliseconds, each. */
export interface KafkaTimeouts {
  /** Until a connection stands, 100 to 60,000. Default 1000. */
  readonly connectMs: number;
  /** Until a broker answers one request, 500 to 300,000. Default 3000. */
  readonly requestMs: number;
  /** Between two tries, 1 to 60,000. Default 250. */
  readonly retryMs: number;
  /** How long a call tries before it fails with `broker_unavailable`, 100 to 3,600,000. Default 30,000. */
  readonly giveUpMs: number;
  /** How long a member of the group may be silent before its partitions go to others, 1000 to 3,600,000. Default 10,000. */
  readonly sessionMs: number;
  /** A sign of life of a member, this often, 100 to 60,000. Default 1000. */
  readonly heartbeatMs: number;
  /** How long the group waits for its members when it shares out partitions anew, 1000 to 3,600,000. Default 30,000. */
  readonly rebalanceMs: number;
}

export interface KafkaConnection {
  /** `host:port` of one broker or more; the others are learnt from these. */
  readonly brokers: readonly string[];
  /** Name in the brokers' logs and quotas. Default `optikal`. */
  readonly clientId?: string;
  readonly tls?: KafkaTls;
  readonly sasl?: KafkaSasl;
  readonly timeouts?: Partial<KafkaTimeouts>;
}

export interface KafkaBusOptions {
  readonly connection: KafkaConnection;
  /** Consumer group that shares the partitions, and part of the transactional ids: one a detector fleet. */
  readonly group: string;
  /** Before the name of every topic: several installations on one cluster. Default empty. */
  readonly prefix?: string;
  /** Folder of what can be made again from the topics: state cache, list of alerts. */
  readonly dataDir: string;
  /** Partitions of the log, where they shall be checked. Default: as the topic has. */
  readonly partitions?: number;
  /** Key of the HMACs in dead letters, 64 hex digits. Default: made once and kept in the state topic. */
  readonly hmacKey?: string;
  /** Bytes of the log that are read ahead of the detector, a partition, 65,536 to 1 GiB. Default 4 MiB. */
  readonly readAheadBytes?: number;
  /** Bytes of consumed records kept for open windows, a partition, 65,536 to 16 GiB. Default 64 MiB. */
  readonly keptBytes?: number;
  /** Uncompressed bytes of one batch of a partition, 16,384 to 64 MiB; below `max.message.bytes` of the topics. Default 524,288. */
  readonly batchBytes?: number;
  /** Entries that may wait to be written, 1 to 10,000,000; more are refused with `broker_unavailable`. Default 100,000. */
  readonly waitingEntries?: number;
}

export interface KafkaReaderOptions {
  readonly connection: KafkaConnection;
  /** As of the bus. Default empty. */
  readonly prefix?: string;
  /** As of the bus. Default 524,288. */
  readonly batchBytes?: number;
}

export const KAFKA_TIMEOUTS: KafkaTimeouts = {
  connectMs: 1000,
  requestMs: 3000,
  retryMs: 250,
  giveUpMs: 30_000,
  sessionMs: 10_000,
  heartbeatMs: 1000,
  rebalanceMs: 30_000,
};

const MIB = 1_048_576;
export const KAFKA_LIMITS = {
  readAheadBytes: 4 * MIB,
  keptBytes: 64 * MIB,
  batchBytes: MIB / 2,
  waitingEntries: 100_000,
};
export type KafkaLimits = Readonly<typeof KAFKA_LIMITS>;

type Range = readonly [smallest: number, largest: number];
const TIMEOUT_RANGES: Readonly<Record<keyof KafkaTimeouts, Range>> = {
  connectMs: [100, 60_000],
  requestMs: [500, 300_000],
  retryMs: [1, 60_000],
  giveUpMs: [100, 3_600_000],
  sessionMs: [1000, 3_600_000],
  heartbeatMs: [100, 60_000],
  rebalanceMs: [1000, 3_600_000],
};
const LIMIT_RANGES: Readonly<Record<keyof KafkaLimits, Range>> = {
  readAheadBytes: [65_536, 1024 * MIB],
  keptBytes: [65_536, 16_384 * MIB],
  batchBytes: [16_384, 64 * MIB],
  waitingEntries: [1, 10_000_000],
};
const BUS_KEYS = ['connection', 'group', 'prefix', 'dataDir', 'partitions', 'hmacKey', ...Object.keys(LIMIT_RANGES)];
const READER_KEYS = ['connection', 'prefix', 'batchBytes'];
const CONNECTION_KEYS = ['brokers', 'clientId', 'tls', 'sasl', 'timeouts'];
const TLS_KEYS = ['ca', 'cert', 'key', 'rejectUnauthorized'];
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];
/** What Kafka allows in the name of a topic. */
const NAME = /^[A-Za-z0-9._-]{1,200}$/;
const BROKER = /^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}$/;

export interface ResolvedConnection {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls: KafkaTls | null;
  readonly sasl: KafkaSasl | null;
  readonly timeouts: KafkaTimeouts;
}

export interface ResolvedBusOptions extends KafkaLimits {
  readonly connection: ResolvedConnection;
  readonly group: string;
  readonly prefix: string;
  readonly dataDir: string;
  readonly partitions: number | null;
  readonly hmacKey: string | null;
}

/** Errors: option_invalid. */
export function resolveBusOptions(options: KafkaBusOptions): ResolvedBusOptions {
  refuseUnknown('options', options, BUS_KEYS);
  const { connection, group, prefix = '', dataDir, partitions, hmacKey } = options;
  if (typeof group !== 'string' || !NAME.test(group)) throw invalid('group', 'a name of [A-Za-z0-9._-]', group);
  if (typeof dataDir !== 'string' || dataDir === '') throw invalid('dataDir', 'the path of a folder', dataDir);
  if (partitions !== undefined) checkPartitions(partitions);
  if (hmacKey !== undefined && !/^[0-9a-f]{64}$/.test(hmacKey)) throw invalid('hmacKey', '64 hex digits', 'something else');
  return {
    connection: resolveConnection(connection),
    group,
    prefix: checkedPrefix(prefix),
    dataDir,
    partitions: partitions ?? null,
    hmacKey: hmacKey ?? null,
    ...resolveLimits(options),
  };
}

/** Errors: option_invalid. */
export function resolveReaderOptions(options: KafkaReaderOptions): Pick<ResolvedBusOptions, 'connection' | 'prefix' | 'batchBytes'> {
  refuseUnknown('options', options, READER_KEYS);
  const { connection, prefix = '', batchBytes } = options;
  const limits = resolveLimits({ batchBytes });
  return { connection: resolveConnection(connection), prefix: checkedPrefix(prefix), batchBytes: limits.batchBytes };
}

/** Errors: option_invalid. */
export function resolveConnection(connection: KafkaConnection): ResolvedConnection {
  refuseUnknown('connection', connection, CONNECTION_KEYS);
  const { brokers, clientId = 'optikal', tls, sasl, timeouts = {} } = connection;
  if (!Array.isArray(brokers) || brokers.length === 0) throw invalid('connection.brokers', 'one `host:port` or more', 'none');
  for (const broker of brokers)
    if (typeof broker !== 'string' || !BROKER.test(broker)) throw invalid('connection.brokers', '`host:port`', broker);
  if (typeof clientId !== 'string' || !NAME.test(clientId)) throw invalid('connection.clientId', 'a name of [A-Za-z0-9._-]', clientId);
  if (tls !== undefined) refuseUnknown('connection.tls', tls, TLS_KEYS);
  if (sasl !== undefined) checkSasl(sasl);
  refuseUnknown('connection.timeouts', timeouts, Object.keys(TIMEOUT_RANGES));
  const resolved = { ...KAFKA_TIMEOUTS, ...defined(timeouts) };
  for (const name of keysOf(TIMEOUT_RANGES)) checkRange(`connection.timeouts.${name}`, resolved[name], TIMEOUT_RANGES[name]);
  return { brokers, clientId, tls: tls ?? null, sasl: sasl ?? null, timeouts: resolved };
}

function resolveLimits(given: { readonly [name in keyof KafkaLimits]?: number | undefined }): KafkaLimits {
  const limits = { ...KAFKA_LIMITS };
  for (const name of keysOf(LIMIT_RANGES)) {
    limits[name] = given[name] ?? limits[name];
    checkRange(name, limits[name], LIMIT_RANGES[name]);
  }
  return limits;
}

function checkedPrefix(prefix: string): string {
  if (typeof prefix !== 'string' || (prefix !== '' && !NAME.test(prefix))) throw invalid('prefix', 'characters of [A-Za-z0-9._-]', prefix);
  return prefix;
}

function checkSasl(sasl: KafkaSasl): void {
  refuseUnknown('connection.sasl', sasl, ['mechanism', 'username', 'password']);
  if (!MECHANISMS.includes(sasl.mechanism)) throw invalid('connection.sasl.mechanism', `one of ${MECHANISMS.join(', ')}`, sasl.mechanism);
  if (typeof sasl.username !== 'string' || sasl.username === '') throw invalid('connection.sasl.username', 'a name', sasl.username);
  if (typeof sasl.password !== 'string') throw invalid('connection.sasl.password', 'a text', 'something else');
}

function checkRange(name: string, value: number, [smallest, largest]: Range): void {
  if (!(typeof value === 'number' && value >= smallest && value <= largest))
    throw invalid(name, `a number from ${smallest} to ${largest}`, value);
}

function refuseUnknown(name: string, given: unknown, known: readonly string[]): asserts given is object {
  if (typeof given !== 'object' || given === null) throw invalid(name, 'an object', given);
  for (const key of Object.keys(given))
    if (!known.includes(key))
      throw new BusError('option_invalid', `unknown option \`${name}.${key}\`, expected one of ${known.join(', ')}`);
}

function defined<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T; // the same keys, fewer
}

function keysOf<T extends object>(record: T): (keyof T)[] {
  return Object.keys(record) as (keyof T)[]; // records of this file, with no other keys
}

function invalid(name: string, expected: string, found: unknown): BusError {
  return new BusError('option_invalid', `\`${name}\` must be ${expected}, found \`${String(found)}\``);
}
