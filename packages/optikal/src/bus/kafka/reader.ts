/**
 * Reading the topics beside the bus, from any process. It writes nothing, takes part in no group and holds nobody up. Each call sees what was
 * committed when it began.
 */
import { checkMaxRecords, checkPartition, checkRead } from '../checks.ts';
import type { LogReader, LogRecord, PartitionState, ScoreRow, StoredAlert, StoredDeadLetter } from '../contract.ts';
import { partitionOf } from '../partition.ts';
import { AlertList } from './alerts.ts';
import { Fetcher } from './fetcher.ts';
import { decodeLogRecord } from './log-records.ts';
import { type KafkaReaderOptions, resolveReaderOptions } from './options.ts';
import { decodeLetter, decodeScore } from './output-records.ts';
import { lastPosition } from './positions.ts';
import { type TopicNames, topicNames } from './topic-names.ts';

const PAGE_RECORDS = 512;
const FETCH_BYTES = 1_048_576;
/** A window's final score comes when it is due, some minutes of log clock after its end at the latest; then it is not looked for any further. */
const SCORE_HORIZON_MS = 2 * 3_600_000;

/** Errors: option_invalid, broker_unavailable, broker_refused, topics_missing. */
export async function openKafkaReader(options: KafkaReaderOptions): Promise<LogReader> {
  const { connection, prefix } = resolveReaderOptions(options);
  const topics = topicNames(prefix);
  const committed = new Fetcher(connection, { committed: true });
  const log = new Fetcher(connection, { committed: false });
  try {
    const { partitions } = await committed.identity(topics.events);
    // No path: the list goes with the reader.
    const alerts = new AlertList({ connection, topic: topics.alerts, partitions, path: '', identity: '' });
    return new Reader(partitions, topics, { committed, log, alerts });
  } catch (error) {
    await Promise.all([committed.close(), log.close()]);
    throw error;
  }
}

interface Sources {
  readonly committed: Fetcher;
  readonly log: Fetcher;
  readonly alerts: AlertList;
}

class Reader implements LogReader {
  readonly partitions: number;
  private readonly topics: TopicNames;
  private readonly sources: Sources;

  constructor(partitions: number, topics: TopicNames, sources: Sources) {
    this.partitions = partitions;
    this.topics = topics;
    this.sources = sources;
  }

  async partitionStates(): Promise<readonly PartitionState[]> {
    const { committed, log } = this.sources;
    const ends = await log.ends(this.topics.events);
    const states: PartitionState[] = [];
    for (const [partition, end] of ends.entries()) {
      const position = await lastPosition(committed, this.topics.state, partition);
      const { next, partitionState, openAgents } = position ?? { next: 0, partitionState: null, openAgents: 0 };
      states.push({ partition, next, end, partitionState, openAgents });
    }
    return states;
  }

  async *readLog(partition: number, from: number, to?: number): AsyncGenerator<readonly LogRecord[]> {
    checkPartition(partition, this.partitions);
    const { log } = this.sources;
    const end = (await log.ends(this.topics.events))[partition];
    checkRead(partition, from, end);
    let page: LogRecord[] = [];
    for await (const records of log.range(this.topics.events, partition, from, Math.min(to ?? end, end), FETCH_BYTES)) {
      for (const raw of records) {
        const record = decodeLogRecord(raw, partition, this.partitions);
        // What is none stands in the dead letters.
        if (record.kind !== 'unreadable') page.push(record);
        if (page.length < PAGE_RECORDS) continue;
        yield page;
        page = [];
      }
    }
    if (page.length > 0) yield page;
  }

  async alerts(after: number, maxRecords: number): Promise<readonly StoredAlert[]> {
    checkMaxRecords(maxRecords);
    await this.sources.alerts.catchUp();
    return this.sources.alerts.after(after, maxRecords);
  }

  /** Scores have the end of their window as their timestamp: all of the windows that hold the time stand after the first that ends behind it. */
  async scoreAt(key: string, timeMs: number): Promise<ScoreRow | null> {
    const { committed } = this.sources;
    const partition = partitionOf(key, this.partitions);
    const from = await committed.offsetAtTime(this.topics.scores, partition, Math.floor(timeMs) + 1);
    if (from === null) return null;
    const end = await committed.settledEnd(this.topics.scores, partition);
    let found: ScoreRow | null = null;
    for await (const records of committed.range(this.topics.scores, partition, from, end, FETCH_BYTES)) {
      for (const raw of records) {
        if (raw.timestampMs > timeMs + SCORE_HORIZON_MS) return found;
        if (raw.key?.toString('utf8') !== key) continue;
        const score = decodeScore(raw);
        if (score === null || score.windowStartMs > timeMs || score.windowEndMs <= timeMs) continue;
        // Of windows that overlap the later one; of one window the later row.
        if (found === null || score.windowStartMs >= found.windowStartMs) found = score;
      }
    }
    return found;
  }

  async scoreOfAlert(id: string): Promise<ScoreRow | null> {
    const { alerts } = this.sources;
    await alerts.catchUp();
    const alert = alerts.find(id);
    if (alert === null) return null;
    const score = await this.scoreAt(alert.key, alert.windowStartMs);
    return score?.windowStartMs === alert.windowStartMs ? score : null;
  }

  async deadLetters(after: number, maxRecords: number): Promise<readonly StoredDeadLetter[]> {
    checkMaxRecords(maxRecords);
    const { committed } = this.sources;
    const { deadLetters } = this.topics;
    const [first, end] = [(await committed.firsts(deadLetters))[0], await committed.settledEnd(deadLetters, 0)];
    const found: StoredDeadLetter[] = [];
    // A cursor is an offset + 1: what comes after it begins at that offset.
    for await (const records of committed.range(deadLetters, 0, Math.max(first, after), end, FETCH_BYTES)) {
      for (const raw of records) {
        const letter = decodeLetter(raw);
        if (letter !== null) found.push(letter);
        if (found.length === maxRecords) return found;
      }
    }
    return found;
  }

  async close(): Promise<void> {
    const { committed, log, alerts } = this.sources;
    await Promise.all([committed.close(), log.close(), alerts.close()]);
  }
}
