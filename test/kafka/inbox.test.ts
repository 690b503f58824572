/** The inbox of the router on a real broker: at least once, in order, and offsets only after what they cover is durable. */
import { Producer } from '@platformatic/kafka';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type InboxMessage, openInbox } from '../../packages/optikal/src/bus/kafka/inbox.ts';
import { createTopics } from '../../packages/optikal/src/bus/kafka/topics-create.ts';
import { needKafka, startKafka, useKafka } from '../support/kafka.ts';

const kafka = needKafka() ? useKafka() : null;
const TOPIC = 'argus.agent.metrics';
const WAIT = { timeout: 60_000, interval: 100 };
const TIMEOUTS = { sessionMs: 2000, heartbeatMs: 300 };

async function begin(count: number) {
  const { bootstrap, prefix } = await kafka!();
  const connection = { brokers: bootstrap.split(','), timeouts: TIMEOUTS };
  await createTopics({ connection, prefix, partitions: 2 });
  const producer = new Producer({ clientId: 'test', bootstrapBrokers: [...connection.brokers] });
  onTestFinished(() => producer.close());
  const send = (from: number, to: number) =>
    producer.send({
      messages: Array.from({ length: to - from }, (_, i) => ({
        topic: `${prefix}${TOPIC}`,
        key: Buffer.from(`t|${(from + i) % 7}`),
        value: Buffer.from(String(from + i)),
      })),
    });
  await send(0, count);
  const open = async (take: (numbers: readonly number[]) => Promise<void>, maxMessages = 100) => {
    const options = { connection, prefix, group: 'g', topics: [TOPIC], maxMessages, onWait: () => {} };
    const inbox = await openInbox({ ...options, take: (messages) => take(messages.map(numberOf)) });
    onTestFinished(() => inbox.close());
    return inbox;
  };
  return { open, send };
}

const numberOf = ({ value }: InboxMessage): number => Number(value);
const all = (count: number) => Array.from({ length: count }, (_, n) => n);

describe.skipIf(kafka === null)('the inbox', () => {
  it('hands a batch over again after an error, the same messages in the same order, and keeps the order of each key', async () => {
    const { open } = await begin(500);
    const tried: string[] = [];
    const taken: number[] = [];
    await open(async (numbers) => {
      tried.push(numbers.join(' '));
      if (tried.length < 3) throw new Error('not durable');
      taken.push(...numbers);
    });
    await expect.poll(() => taken.length, WAIT).toBe(500);
    expect(new Set(tried.slice(0, 3)).size).toBe(1);
    for (let key = 0; key < 7; key++) expect(taken.filter((n) => n % 7 === key)).toEqual(all(500).filter((n) => n % 7 === key));
  });

  it('goes on behind what is durable after a stop, and begins again with what is not', async () => {
    const { open } = await begin(300);
    let taken: number[] = [];
    const first = await open(async (numbers) => {
      if (taken.length >= 200) throw new Error('not durable');
      taken.push(...numbers);
    });
    await expect.poll(() => taken.length, WAIT).toBeGreaterThanOrEqual(200);
    await first.close();
    const before = new Set(taken);
    taken = [];
    await open(async (numbers) => void taken.push(...numbers));
    await expect.poll(() => new Set([...before, ...taken]).size, WAIT).toBe(300);
    expect(taken.filter((n) => before.has(n))).toEqual([]);
  });

  it('loses nothing while routers join and leave', async () => {
    const { open, send } = await begin(1000);
    const taken = new Set<number>();
    const slow = async (numbers: readonly number[]) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (const n of numbers) taken.add(n);
    };
    const one = await open(slow, 20);
    const two = await open(slow, 20);
    await send(1000, 2000);
    await one.close();
    const three = await open(slow, 20);
    await send(2000, 3000);
    await two.close();
    await expect.poll(() => taken.size, WAIT).toBe(3000);
    await three.close();
  });
});

describe.skipIf(!needKafka({ own: true }))('the inbox of a broker that goes away', () => {
  it('goes on by itself when it is back, and loses nothing', async () => {
    const broker = await startKafka();
    onTestFinished(() => broker.stop());
    const connection = { brokers: broker.bootstrap.split(','), timeouts: TIMEOUTS };
    await createTopics({ connection, partitions: 2 });
    const producer = new Producer({ clientId: 'test', bootstrapBrokers: [...connection.brokers], retries: true, retryDelay: 250 });
    onTestFinished(() => producer.close(true));
    const send = (numbers: readonly number[]) =>
      producer.send({ messages: numbers.map((n) => ({ topic: TOPIC, key: Buffer.from(`t|${n % 7}`), value: Buffer.from(String(n)) })) });
    await send(all(200));
    const taken = new Set<number>();
    const take = async (messages: readonly InboxMessage[]) => {
      for (const message of messages) taken.add(numberOf(message));
    };
    const inbox = await openInbox({ connection, group: 'g', topics: [TOPIC], maxMessages: 50, take, onWait: () => {} });
    onTestFinished(() => inbox.close());
    await expect.poll(() => taken.size, WAIT).toBe(200);
    await broker.kill();
    await new Promise((resolve) => setTimeout(resolve, 3 * TIMEOUTS.sessionMs));
    await broker.restart();
    await send(all(400).slice(200));
    await expect.poll(() => taken.size, WAIT).toBe(400);
  });
});
