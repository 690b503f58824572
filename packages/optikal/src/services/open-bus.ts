/** The log that the settings ask for: in the data directory, or on brokers. Its writer, and a reader beside it. */
import { readFileSync } from 'node:fs';
import { type Bus, type LogReader, logReader, openEmbeddedBus, openEmbeddedReader, type ReaderOptions } from '../bus/index.ts';
import type { KafkaConnection, KafkaSasl } from '../bus/kafka/options.ts';
import type { ReplayTopic } from '../bus/kafka/replay-topic.ts';
import type { Environment, Role, Settings } from '../config/index.ts';
import { ServiceError } from './errors.ts';

export interface OpenedBus extends Bus {
  /** The key of the HMACs in dead letters, hex. */
  readonly hmacKey: string;
}

const MECHANISMS: Readonly<Record<string, KafkaSasl['mechanism']>> = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
};

/** Errors: those of the bus; brokers_missing, file_unreadable, password_missing. */
export async function openBus(settings: Settings, env: Environment): Promise<OpenedBus> {
  const { dataDir } = settings;
  if (settings.bus.kind === 'embedded') {
    const { lingerMs, idCount, idAgeMs } = settings.bus;
    const archive = { archiveDays: settings.archive.days, archiveBytes: settings.archive.bytes };
    return openEmbeddedBus({ dataDir, partitions: settings.detector.partitions, lingerMs, idCount, idAgeMs, ...archive });
  }
  const { group, prefix, limits } = settings.kafka;
  const connection = kafkaConnection(settings, env);
  // Here and not above: the client of Kafka is loaded where there is one.
  const { openKafkaBus } = await import('../bus/kafka/bus.ts');
  return openKafkaBus({ connection, group, ...(prefix === null ? {} : { prefix }), dataDir, ...limits });
}

/** Errors: those of the bus; brokers_missing, file_unreadable, password_missing. */
export async function openReader(settings: Settings, env: Environment, options: ReaderOptions = {}): Promise<LogReader> {
  if (settings.bus.kind === 'embedded') return logReader(openEmbeddedReader(settings.dataDir, options));
  const { prefix, limits } = settings.kafka;
  const connection = kafkaConnection(settings, env);
  const { openKafkaReader } = await import('../bus/kafka/reader.ts');
  return openKafkaReader({ connection, ...(prefix === null ? {} : { prefix }), batchBytes: limits.batchBytes });
}

/** Where a run of `replay` writes: its own topic on Kafka; null = the log is in the data directory, and its alerts go to a file. Errors: as `openReader`. */
export async function openRun(settings: Settings, env: Environment, run: string): Promise<ReplayTopic | null> {
  if (settings.bus.kind === 'embedded') return null;
  const { prefix, limits } = settings.kafka;
  const connection = kafkaConnection(settings, env);
  const { openReplayTopic } = await import('../bus/kafka/replay-topic.ts');
  return openReplayTopic({ connection, ...(prefix === null ? {} : { prefix }), batchBytes: limits.batchBytes, run });
}

/** Errors: brokers_missing, file_unreadable, password_missing. */
export function kafkaConnection({ kafka }: Settings, env: Environment): KafkaConnection {
  const { brokers, clientId, tls, timeouts } = kafka;
  if (brokers === null) throw new ServiceError('brokers_missing', 'expected `kafka.brokers` (--brokers HOST:PORT), found none');
  const sasl = saslOf(kafka.sasl, env);
  return {
    brokers: brokers.split(','),
    clientId,
    ...(tls.enabled ? { tls: { ...pem('ca', tls.caFile), ...pem('cert', tls.certFile), ...pem('key', tls.keyFile) } } : {}),
    ...(sasl === null ? {} : { sasl }),
    timeouts,
  };
}

/** What this process does. Errors: roles_need_kafka. */
export function rolesOf({ roles, bus }: Settings): ReadonlySet<Role> {
  const set = new Set(roles.split(',') as Role[]); // the schema allows no others
  if (bus.kind === 'kafka') return set;
  if (!set.has('api') || !set.has('detector'))
    throw new ServiceError(
      'roles_need_kafka',
      `expected all roles where the log is in the data directory, which is one process’s; found \`${roles}\``,
    );
  return new Set(['api', 'detector']);
}

function saslOf({ mechanism, username, passwordFile }: Settings['kafka']['sasl'], env: Environment): KafkaSasl | null {
  const known = MECHANISMS[mechanism];
  if (known === undefined) return null;
  const given = env.OPTIKAL_KAFKA_PASSWORD ?? '';
  const password = passwordFile === null ? given : fileText(passwordFile).replace(/\r?\n$/, '');
  if (username === null || password === '')
    throw new ServiceError(
      'password_missing',
      `expected \`kafka.sasl.username\` and a password (\`kafka.sasl.passwordFile\` or OPTIKAL_KAFKA_PASSWORD) for \`${mechanism}\``,
    );
  return { mechanism: known, username, password };
}

function pem<Name extends string>(name: Name, path: string | null): { [name in Name]?: string } {
  return path === null ? {} : ({ [name]: fileText(path) } as { [name in Name]: string }); // the one name
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new ServiceError('file_unreadable', `expected a readable file at \`${path}\`${why}`);
  }
}
