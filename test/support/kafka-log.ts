/** The log on Kafka from beside: written to by a bus for a moment, and what stands in its topics. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AlertRow, type Bus, type LogReader, openKafkaBus } from '../../packages/optikal/src/bus/index.ts';
import { Fetcher } from '../../packages/optikal/src/bus/kafka/fetcher.ts';
import { resolveConnection } from '../../packages/optikal/src/bus/kafka/options.ts';
import { decodeAlert } from '../../packages/optikal/src/bus/kafka/output-records.ts';
import { topicNames } from '../../packages/optikal/src/bus/kafka/topic-names.ts';
import { hashAlerts } from '../../packages/optikal/src/services/verify.ts';

const PAGE_BYTES = 1_048_576;

export interface Brokers {
  /** `HOST:PORT` each. */
  readonly brokers: readonly string[];
}

/** A bus to write with, for a moment. */
export async function withBus({ brokers }: Brokers, prefix: string, write: (bus: Bus) => Promise<unknown>): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'optikal-writer-'));
  const bus = await openKafkaBus({ connection: { brokers }, group: 'writer', prefix, dataDir });
  try {
    await write(bus);
  } finally {
    await bus.close();
    rmSync(dataDir, { recursive: true });
  }
}

export async function isCaughtUp(reader: LogReader): Promise<boolean> {
  return (await reader.partitionStates()).every(({ next, end }) => next >= end);
}

/**
 * The alerts that stand in the topic, record by record as any reader of what is committed sees them: one that was published twice is there twice
 * (`LogReader.alerts` would hide it).
 */
export async function outcomeOf(
  { brokers }: Brokers,
  prefix: string,
): Promise<{ readonly alerts: readonly AlertRow[]; readonly sha256: string }> {
  const topic = topicNames(prefix).alerts;
  const fetcher = new Fetcher(resolveConnection({ brokers }), { committed: true });
  try {
    const alerts: AlertRow[] = [];
    const firsts = await fetcher.firsts(topic);
    for (const [partition, first] of firsts.entries())
      for await (const page of fetcher.range(topic, partition, first, await fetcher.settledEnd(topic, partition), PAGE_BYTES))
        for (const raw of page) {
          const alert = decodeAlert(raw);
          if (alert === null) throw new Error(`expected an alert at ${raw.offset} of partition ${partition}`);
          alerts.push(alert);
        }
    return { alerts, sha256: hashAlerts(alerts) };
  } finally {
    await fetcher.close();
  }
}
