/** The log on Kafka from beside: written to by a bus for a moment, and what stands in its topics. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AlertRow, type Bus, type LogReader, openKafkaBus, openKafkaReader } from '../../packages/optikal/src/bus/index.ts';
import { hashAlerts, readAlerts } from '../../packages/optikal/src/services/verify.ts';

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

/** The alerts that stand in the topics. */
export async function outcomeOf(
  { brokers }: Brokers,
  prefix: string,
): Promise<{ readonly alerts: readonly AlertRow[]; readonly sha256: string }> {
  const reader = await openKafkaReader({ connection: { brokers }, prefix });
  try {
    const alerts = await readAlerts(reader);
    return { alerts, sha256: hashAlerts(alerts) };
  } finally {
    await reader.close();
  }
}
