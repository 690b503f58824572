/**
 * Batches to the public topics of a Kafka cluster: CloudEvents in binary mode, key `tenant|agent`, partitioned as the Java client does.
 * Idempotent, acks of all in-sync replicas. INVARIANT: one send at a time a producer (the publisher's contract): with two, the client can lose
 * batches that were acknowledged when a broker dies. The client tries again by itself, but not for ever: it keeps every error until it succeeds.
 */
import type { EventType } from '@optikal/contracts';
import { kafkaHeaders } from '@optikal/contracts';
import { compatibilityPartitioner, type MessageToProduce, Producer, stringSerializers } from '@platformatic/kafka';
import { TransportError } from '../errors.ts';
import { invalid, refuseUnknown, whole } from '../options.ts';
import type { OutgoingEvent, Transport } from '../transport.ts';
import { codesOf, failureOf } from './failure.ts';

export interface TlsOptions {
  /** PEM; default: the authorities that Node trusts. */
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
}

export interface SaslOptions {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username: string;
  readonly password: string | (() => string);
}

export interface KafkaTransportOptions {
  /** HOST:PORT of one or more brokers. */
  readonly brokers: readonly string[];
  /** Before the name of every topic; default none. */
  readonly prefix?: string;
  /** Default `optikal-sdk`. */
  readonly clientId?: string;
  /** Default false: plain text. */
  readonly tls?: TlsOptions | boolean;
  readonly sasl?: SaslOptions;
  /** How long a broker may take to answer a request. 100 to 600,000 ms; default 3000. */
  readonly timeoutMs?: number;
  /** 100 to 600,000 ms; default 1000. */
  readonly connectTimeoutMs?: number;
  /** Between two tries of the client. 1 to 60,000 ms; default 250. */
  readonly retryMs?: number;
}

type Message = MessageToProduce<string, string, string, string>;
type EventProducer = Producer<string, string, string, string>;

const KEYS: readonly (keyof KafkaTransportOptions)[] = [
  ...(['brokers', 'prefix', 'clientId', 'tls', 'sasl', 'timeoutMs', 'connectTimeoutMs', 'retryMs'] as const),
];
const BROKER = /^\S+:\d{1,5}$/;
const PREFIX = /^[A-Za-z0-9._-]{0,100}$/;
const CLOSE_MS = 2000;
/** A refusal may be a topic that was made this moment; what lasts longer a person has to put right. */
const REFUSED_MS = 3000;
/** After so long a producer is given up for a new one. */
const GIVE_UP_MS = 60_000;

/** Errors: option_invalid. */
export function kafkaTransport(options: KafkaTransportOptions): Transport {
  const { prefix = '' } = options;
  /** Told of each error after which the client will try again. */
  let onRetry: (error: unknown) => void = () => {};
  const clientOptions = resolve(options, (error) => onRetry(error));
  let producer: EventProducer | null = null;

  const messageOf = ({ key, type, attributes, data }: OutgoingEvent): Message => {
    const parsed = JSON.parse(attributes) as Record<string, unknown>; // written by this package
    return { topic: prefix + topicOf(type), key, headers: kafkaHeaders(parsed), value: data };
  };
  const discard = async () => {
    const old = producer;
    producer = null;
    if (old !== null) await closed(old);
  };

  return {
    async send(events, stop) {
      producer ??= new Producer(clientOptions());
      try {
        const sent = producer.send({ messages: events.map(messageOf) });
        await unlessStopped(sent, stop, (fail) => {
          let firstAt: number | null = null;
          onRetry = (error) => {
            firstAt ??= performance.now();
            const failure = failureOf(codesOf(error), error);
            if (performance.now() - firstAt > (failure.code === 'transport_refused' ? REFUSED_MS : GIVE_UP_MS)) fail(failure);
          };
        });
        return {};
      } catch (error) {
        // What the client does after an error of its own is not known: the next try begins with a new producer.
        void discard();
        throw error instanceof TransportError ? error : failureOf(codesOf(error), error);
      } finally {
        onRetry = () => {};
      }
    },
    close: discard,
  };
}

/** `argus.agent.metrics.v1` goes to `argus.agent.metrics`. */
export function topicOf(type: EventType): string {
  return type.replace(/\.v\d+$/, '');
}

type ClientOptions = ConstructorParameters<typeof Producer<string, string, string, string>>[0];

function resolve(options: KafkaTransportOptions, onRetry: (error: unknown) => void): () => ClientOptions {
  refuseUnknown(options, KEYS);
  const { brokers, prefix = '', clientId = 'optikal-sdk', tls = false, sasl } = options;
  if (!Array.isArray(brokers) || brokers.length === 0 || !brokers.every((one) => BROKER.test(one)))
    throw invalid('brokers', 'HOST:PORT', String(brokers));
  if (!PREFIX.test(prefix)) throw invalid('prefix', '[A-Za-z0-9._-]{0,100}', prefix);
  const timeout = whole('timeoutMs', options.timeoutMs ?? 3000, 100, 600_000);
  const connectTimeout = whole('connectTimeoutMs', options.connectTimeoutMs ?? 1000, 100, 600_000);
  const retryDelay = whole('retryMs', options.retryMs ?? 250, 1, 60_000);
  // The client writes into its options: each producer gets its own.
  return () => ({
    clientId,
    bootstrapBrokers: [...brokers],
    idempotent: true,
    retries: true,
    retryDelay: (_client, _operation, _attempt, _retries, error) => {
      onRetry(error);
      return retryDelay;
    },
    timeout,
    connectTimeout,
    partitioner: (message: Message, key: Buffer | undefined) => compatibilityPartitioner(message, key),
    serializers: stringSerializers,
    ...(tls === false ? {} : { tls: tls === true ? {} : { ...tls } }),
    ...(sasl === undefined ? {} : { sasl: { ...sasl } }),
  });
}

function unlessStopped<T>(work: Promise<T>, stop: AbortSignal, watch: (fail: (error: TransportError) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    watch(reject);
    const leave = () => reject(new TransportError('transport_unavailable', 'stopped'));
    stop.addEventListener('abort', leave, { once: true });
    if (stop.aborted) leave();
    work.then(resolve, reject).finally(() => stop.removeEventListener('abort', leave));
  });
}

/** A client whose broker is away may not end by itself. */
async function closed(producer: EventProducer): Promise<void> {
  await Promise.race([
    Promise.resolve(producer.close(true)).catch(() => {}),
    new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref()),
  ]);
}
