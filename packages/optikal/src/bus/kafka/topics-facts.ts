/** What brokers say of topics: partitions, replicas, settings, and what whoever asks may do there. Asks only, changes nothing. */
import { ConfigResourceTypes, Connection, metadataV12, ResponseError } from '@platformatic/kafka';
import { BusError } from '../errors.ts';
import { base, newAdmin } from './client.ts';
import { brokerError, withinMs } from './errors.ts';
import type { ResolvedConnection } from './options.ts';
import type { Operation } from './topics.ts';

export interface TopicFacts {
  readonly name: string;
  /** `hidden`: whether it is there is not for us to know. */
  readonly state: 'there' | 'missing' | 'hidden';
  readonly partitions: number;
  /** Of the partition that has fewest. */
  readonly replicas: number;
  readonly leaderless: number;
  /** Partitions with a replica that is away or behind. */
  readonly underReplicated: number;
  /** null = we may not see them. */
  readonly settings: ReadonlyMap<string, string> | null;
  /** null = the broker does not say. */
  readonly allowed: ReadonlySet<Operation> | null;
}

/** Codes of a topic in a metadata response (Kafka protocol). */
const UNKNOWN_TOPIC = 3;
const NOT_ALLOWED = 29;
/** Bits of `topic_authorized_operations` (org.apache.kafka.common.acl.AclOperation); the smallest integer = not told. */
const BITS: Readonly<Record<Operation, number>> = { READ: 3, WRITE: 4, DESCRIBE: 8, DESCRIBE_CONFIGS: 10 };
const NOT_TOLD = -2_147_483_648;

type Metadata = Awaited<ReturnType<typeof metadataV12.api.async>>;

/** In the order of `names`. Errors: broker_unavailable, broker_refused. */
export async function topicFacts(connection: ResolvedConnection, names: readonly string[]): Promise<readonly TopicFacts[]> {
  const { topics } = await metadataOf(connection, names);
  const facts: TopicFacts[] = [];
  for (const name of names) {
    const found = topics.find((topic) => topic.name === name);
    const { topicAuthorizedOperations = NOT_TOLD, partitions = [], errorCode = UNKNOWN_TOPIC } = found ?? {};
    const allowed = topicAuthorizedOperations === NOT_TOLD ? null : operationsIn(topicAuthorizedOperations);
    const state = errorCode === UNKNOWN_TOPIC ? 'missing' : errorCode === NOT_ALLOWED ? 'hidden' : 'there';
    facts.push({
      name,
      state,
      partitions: partitions.length,
      replicas: partitions.length === 0 ? 0 : Math.min(...partitions.map(({ replicaNodes }) => replicaNodes.length)),
      leaderless: partitions.filter(({ leaderId }) => leaderId < 0).length,
      underReplicated: partitions.filter(({ isrNodes, replicaNodes }) => isrNodes.length < replicaNodes.length).length,
      settings: null,
      allowed,
    });
  }
  const settings = await settingsOf(
    connection,
    facts.filter(({ state, allowed }) => state === 'there' && allowed?.has('DESCRIBE_CONFIGS') !== false).map(({ name }) => name),
  );
  return facts.map((fact) => ({ ...fact, settings: settings.get(fact.name) ?? null }));
}

/** The client's own look-up does not ask what we may do; this one does, at the first broker that answers. */
async function metadataOf(connection: ResolvedConnection, names: readonly string[]): Promise<Metadata> {
  const { clientId, connectTimeout, timeout, tls, sasl } = { tls: undefined, sasl: undefined, ...base(connection) };
  let last: unknown = new BusError('broker_unavailable', 'no broker is named');
  for (const broker of connection.brokers) {
    const at = broker.lastIndexOf(':');
    const host = broker.slice(0, at).replace(/^\[|\]$/g, '');
    const options = {
      connectTimeout,
      requestTimeout: timeout,
      ...(tls === undefined ? {} : { tls }),
      ...(sasl === undefined ? {} : { sasl }),
    };
    const socket = new Connection(clientId, options);
    socket.on('error', () => {}); // the call that fails tells it
    try {
      const asked = (async () => {
        await socket.connect(host, Number(broker.slice(at + 1)));
        return metadataV12.api.async(socket, [...names], false, true);
      })();
      return await withinMs(connection.timeouts.giveUpMs, `ask \`${broker}\` for its topics`, asked);
    } catch (error) {
      const answer = responseIn(error);
      if (answer !== null) return answer;
      last = error;
    } finally {
      await socket.close().catch(() => {}); // it never stood
    }
  }
  throw brokerError(last, 'ask for the topics');
}

/** A topic that is missing makes the whole answer an error to the client; the answer is in it. */
function responseIn(error: unknown): Metadata | null {
  const cause = error instanceof BusError ? error.cause : error;
  if (!(cause instanceof ResponseError) || !('response' in cause)) return null;
  return cause.response as Metadata; // of the one call that is made
}

async function settingsOf(
  connection: ResolvedConnection,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  if (names.length === 0) return new Map();
  const admin = newAdmin(connection);
  try {
    const resources = names.map((resourceName) => ({ resourceType: ConfigResourceTypes.TOPIC, resourceName }));
    const described = await withinMs(connection.timeouts.giveUpMs, 'look up the settings of topics', admin.describeConfigs({ resources }));
    return new Map(
      described.map(({ resourceName, configs }) => [resourceName, new Map(configs.map(({ name, value }) => [name, value ?? '']))]),
    );
  } finally {
    await admin.close().catch(() => {}); // nothing is under way
  }
}

function operationsIn(bits: number): ReadonlySet<Operation> {
  const names = Object.keys(BITS) as Operation[]; // the keys of that record
  return new Set(names.filter((name) => (bits & (1 << BITS[name])) !== 0));
}
