/**
 * The topic of one replay: its alerts, and nothing else. Only who asks for it reads there; what detectors write and what is paged stays apart. It
 * is made if it is not there; a run of a name that was used before is added behind the first.
 */
import type { AlertRow } from '../contract.ts';
import { BusError } from '../errors.ts';
import { newProducer } from './client.ts';
import { compressionOf } from './compression.ts';
import { withinMs } from './errors.ts';
import { type KafkaReaderOptions, resolveReaderOptions } from './options.ts';
import { encodeAlert, grouped } from './output-records.ts';
import { REPLAY_TOPIC, replayTopic } from './topics.ts';
import { createTopic } from './topics-create.ts';

export interface ReplayTopic {
  readonly name: string;
  /** CloudEvents in binary mode, as alerts are; durable when resolved. Errors: broker_unavailable, broker_refused, record_too_large. */
  write(alerts: readonly AlertRow[]): Promise<void>;
  close(): Promise<void>;
}

export interface ReplayTopicOptions extends KafkaReaderOptions {
  /** Names the run, and with it the topic. */
  readonly run: string;
}

const RUN = /^[A-Za-z0-9._-]{1,64}$/;
/** The longest name that Kafka takes for a topic. */
const NAME_CHARACTERS = 249;

/** Errors: option_invalid, broker_unavailable, broker_refused, topics_missing (Kafka takes no such name). */
export async function openReplayTopic({ run, ...options }: ReplayTopicOptions): Promise<ReplayTopic> {
  const { connection, prefix, batchBytes } = resolveReaderOptions(options);
  if (!RUN.test(run) || run === 'live')
    throw new BusError('option_invalid', `\`run\` must be 1 to 64 of [A-Za-z0-9._-], and not \`live\`, found \`${run}\``);
  const name = replayTopic(run, prefix);
  if (name.length > NAME_CHARACTERS)
    throw new BusError(
      'option_invalid',
      `the name of a topic must have at most ${NAME_CHARACTERS} characters, \`${name}\` has ${name.length}`,
    );
  await createTopic(connection, name, REPLAY_TOPIC);
  const producer = newProducer(connection);
  return {
    name,
    write: async (alerts) => {
      const messages = alerts.map((alert) => encodeAlert(name, 0, alert));
      // One send at a time: the producer counts them.
      for (const group of grouped(messages, batchBytes)) {
        if (group.length === 0) continue;
        const sent = producer.send({ messages: [...group], compression: compressionOf(group) });
        await withinMs(connection.timeouts.giveUpMs, `write to \`${name}\``, sent);
      }
    },
    close: () => producer.close(true).catch(() => {}), // what was written is acknowledged
  };
}
