/**
 * The Kafka client with the settings that keep it from losing or repeating data. Its defaults give up on a broker within seconds, fence a
 * producer by its own restart, and wait a second before each transaction; each setting below says which of these it prevents.
 */
import { Admin, Consumer, type ConsumerOptions, kListApis, Producer, type ProducerOptions } from '@platformatic/kafka';
import type { ResolvedConnection } from './options.ts';

export type KafkaProducer = Producer<Buffer, Buffer, Buffer, Buffer>;
export type KafkaConsumer = Consumer<Buffer, Buffer, Buffer, Buffer>;

/** A transaction that is still being completed is asked for again after this; the client's own second would be its whole cost. */
const TRANSACTION_RETRY_MS = 2;
/** A long poll of a reader; the broker answers as soon as there is something. */
export const LONG_POLL_MS = 250;

/** Every record once, in order, as long as ONE send is under way at a time: the client forgets its sequence numbers after a failed one. */
export function newProducer(connection: ResolvedConnection): KafkaProducer {
  return new Producer({ ...base(connection), idempotent: true });
}

/** Which producer of a transactional id is followed: any, or this one only, so that a newer one is not fenced by it. */
export interface Successor {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}
const ANY: Successor = { producerId: -1n, producerEpoch: -1 };

/**
 * Its first transaction fences every older producer of this id and ends what that one left open. `-1` is what asks the coordinator for that:
 * with the client's own 0 it would be fenced itself by any producer before it.
 */
export function newTransactionalProducer(
  connection: ResolvedConnection,
  transactionalId: string,
  successor: Successor = ANY,
): KafkaProducer {
  const { retryMs, giveUpMs } = connection.timeouts;
  return new TransactionalProducer({
    ...base(connection),
    // The client makes the time that a transaction may take of it: one that takes longer is ended by the coordinator.
    timeout: giveUpMs,
    ...successor,
    idempotent: true,
    transactionalId,
    retryDelay: (_client, _operation, _attempt, _retries, error) =>
      hasApiId(error, 'CONCURRENT_TRANSACTIONS') ? TRANSACTION_RETRY_MS : retryMs,
  });
}

/**
 * From version 4 on this request is one of brokers among themselves, and takes their right (ClusterAction on the cluster; KIP-890); the client
 * takes the highest version there is. With 3 the rights on transactional id and topics are enough.
 */
const ADD_PARTITIONS = { name: 'AddPartitionsToTxn', maxVersion: 3 };

class TransactionalProducer extends Producer<Buffer, Buffer, Buffer, Buffer> {
  override [kListApis](...[callback]: Parameters<KafkaProducer[typeof kListApis]>): void {
    super[kListApis]((error, apis) => {
      const capped = apis?.map((api) => (api.name === ADD_PARTITIONS.name ? { ...api, maxVersion: ADD_PARTITIONS.maxVersion } : api));
      callback(error, ...(capped === undefined ? [] : [capped]));
    });
  }
}

/** Reads by offsets, as a member of no group; nothing is committed unless it is said. */
export function newConsumer(
  connection: ResolvedConnection,
  groupId: string,
  more: Partial<ConsumerOptions<Buffer, Buffer, Buffer, Buffer>> = {},
): KafkaConsumer {
  // Who joins a group is answered when all have joined.
  const requestTimeout = (more.rebalanceTimeout ?? 0) + connection.timeouts.requestMs;
  const options = { ...base(connection), requestTimeout, groupId, autocommit: false, minBytes: 1, maxWaitTime: LONG_POLL_MS, ...more };
  // Spread over a union of the two group protocols; the fields above belong to both.
  const consumer = new Consumer(options as ConsumerOptions<Buffer, Buffer, Buffer, Buffer>);
  // What fails outside a call, a heartbeat above all, would end the process. Who depends on it listens too.
  consumer.on('error', () => {});
  return consumer;
}

export function newAdmin(connection: ResolvedConnection): Admin {
  return new Admin(base(connection));
}

/** What every client is made with. `retries: true` is without end: how long a call may take is bounded by its caller (`withinMs`). */
export function base(connection: ResolvedConnection) {
  const { brokers, clientId, tls, sasl, timeouts } = connection;
  return {
    clientId,
    bootstrapBrokers: [...brokers],
    connectTimeout: timeouts.connectMs,
    // The one is the client's own; without it a broker that is frozen is waited for half a minute. The other the broker heeds.
    requestTimeout: timeouts.requestMs,
    timeout: timeouts.requestMs,
    retryDelay: timeouts.retryMs,
    retries: true,
    ...(tls === null ? {} : { tls: { ...tls } }),
    ...(sasl === null ? {} : { sasl: { ...sasl } }),
  } satisfies Partial<ProducerOptions<Buffer, Buffer, Buffer, Buffer>>;
}

/** Whether a broker's error of this name is anywhere in what the client threw: it wraps errors in lists of errors. */
export function hasApiId(error: unknown, ...apiIds: readonly string[]): boolean {
  return someError(error, (each) => 'apiId' in each && typeof each.apiId === 'string' && apiIds.includes(each.apiId));
}

/** Depth-first over causes and lists; `errors` of a wrapped socket error may be a text. */
export function someError(error: unknown, test: (error: object) => boolean, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 8) return false;
  if (test(error)) return true;
  const inner: unknown[] = 'errors' in error && Array.isArray(error.errors) ? [...error.errors] : [];
  if ('cause' in error) inner.push(error.cause);
  return inner.some((each) => someError(each, test, depth + 1));
}
