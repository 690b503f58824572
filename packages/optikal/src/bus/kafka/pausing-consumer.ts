/**
 * A consumer that can leave partitions out of its fetches, which the client cannot; and that says where each partition ended when it was fetched.
 * Both by its public `fetch`, which its streams call.
 */
import { type CallbackWithPromise, Consumer, type ConsumerOptions, type FetchOptions } from '@platformatic/kafka';
import { base, LONG_POLL_MS } from './client.ts';
import type { ResolvedConnection } from './options.ts';

type Options = FetchOptions<Buffer, Buffer, Buffer, Buffer>;
type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>;

/** A fetch without the partitions that are left out does not wait long for the others: they may be let in again. */
const SHORT_POLL_MS = 20;

/** As `newConsumer` of client.ts. */
export function newPausingConsumer(
  connection: ResolvedConnection,
  groupId: string,
  more: Partial<ConsumerOptions<Buffer, Buffer, Buffer, Buffer>>,
): PausingConsumer {
  const requestTimeout = (more.rebalanceTimeout ?? 0) + connection.timeouts.requestMs;
  const options = { ...base(connection), requestTimeout, groupId, autocommit: false, minBytes: 1, maxWaitTime: LONG_POLL_MS, ...more };
  // Spread over a union of the two group protocols; the fields above belong to both.
  return new PausingConsumer(options as ConsumerOptions<Buffer, Buffer, Buffer, Buffer>);
}

export class PausingConsumer extends Consumer<Buffer, Buffer, Buffer, Buffer> {
  /** Whether a partition is left out of the next fetch. */
  isPaused: (topicId: string, partition: number) => boolean = () => false;
  /** Called with each fetch's answer, before its messages are in the stream: the partition and the offset after its last record. */
  onEnd: (topicId: string, partition: number, end: bigint) => void = () => {};
  onFetched: () => void = () => {};

  override fetch(options: Options, callback: CallbackWithPromise<FetchResponse>): void;
  override fetch(options: Options): Promise<FetchResponse>;
  override fetch(options: Options, callback?: CallbackWithPromise<FetchResponse>): undefined | Promise<FetchResponse> {
    if (callback === undefined) return super.fetch(options);
    const topics = options.topics
      .map(({ topicId, partitions }) => ({ topicId, partitions: partitions.filter(({ partition }) => !this.isPaused(topicId, partition)) }))
      .filter(({ partitions }) => partitions.length > 0);
    const asked = options.topics.reduce((sum, { partitions }) => sum + partitions.length, 0);
    const left = topics.reduce((sum, { partitions }) => sum + partitions.length, 0);
    if (left === 0 && asked > 0 && !this.closed) {
      setTimeout(() => this.fetch(options, callback), SHORT_POLL_MS);
      return undefined;
    }
    super.fetch(left === asked ? options : { ...options, topics, maxWaitTime: SHORT_POLL_MS }, (error, response) => {
      // In a fetch session the broker leaves out what has not changed.
      for (const { topicId, partitions } of response?.responses ?? [])
        for (const { partitionIndex, highWatermark, lastStableOffset } of partitions)
          this.onEnd(topicId, partitionIndex, lastStableOffset >= 0n ? lastStableOffset : highWatermark);
      this.onFetched();
      callback(error, response);
    });
    return undefined;
  }
}
