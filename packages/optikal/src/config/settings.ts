/**
 * Every setting of Optikal: one schema, from which come the type, the defaults, what is refused, the environment names, docs/config.md and the
 * published JSON Schema. A setting that nothing reads does not stand here.
 */
import Type, { type Static } from 'typebox';
import { amount, choice, list, nullable, path, section, share, text, toggle, whole } from './fields.ts';

const MIB = 1_048_576;
const SAFE = Number.MAX_SAFE_INTEGER;
const HOUR_MS = 3_600_000;

const HttpLimits = section('What one client, and all of them together, may ask of the server.', {
  bodyBytes: whole(8 * MIB, [1, 256 * MIB], 'bytes', 'largest body of `POST /v1/events`'),
  heldBytes: whole(128 * MIB, [1, SAFE], 'bytes', 'bodies of all requests together that are held while they arrive'),
  batchEvents: whole(10_000, [1, 1_000_000], 'events', 'most events of one batch'),
  urlChars: whole(2048, [64, 65_536], 'characters', 'longest URL'),
  headerBytes: whole(16_384, [1024, MIB], 'bytes', 'all headers of a request together'),
  headersTimeoutMs: whole(10_000, [1, HOUR_MS], 'ms', 'time for the headers of a request to arrive'),
  requestTimeoutMs: whole(30_000, [1, HOUR_MS], 'ms', 'time for a whole request to arrive'),
  connections: whole(1024, [1, 1_000_000], 'connections', 'open connections'),
  streams: whole(100, [1, 100_000], 'clients', 'clients that follow the alerts at the same time'),
  stallMs: whole(30_000, [1, HOUR_MS], 'ms', 'a follower that takes nothing for this long is left'),
  heartbeatMs: whole(15_000, [1, HOUR_MS], 'ms', 'a sign of life to each follower, this often'),
  waitSeconds: whole(60, [1, 3600], 's', 'longest `wait` of `GET /v1/alerts`'),
  alertLines: whole(1000, [1, 100_000], 'lines', 'most alerts of one answer'),
});

const ROLES = ['api', 'router', 'detector'] as const;
export type Role = (typeof ROLES)[number];

const KafkaTimeouts = section('How long the client of Kafka waits. Nothing waits for ever without `GET /readyz` saying so.', {
  connectMs: whole(1000, [100, 60_000], 'ms', 'until a connection stands'),
  requestMs: whole(3000, [500, 300_000], 'ms', 'until a broker answers one request; then it is asked again'),
  retryMs: whole(250, [1, 60_000], 'ms', 'between two tries'),
  giveUpMs: whole(30_000, [100, HOUR_MS], 'ms', 'how long a call tries; then it fails, and what was asked is done again'),
  sessionMs: whole(10_000, [1000, HOUR_MS], 'ms', 'how long a member of the group may be silent before its partitions go to others'),
  heartbeatMs: whole(1000, [100, 60_000], 'ms', 'a sign of life to the group, this often'),
  rebalanceMs: whole(30_000, [1000, HOUR_MS], 'ms', 'how long the group waits for its members when it shares out partitions anew'),
});

const KafkaLimits = section('What one process holds of the log.', {
  readAheadBytes: whole(4 * MIB, [65_536, 1024 * MIB], 'bytes', 'read ahead of the detector, a partition'),
  keptBytes: whole(64 * MIB, [65_536, 16_384 * MIB], 'bytes', 'records that were judged, kept for windows that are open, a partition'),
  batchBytes: whole(MIB / 2, [16_384, 64 * MIB], 'bytes', 'largest batch of a partition; below `max.message.bytes` of the topics'),
  waitingEntries: whole(100_000, [1, 10_000_000], 'records', 'records that may wait to be written'),
});

const Kafka = section('Where `bus.kind` is `kafka`: the brokers and what is asked of them; docs/kafka.md.', {
  brokers: nullable(list(null, '[^,\\s:]+:\\d{1,5}|\\[[0-9a-fA-F:]+\\]:\\d{1,5}', 'brokers to begin with', '`HOST:PORT`')),
  prefix: nullable(text(null, 64, 'stands before the name of every topic, so that several installations share a cluster')),
  group: text('optikal', 128, 'name of the consumer group of detectors, and of the routers with `-router` behind it'),
  clientId: text('optikal', 128, 'name of this process in the log of the brokers'),
  tenants: nullable(
    list(
      null,
      '[A-Za-z0-9._*-]+=[A-Za-z0-9._:-]{1,128}',
      'which tenant a public topic belongs to, `*` = every other; a message of another goes to the dead letters; null = the message’s own counts',
      '`TOPIC=TENANT`',
    ),
  ),
  inFlight: whole(2000, [1, 1_000_000], 'messages', 'messages of the public topics that a router holds before their append is durable'),
  tls: section('TLS to the brokers.', {
    enabled: toggle(false, 'whether connections are TLS'),
    caFile: nullable(path(null, 'file with the authorities (PEM) that may sign the brokers; null = those of the system')),
    certFile: nullable(path(null, 'file with the certificate (PEM) that this process shows')),
    keyFile: nullable(path(null, 'file with its key (PEM)')),
  }),
  sasl: section('Who this process is. The password stands in a file, or in OPTIKAL_KAFKA_PASSWORD.', {
    mechanism: choice('none', ['none', 'plain', 'scram-sha-256', 'scram-sha-512'], 'how it proves that'),
    username: nullable(text(null, 256, 'its name')),
    passwordFile: nullable(path(null, 'file that holds the password, and nothing else')),
  }),
  timeouts: KafkaTimeouts,
  limits: KafkaLimits,
});

export const SettingsSchema = section('The settings of Optikal.', {
  dataDir: path('var', 'the data directory: the log, state, alerts and bundles'),
  roles: list(
    ROLES.join(','),
    ROLES.join('|'),
    'what this process does: `api` takes events and gives alerts over HTTP, `router` takes events from the public topics of Kafka, `detector` judges; shared out over processes with `bus.kind` `kafka` only',
    '`api`, `router` and `detector`',
  ),
  bundle: nullable(path(null, 'folder of the bundle to put into force; null = the one that the log names; needed on the first start')),
  http: section('Where events come in and alerts go out.', {
    host: text('127.0.0.1', 255, 'address to bind; another than 127.0.0.1 needs keys'),
    port: whole(8090, [0, 65_535], null, 'port to bind; 0 = a free one'),
    keysFile: nullable(path(null, 'file with the SHA-256 of each API key, its tenant and role; null = this machine only, without keys')),
    limits: HttpLimits,
  }),
  ingest: section('What waits between a request and the log.', {
    waitingEvents: whole(
      20_000,
      [1, 10_000_000],
      'events',
      'events that may wait for their commit; beyond it a request is answered `overloaded`',
    ),
  }),
  detector: section('How the log is judged.', {
    partitions: whole(
      1,
      [1, 1024],
      'partitions',
      'partitions of the embedded log, fixed with the first start; on Kafka the topic has its own',
    ),
    clock: choice('wall', ['wall', 'events'], '`wall`: a tick each second; `events`: the events’ own time (files, tests)'),
  }),
  operatingPoint: section(
    'How much noise is too much; one of the two. `serve` and `evaluate` solve it with the margins of the bundle, `train` aims at it. Neither = the bundle’s own; for `train`, one benign window in 2,000.',
    {
      alertsPerDay: nullable(amount(null, 0, 'alerts a day', 'at most about this many alerts on benign windows a day, over the fleet')),
      fpr: nullable(share(null, 'share of benign windows that may alert')),
    },
  ),
  bus: section('The durable log.', {
    kind: choice(
      'embedded',
      ['embedded', 'kafka'],
      '`embedded`: in the data directory, one process; `kafka`: on brokers, any number of processes',
    ),
    lingerMs: amount(2, [0, 20], 'ms', 'how long the first record of a commit waits for others'),
    idCount: whole(
      2_000_000,
      [1, 67_108_864],
      'events',
      'events remembered, so that a repeated one is found to be a duplicate; 44 bytes each',
    ),
    idAgeMs: whole(24 * HOUR_MS, [1000, SAFE], 'ms', 'how long of log time an event is remembered'),
  }),
  kafka: Kafka,
  archive: section('Scored windows, kept for `explain`; the oldest go first.', {
    days: amount(7, [1 / 1440, 36_500], 'days', 'days of event time a scored window is kept'),
    bytes: whole(2_000_000_000, [1, SAFE], 'bytes', 'bytes of scored windows kept'),
  }),
  training: section('How `train` fits and `evaluate` measures.', {
    seed: text('1', 256, 'the same data and seed give the same bundle and the same figures'),
    prevalence: share(0.01, 'prevalence of attacks that shown probabilities assume'),
    folds: whole(5, [2, 50], 'folds', 'folds of the out-of-fold margins of `train`'),
    workers: whole(1, [1, 64], 'threads', 'threads that fit models; the bundle is the same'),
    permutations: whole(0, [0, 10_000], 'runs', 'with `evaluate --protocol`: also with labels permuted within groups'),
  }),
  log: section('What `serve` says about itself.', {
    level: choice('info', ['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'least level of a line that is written'),
    format: choice('auto', ['auto', 'json', 'human'], '`auto`: lines for people where stderr is a terminal, else JSON'),
    file: nullable(path(null, 'file that lines are added to; null = stderr')),
  }),
  metrics: section('`GET /metrics`, for Prometheus.', {
    enabled: toggle(true, 'whether there is such a route'),
    host: text('127.0.0.1', 255, 'address of the own port; another than 127.0.0.1 needs keys'),
    port: nullable(whole(null, [0, 65_535], null, 'a port of its own, with the probes; 0 = a free one; null = the port of `http`')),
  }),
  probes: section('When `GET /readyz` and `GET /healthz` say no.', {
    behindRecords: whole(20_000, [0, SAFE], 'records', 'a partition that is this far behind its log is catching up'),
    freeBytes: whole(256 * MIB, [0, SAFE], 'bytes', 'less free space than this where the data directory is, is low'),
    skewSeconds: amount(60, [1, 86_400], 's', 'distance of log clock and wall clock beyond which the clock is skewed; clock `wall` only'),
    stuckSeconds: amount(5, [0.01, 3600], 's', 'a turn of the event loop that takes this long is stuck'),
  }),
});
export type Settings = Static<typeof SettingsSchema>;

/** Of each group at most one may be given by a source; a higher source puts the others of a lower one out of force. */
export const EXCLUSIVE: readonly (readonly string[])[] = [['operatingPoint.alertsPerDay', 'operatingPoint.fpr']];

/** Whether a schema is a section: settings have no properties of their own. */
export const isSection = (schema: Type.TSchema): schema is Type.TObject => Type.IsObject(schema);
