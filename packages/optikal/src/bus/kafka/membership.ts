/**
 * The consumer group that shares out the partitions, used for nothing else: data is read by offsets, and what protects a partition is the lease.
 * So a member that has not heard of a change yet does no harm. The client may rejoin without end when it commits during a rebalance, and its
 * streams deliver what they hold after they lost it: neither is used.
 */
import type { Consumer } from '@platformatic/kafka';
import { BusError } from '../errors.ts';
import { newConsumer } from './client.ts';
import { withinMs } from './errors.ts';
import type { ResolvedConnection } from './options.ts';

const LOOK_MS = 1000;

export class Membership {
  private readonly connection: ResolvedConnection;
  private readonly group: string;
  private readonly topic: string;
  private readonly onAssigned: (partitions: readonly number[]) => void;
  private consumer: Consumer<Buffer, Buffer, Buffer, Buffer>;
  private told: string | null = null;
  private watch: NodeJS.Timeout | null = null;
  private lastActiveMs = performance.now();
  private rejoining = false;
  private closed = false;

  constructor(connection: ResolvedConnection, group: string, topic: string, onAssigned: (partitions: readonly number[]) => void) {
    this.connection = connection;
    this.group = group;
    this.topic = topic;
    this.onAssigned = onAssigned;
    this.consumer = this.newMember();
  }

  /** Errors: broker_unavailable, broker_refused, topics_missing. */
  async join(): Promise<void> {
    const { giveUpMs } = this.connection.timeouts;
    await withinMs(giveUpMs, `join group \`${this.group}\``, this.consumer.joinGroup({}));
    this.tell();
    this.watch = setInterval(() => this.look(), LOOK_MS);
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.watch !== null) clearInterval(this.watch);
    await this.leave(this.consumer);
  }

  private newMember(): Consumer<Buffer, Buffer, Buffer, Buffer> {
    const { sessionMs, heartbeatMs, rebalanceMs } = this.connection.timeouts;
    const consumer = newConsumer(this.connection, this.group, {
      sessionTimeout: sessionMs,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: rebalanceMs,
      protocols: [{ name: 'roundrobin', version: 1 }],
    });
    consumer.topics.trackAll(this.topic);
    consumer.on('consumer:group:join', () => {
      if (consumer === this.consumer) this.tell();
    });
    // The client gave up joining again (an error that nobody hears would end the process): joined anew at the next look.
    consumer.on('error', () => {
      if (consumer === this.consumer) this.lastActiveMs = Number.NEGATIVE_INFINITY;
    });
    return consumer;
  }

  /** The full list, where it changed. */
  private tell(): void {
    this.lastActiveMs = performance.now();
    const mine = (this.consumer.assignments ?? []).filter(({ topic }) => topic === this.topic).flatMap(({ partitions }) => partitions);
    const sorted = mine.toSorted((a, b) => a - b);
    const text = sorted.join(' ');
    if (this.closed || text === this.told) return;
    this.told = text;
    this.onAssigned(sorted);
  }

  /** A member that was thrown out while no broker answered may never hear of it: one that is silent for a whole session joins anew. */
  private look(): void {
    if (this.consumer.isActive() && (this.consumer.lastHeartbeat?.getTime() ?? 0) > Date.now() - this.connection.timeouts.sessionMs)
      this.lastActiveMs = performance.now();
    if (this.rejoining || performance.now() - this.lastActiveMs < 2 * this.connection.timeouts.sessionMs) return;
    this.rejoining = true;
    void this.rejoin().finally(() => {
      this.rejoining = false;
    });
  }

  private async rejoin(): Promise<void> {
    const old = this.consumer;
    const fresh = this.newMember();
    this.consumer = fresh;
    await this.leave(old);
    try {
      await withinMs(this.connection.timeouts.giveUpMs, `join group \`${this.group}\``, fresh.joinGroup({}));
      if (this.closed) await this.leave(fresh);
      else this.tell();
    } catch (error) {
      // Tried again at the next look: the log is read and committed meanwhile, as leases allow.
      if (!(error instanceof BusError)) throw error;
    }
  }

  private async leave(consumer: Consumer<Buffer, Buffer, Buffer, Buffer>): Promise<void> {
    const { requestMs } = this.connection.timeouts;
    await withinMs(requestMs, `leave group \`${this.group}\``, consumer.close(true)).catch(() => {}); // it is forgotten after its session
  }
}
