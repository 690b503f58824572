import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { needKafka, useKafka } from '../../../../../test/support/kafka.ts';
import { describeBusConformance } from '../conformance.ts';
import { openKafkaBus } from './bus.ts';
import { openKafkaReader } from './reader.ts';
import { createTopics } from './topics-create.ts';

if (needKafka()) {
  const kafka = useKafka();
  describeBusConformance('the Kafka bus', async (partitions) => {
    const { bootstrap, prefix } = await kafka();
    const connection = { brokers: bootstrap.split(',') };
    await createTopics({ connection, prefix, partitions });
    const dataDir = mkdtempSync(join(tmpdir(), 'optikal-kafka-'));
    const open = () => openKafkaBus({ connection, group: 'test', prefix, dataDir, partitions });
    let bus = await open();
    return {
      bus,
      reader: () => openKafkaReader({ connection, prefix }),
      reopen: async () => {
        await bus.close();
        bus = await open();
        return bus;
      },
      end: async () => {
        await bus.close();
        rmSync(dataDir, { recursive: true });
      },
    };
  });
} else {
  describe.skip('the Kafka bus', () => it('keeps the contract of a bus', () => {}));
}
