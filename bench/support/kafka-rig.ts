/** A broker of its own for a bench, with the bus and its topics on it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKafkaBus } from '../../packages/optikal/src/bus/index.ts';
import { createTopics } from '../../packages/optikal/src/bus/kafka/topics-create.ts';
import { type Kafka, type KafkaOptions, startKafka } from '../../scripts/kafka-cluster.ts';
import type { OpenBus } from './pipeline.ts';

export interface KafkaRig {
  readonly kafka: Kafka;
  readonly brokers: readonly string[];
  /** A bus on topics of its own, which begin with a new prefix. */
  readonly open: OpenBus;
  /** Topics of their own; resolves to their prefix. */
  topics(partitions: number): Promise<string>;
  end(): Promise<void>;
}

export async function startRig(options: KafkaOptions = {}): Promise<KafkaRig> {
  const kafka = await startKafka(options);
  const folder = mkdtempSync(join(tmpdir(), 'optikal-bench-kafka-'));
  const brokers = kafka.bootstrap.split(',');
  let count = 0;
  const topics = async (partitions: number) => {
    const prefix = `bench-${++count}.`;
    await createTopics({ connection: { brokers }, prefix, partitions });
    return prefix;
  };
  return {
    kafka,
    brokers,
    topics,
    async open(partitions) {
      const prefix = await topics(partitions);
      const bus = await openKafkaBus({ connection: { brokers }, group: 'bench', prefix, dataDir: join(folder, `${count}`) });
      return { bus, end: () => bus.close() };
    },
    async end() {
      await kafka.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
