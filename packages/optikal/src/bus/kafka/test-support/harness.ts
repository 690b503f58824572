/** Topics with a prefix of their own and buses on them, each with a data folder of its own; everything ends with the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { type KafkaBus, openKafkaBus } from '../bus.ts';
import { type KafkaBusOptions, resolveConnection } from '../options.ts';
import { type TopicNames, topicNames } from '../topic-names.ts';
import { createTopics } from '../topics-create.ts';

export interface Installation {
  readonly connection: KafkaBusOptions['connection'];
  readonly resolved: ReturnType<typeof resolveConnection>;
  readonly prefix: string;
  readonly topics: TopicNames;
  /** A folder that is removed with the test. */
  folder(): string;
  open(more?: Partial<KafkaBusOptions>): Promise<KafkaBus>;
}

export function useInstallations(): (bootstrap: string, prefix: string, partitions?: number) => Promise<Installation> {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).toReversed()) await end();
  });
  return async (bootstrap, prefix, partitions = 1) => {
    const connection = { brokers: bootstrap.split(',') };
    await createTopics({ connection, prefix, partitions });
    const folder = () => {
      const made = mkdtempSync(join(tmpdir(), 'optikal-kafka-'));
      endings.push(() => rmSync(made, { recursive: true, force: true }));
      return made;
    };
    return {
      connection,
      resolved: resolveConnection(connection),
      prefix,
      topics: topicNames(prefix),
      folder,
      async open(more = {}) {
        const bus = await openKafkaBus({ connection, group: 'test', prefix, dataDir: more.dataDir ?? folder(), ...more });
        endings.push(() => bus.close());
        return bus;
      },
    };
  };
}
