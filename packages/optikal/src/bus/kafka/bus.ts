/**
 * The bus on Kafka: the same contract as the embedded one, with any number of processes. Delivery: an `append` that resolved is in the log once or
 * more; a `commit` that resolved is durable as a whole, one that failed with `commit_unknown` or `lease_lost` may be, and who leases next sees
 * what is. What lies in the data folder can be made again from the topics.
 */
import { join } from 'node:path';
import { checkLease, checkPartition } from '../checks.ts';
import type { AppendOutcome, Bus, Commit, Lease, LogEntry, LogRecord, ReadOptions, StoredAlert } from '../contract.ts';
import { lockDataDir } from '../embedded/data-dir.ts';
import { BusError } from '../errors.ts';
import { AlertList } from './alerts.ts';
import { Fetcher } from './fetcher.ts';
import { sharedHmacKey } from './hmac-key.ts';
import { LogWriter } from './log-writer.ts';
import { Membership } from './membership.ts';
import { type KafkaBusOptions, type ResolvedBusOptions, resolveBusOptions } from './options.ts';
import { lastPosition } from './positions.ts';
import { PartitionTask } from './task.ts';
import { type TopicNames, topicNames } from './topic-names.ts';

export interface KafkaBus extends Bus {
  /** The key of the HMACs in dead letters: made once for all processes, kept in the state topic. Hex, 32 bytes. */
  readonly hmacKey: string;
}

/** Errors: option_invalid, data_dir_locked, broker_unavailable, broker_refused, topics_missing, partitions_changed. */
export async function openKafkaBus(options: KafkaBusOptions): Promise<KafkaBus> {
  const resolved = resolveBusOptions(options);
  const folder = join(resolved.dataDir, 'kafka');
  // Two processes would write the same caches.
  const lock = lockDataDir(folder);
  const fetcher = new Fetcher(resolved.connection, { committed: true });
  try {
    const topics = topicNames(resolved.prefix);
    const facts = await factsOf(fetcher, topics, resolved);
    const identity = `${facts.cluster} ${facts.ids}`;
    const hmacKey = resolved.hmacKey ?? (await sharedHmacKey(resolved, topics.state, join(folder, 'hmac-key'), identity));
    const ends = await fetcher.ends(topics.events);
    return new Client({ options: resolved, topics, partitions: facts.partitions, identity, hmacKey, ends, folder, lock, fetcher });
  } catch (error) {
    await fetcher.close();
    lock.release();
    throw error;
  }
}

/** Topic ids change when a topic is made anew; partitions must be as many in every topic that is read by partition. */
async function factsOf(fetcher: Fetcher, topics: TopicNames, { partitions }: ResolvedBusOptions) {
  const log = await fetcher.identity(topics.events);
  if (partitions !== null && partitions !== log.partitions)
    throw new BusError('partitions_changed', `\`${topics.events}\`: expected ${partitions} partitions, found ${log.partitions}`);
  const ids = [log.topicId];
  for (const topic of [topics.state, topics.scores, topics.alerts]) {
    const found = await fetcher.identity(topic);
    if (found.partitions !== log.partitions)
      throw new BusError('topics_missing', `\`${topic}\`: expected ${log.partitions} partitions as the log has, found ${found.partitions}`);
    ids.push(found.topicId);
  }
  await fetcher.identity(topics.deadLetters);
  return { cluster: log.cluster, partitions: log.partitions, ids: ids.join(' ') };
}

interface Parts {
  readonly options: ResolvedBusOptions;
  readonly topics: TopicNames;
  readonly partitions: number;
  readonly identity: string;
  readonly hmacKey: string;
  readonly ends: readonly number[];
  readonly folder: string;
  readonly lock: { release(): void };
  readonly fetcher: Fetcher;
}

class Client implements KafkaBus {
  readonly partitions: number;
  readonly hmacKey: string;
  readonly findsDuplicates = false;
  private readonly parts: Parts;
  private readonly ends: number[];
  private readonly writer: LogWriter;
  private readonly alertList: AlertList;
  private readonly tasks = new Map<number, PartitionTask>();
  private readonly leasing = new Map<number, Promise<unknown>>();
  private readonly memberships: Membership[] = [];
  private closing: Promise<void> | null = null;

  constructor(parts: Parts) {
    const { options, topics, partitions, folder, identity } = parts;
    this.parts = parts;
    this.partitions = partitions;
    this.hmacKey = parts.hmacKey;
    this.ends = [...parts.ends];
    this.writer = new LogWriter(options, topics, partitions, (partition, end) => this.moveEnd(partition, end));
    const path = join(folder, 'alerts.db');
    this.alertList = new AlertList({ connection: options.connection, topic: topics.alerts, partitions, path, identity });
  }

  async append(entries: readonly LogEntry[]): Promise<readonly AppendOutcome[]> {
    this.checkOpen();
    return this.guard(this.writer.append(entries));
  }

  async join(onAssigned: (partitions: readonly number[]) => void): Promise<void> {
    this.checkOpen();
    const { options, topics } = this.parts;
    const membership = new Membership(options.connection, `${options.prefix}${options.group}`, topics.events, onAssigned);
    this.memberships.push(membership);
    await this.guard(membership.join());
  }

  async lease(partition: number): Promise<Lease> {
    this.checkOpen();
    checkPartition(partition, this.partitions);
    const before = this.leasing.get(partition) ?? Promise.resolve();
    const mine = before.then(() => this.leaseNow(partition));
    this.leasing.set(
      partition,
      mine.catch(() => {}),
    );
    return this.guard(mine);
  }

  async read(lease: Lease, next: number, options: ReadOptions) {
    return this.guard(this.held(lease).read(next, options));
  }

  async readAt(lease: Lease, offsets: readonly number[]): Promise<readonly LogRecord[]> {
    return this.guard(this.held(lease).readAt(offsets));
  }

  async loadState(lease: Lease, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.held(lease).loadState(keys);
  }

  async commit(lease: Lease, commit: Commit): Promise<void> {
    await this.guard(this.held(lease).commit(commit));
  }

  async alerts(after: number, options: ReadOptions): Promise<readonly StoredAlert[]> {
    this.checkOpen();
    return this.guard(this.alertList.read(after, options));
  }

  async positions() {
    this.checkOpen();
    return this.guard(this.lookUpPositions());
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async lookUpPositions() {
    const { fetcher, topics } = this.parts;
    for (const [partition, end] of (await fetcher.ends(topics.events)).entries()) this.moveEnd(partition, end);
    const positions: { readonly partition: number; readonly end: number; readonly next: number }[] = [];
    for (const [partition, end] of this.ends.entries()) {
      const task = this.tasks.get(partition);
      const next = task !== undefined && !task.isLost ? task.position : ((await lastPosition(fetcher, topics.state, partition))?.next ?? 0);
      positions.push({ partition, end, next });
    }
    return positions;
  }

  private async leaseNow(partition: number): Promise<Lease> {
    this.checkOpen();
    const { options, topics, identity, folder } = this.parts;
    const old = this.tasks.get(partition);
    this.tasks.delete(partition);
    await old?.end(new BusError('lease_lost', `partition ${partition}: lease ${old.lease.token} was fenced by a newer one`));
    const task = await PartitionTask.start({
      bus: options,
      topics,
      partition,
      partitions: this.partitions,
      hmacKey: this.hmacKey,
      cachePath: join(folder, `state-${partition}.db`),
      cacheIdentity: `${identity} ${partition}`,
      mutant: process.env.OPTIKAL_MUTANT ?? null,
      end: () => this.ends[partition],
      moveEnd: (end) => this.moveEnd(partition, end),
      onAlerts: (end) => this.alertList.expect(partition, end),
    });
    if (this.closing !== null) {
      await task.end(closed());
      throw closed();
    }
    this.tasks.set(partition, task);
    return task.lease;
  }

  private async shutDown(): Promise<void> {
    for (const task of this.tasks.values()) void task.end(closed());
    await Promise.all([...this.leasing.values(), ...this.memberships.map((membership) => membership.close())]);
    await Promise.all([this.writer.close(), this.alertList.close(), ...[...this.tasks.values()].map((task) => task.end(closed()))]);
    await this.parts.fetcher.close();
    this.parts.lock.release();
  }

  private held(lease: Lease): PartitionTask {
    this.checkOpen();
    checkPartition(lease.partition, this.partitions);
    const task = this.tasks.get(lease.partition);
    if (task === undefined) throw new BusError('lease_lost', `partition ${lease.partition}: lease ${lease.token} is not the newest`);
    checkLease(lease.partition, lease.token, task.lease.token);
    return task;
  }

  /** A call that fails because the bus was closed under it says so. */
  private async guard<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw this.closing === null ? error : closed();
    }
  }

  private moveEnd(partition: number, end: number): void {
    this.ends[partition] = Math.max(this.ends[partition], end);
  }

  private checkOpen(): void {
    if (this.closing !== null) throw closed();
  }
}

function closed(): BusError {
  return new BusError('bus_closed', 'the bus is closed');
}
