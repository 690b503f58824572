/**
 * Lines of CloudEvents into a publisher of the SDK. The input is slowed to the pace of the other side while that takes; while it does not, lines
 * go on into the spool, and an input that can wait (a file) waits before anything would be dropped.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { httpTransport, type Publisher, SdkError, type Transport } from '@optikal/sdk';
import type { Environment, Settings } from '../config/index.ts';
import { kafkaConnection } from './open-bus.ts';

export interface PublishOptions {
  readonly publisher: Publisher;
  /** Lines in the groups in which they arrive. */
  readonly lines: AsyncIterable<readonly string[]>;
  /** The input loses nothing by waiting. */
  readonly canWait: boolean;
  /** Of the spool; null = there is none. */
  readonly spoolBytes: number | null;
  readonly stop: AbortSignal;
  readonly onBadLine: (line: number, code: string, message: string) => void;
}

/** Of its queue in memory, from which on the input is slowed. */
const MEMORY_BYTES = 2_097_152;
/** Of a spool, below the share that the least worth may fill. */
const SPOOL_SHARE = 0.45;
const LOOK_MS = 5;
/** Nothing delivered for so long: the other side does not take. */
const QUIET_MS = 2000;

/** Resolves at the end of the input, or where `stop` aborts: to the number of lines that were no events. */
export async function publishLines(options: PublishOptions): Promise<{ readonly lines: number; readonly bad: number }> {
  const { publisher, lines, stop, onBadLine } = options;
  let [count, bad] = [0, 0];
  const mustWait = pace(options);
  for await (const group of lines) {
    for (const line of group) {
      count++;
      if (line.trim() === '') continue;
      try {
        publisher.publishCloudEvent(line);
      } catch (error) {
        if (!(error instanceof SdkError)) throw error;
        bad++;
        onBadLine(count, error.code, error.message);
      }
    }
    while (!stop.aborted && mustWait()) await pause(LOOK_MS);
  }
  return { lines: count, bad };
}

function pace({ publisher, canWait, spoolBytes }: PublishOptions): () => boolean {
  let delivered = 0;
  let atMs = performance.now();
  return () => {
    const counters = publisher.counters();
    const nowMs = performance.now();
    if (counters.delivered !== delivered || counters.waiting === 0) [delivered, atMs] = [counters.delivered, nowMs];
    if (counters.memoryBytes > MEMORY_BYTES && (spoolBytes === null || nowMs - atMs < QUIET_MS)) return true;
    return canWait && spoolBytes !== null && counters.spoolBytes > SPOOL_SHARE * spoolBytes;
  };
}

/** To a running server, or to the public topics of the brokers. Errors: brokers_missing, file_unreadable, password_missing, option_invalid. */
export async function transportFor(to: string | undefined, settings: Settings, env: Environment): Promise<Transport> {
  const key = env.OPTIKAL_API_KEY;
  if (to !== undefined) return httpTransport({ url: to, ...(key === undefined ? {} : { apiKey: key }) });
  const { brokers, clientId, tls, sasl, timeouts } = kafkaConnection(settings, env);
  // Here and not above: the client of Kafka is loaded where there is one.
  const { kafkaTransport } = await import('@optikal/sdk/kafka');
  return kafkaTransport({
    brokers,
    ...(settings.kafka.prefix === null ? {} : { prefix: settings.kafka.prefix }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(tls === undefined ? {} : { tls }),
    ...(sasl === undefined ? {} : { sasl }),
    ...(timeouts === undefined ? {} : { timeoutMs: timeouts.requestMs ?? 3000, connectTimeoutMs: timeouts.connectMs ?? 1000 }),
  });
}
