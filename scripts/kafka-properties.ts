/** What a broker is started with: its properties, its log's layout, its users. Short timeouts: a test waits for a broker's absence to be noticed. */

export interface Ports {
  readonly plain: number;
  readonly secure: number;
}

export interface NodePlan {
  readonly id: number;
  readonly isController: boolean;
  readonly isBroker: boolean;
  /** `id@host:port` of the controller. */
  readonly quorum: string;
  readonly controllerPort: number;
  readonly ports: Ports;
  readonly dataDir: string;
  /** PKCS12; null = no listener with TLS. */
  readonly keyStore: { readonly path: string; readonly password: string } | null;
  readonly brokerCount: number;
  readonly properties: Readonly<Record<string, string>>;
}

export interface User {
  readonly username: string;
  readonly password: string;
}

/** `plain` logs in by PLAIN, `scram` by SCRAM-SHA-256 or SCRAM-SHA-512. */
export const USERS = {
  plain: { username: 'alice', password: 'alice-pw' },
  scram: { username: 'bob', password: 'bob-pw' },
} as const satisfies Readonly<Record<string, User>>;

export const LOG4J = `<Configuration status="WARN"><Appenders><Console name="C"><PatternLayout pattern="%d{ISO8601} %p %c{1} %m%n"/></Console></Appenders>
<Loggers><Root level="WARN"><AppenderRef ref="C"/></Root><Logger name="kafka.server.KafkaRaftServer" level="INFO"/></Loggers></Configuration>
`;

export function propertiesOf(plan: NodePlan): string {
  const replicas = String(plan.brokerCount);
  const all: Record<string, string> = {
    'process.roles': [plan.isBroker ? 'broker' : null, plan.isController ? 'controller' : null].filter((role) => role !== null).join(','),
    'node.id': String(plan.id),
    'controller.quorum.voters': plan.quorum,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL',
    'log.dirs': plan.dataDir,
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'default.replication.factor': replicas,
    'min.insync.replicas': '1',
    'replica.lag.time.max.ms': '2000',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'broker.session.timeout.ms': '1500',
    'broker.heartbeat.interval.ms': '250',
    'group.consumer.heartbeat.interval.ms': '500',
    'group.consumer.min.heartbeat.interval.ms': '500',
    'group.consumer.session.timeout.ms': '3000',
    'group.consumer.min.session.timeout.ms': '3000',
    listeners: listenersOf(plan, true).join(','),
  };
  if (plan.isBroker) {
    all['advertised.listeners'] = listenersOf(plan, false).join(',');
    all['inter.broker.listener.name'] = 'PLAINTEXT';
  }
  if (plan.keyStore !== null) {
    // Who comes over the plain listener is nobody, and may do everything: the tests' own hand.
    all['authorizer.class.name'] = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';
    all['super.users'] = 'User:ANONYMOUS';
    if (plan.isBroker) Object.assign(all, secure(plan.keyStore));
  }
  return `${Object.entries({ ...all, ...plan.properties })
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

function listenersOf({ isBroker, isController, ports, controllerPort, keyStore }: NodePlan, withController: boolean): string[] {
  return [
    ...(isBroker ? [`PLAINTEXT://127.0.0.1:${ports.plain}`] : []),
    ...(isBroker && keyStore !== null ? [`SASL_SSL://127.0.0.1:${ports.secure}`] : []),
    ...(isController && withController ? [`CONTROLLER://127.0.0.1:${controllerPort}`] : []),
  ];
}

function secure({ path, password }: { readonly path: string; readonly password: string }): Record<string, string> {
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  const { username, password: secret } = USERS.plain;
  return {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${secret}";`,
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': scram,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': scram,
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': path,
    'ssl.keystore.password': password,
    'ssl.key.password': password,
  };
}
