/** A reader that answers at once, as one that is waited for. */
import type { BusReader, LogReader, LogRecord } from './contract.ts';

const PAGE_RECORDS = 512;

/** The same answers, each as a promise; closing it closes the reader. */
export function logReader(reader: BusReader): LogReader {
  return {
    partitions: reader.partitions,
    partitionStates: async () => reader.partitionStates(),
    readLog: (partition, from, to) => pagesOf(reader, partition, from, to),
    alerts: async (after, maxRecords) => reader.alerts(after, maxRecords),
    scoreAt: async (key, timeMs) => reader.scoreAt(key, timeMs),
    scoreOfAlert: async (id) => reader.scoreOfAlert(id),
    deadLetters: async (after, maxRecords) => reader.deadLetters(after, maxRecords),
    close: async () => reader.close(),
  };
}

async function* pagesOf(reader: BusReader, partition: number, from: number, to?: number): AsyncGenerator<readonly LogRecord[]> {
  let page: LogRecord[] = [];
  for (const record of reader.readLog(partition, from, to)) {
    page.push(record);
    if (page.length < PAGE_RECORDS) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
