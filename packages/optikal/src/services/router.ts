/**
 * The router: messages of the public topics of Kafka → the log. It keeps nothing: messages come merged by event time, each is judged, tenant and key included, and becomes
 * an event or a dead letter; the offsets of a batch are committed once that is durable. So a message may come into the log twice after a crash,
 * and the stream drops the second (stream/window.ts).
 */
import { parseKafkaRecord } from '@optikal/contracts';
import { type Inbox, type InboxMessage, openInbox } from '../bus/kafka/inbox.ts';
import { PUBLIC_TOPICS } from '../bus/kafka/topics.ts';
import type { Environment, Settings } from '../config/index.ts';
import { errorCodeOf, type Log } from '../observability/index.ts';
import type { Ingest, IngestResult, JudgedMessage } from './ingest.ts';
import { kafkaConnection } from './open-bus.ts';

export interface Router {
  readonly counters: { readonly messages: number; readonly refused: number; readonly waiting: number };
  /** Since when it gets nowhere, by the wall clock, and why; null = it goes on. */
  readonly waits: { readonly sinceMs: number; readonly error: string } | null;
  close(): Promise<void>;
}

export interface RouterOptions {
  readonly settings: Settings;
  readonly env: Environment;
  readonly ingest: Pick<Ingest, 'take'>;
  readonly log: Log;
  readonly now: () => number;
  readonly onTaken?: (result: IngestResult) => void;
}

/** Errors: broker_unavailable, broker_refused, topics_missing, those of the connection. */
export async function startRouter({ settings, env, ingest, log, now, onTaken }: RouterOptions): Promise<Router> {
  const { group, prefix, tenants, inFlight } = settings.kafka;
  const tenantOf = tenantsByTopic(tenants);
  const counters = { messages: 0, refused: 0 };
  let waits: Router['waits'] = null;
  const inbox: Inbox = await openInbox({
    connection: kafkaConnection(settings, env),
    ...(prefix === null ? {} : { prefix }),
    group: `${group}-router`,
    topics: PUBLIC_TOPICS.map(({ name }) => name),
    maxMessages: inFlight,
    take: async (messages) => {
      const result = await ingest.take(messages.map((message) => judge(message, tenantOf(message.topic))));
      counters.messages += messages.length;
      counters.refused += result.rejected.length;
      onTaken?.(result);
    },
    onOutOfOrder: (count) => log.write('warn', 'router_out_of_order', { count }),
    onWait: (error) => {
      if (error !== null) {
        waits = { sinceMs: now(), error: errorCodeOf(error) };
        log.write('warn', 'router_waits', { error: waits.error });
        return;
      }
      log.write('info', 'router_goes_on', waits === null ? {} : { seconds: Math.round((now() - waits.sinceMs) / 1000) });
      waits = null;
    },
  });
  return {
    get counters() {
      return { ...counters, waiting: inbox.waiting };
    },
    get waits() {
      return waits;
    },
    close: () => inbox.close(),
  };
}

/** What a message of a public topic is. `tenant` is the one that the topic belongs to; without it the message's own counts. */
export function judge({ key, headers, value }: Omit<InboxMessage, 'topic'>, tenant: string | undefined): JudgedMessage {
  const bytes = value ?? '';
  const parsed = parseKafkaRecord({ key, headers, value }, tenant);
  return parsed.ok ? { bytes, event: parsed.event, unknownFields: parsed.unknownFields } : { bytes, error: parsed.error };
}

/** `TOPIC=TENANT` with commas between them, `*` = every other topic. */
export function tenantsByTopic(list: string | null): (topic: string) => string | undefined {
  const tenants = new Map(
    (list === null ? [] : list.split(',')).map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)] as const),
  );
  return (topic) => tenants.get(topic) ?? tenants.get('*');
}
