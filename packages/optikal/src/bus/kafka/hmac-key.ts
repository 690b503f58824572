/**
 * The key of the HMACs in dead letters: made by whoever comes first, the same for all processes. It stands in the state topic; a transactional id
 * of its own is the lock that keeps two first ones apart. A copy lies in the data folder.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BusError } from '../errors.ts';
import { newTransactionalProducer } from './client.ts';
import { brokerError, withinMs } from './errors.ts';
import { Fetcher } from './fetcher.ts';
import type { ResolvedBusOptions } from './options.ts';
import { HMAC_KEY } from './output-records.ts';

const FETCH_BYTES = 4 * 1_048_576;
const TRIES = 20;
/** Those that start at once fence each other until one is alone for as long as it needs. */
const APART_MS = 400;
const KEY = /^[0-9a-f]{64}$/;

export async function sharedHmacKey(options: ResolvedBusOptions, stateTopic: string, copyPath: string, identity: string): Promise<string> {
  const copied = readCopy(copyPath, identity);
  if (copied !== null) return copied;
  for (let tried = 1; ; tried++) {
    try {
      const key = await findOrMake(options, stateTopic);
      mkdirSync(dirname(copyPath), { recursive: true, mode: 0o700 });
      writeFileSync(copyPath, `${identity} ${key}\n`, { mode: 0o600 });
      return key;
    } catch (error) {
      // Another first one took the lock meanwhile.
      if (!(error instanceof BusError && error.code === 'lease_lost') || tried === TRIES) throw error;
      await sleep(randomInt(APART_MS));
    }
  }
}

async function findOrMake(options: ResolvedBusOptions, stateTopic: string): Promise<string> {
  const { connection, prefix, group } = options;
  const { giveUpMs } = connection.timeouts;
  const doing = `make the key of dead letters in \`${stateTopic}\``;
  const producer = newTransactionalProducer(connection, `${prefix}optikal-${group}-hmac-key`);
  const fetcher = new Fetcher(connection, { committed: true });
  try {
    const made = await find(fetcher, stateTopic);
    if (made !== null) return made;
    const transaction = await withinMs(giveUpMs, doing, producer.beginTransaction());
    const found = await find(fetcher, stateTopic);
    if (found !== null) return found;
    const key = randomBytes(32).toString('hex');
    const message = { topic: stateTopic, partition: 0, key: Buffer.from(HMAC_KEY), value: Buffer.from(key) };
    await withinMs(giveUpMs, doing, transaction.send({ messages: [message] }));
    await withinMs(giveUpMs, doing, transaction.commit());
    return key;
  } catch (error) {
    throw brokerError(error, doing);
  } finally {
    await Promise.all([producer.close(true).catch(() => {}), fetcher.close()]);
  }
}

async function find(fetcher: Fetcher, stateTopic: string): Promise<string | null> {
  const [from, end] = [(await fetcher.firsts(stateTopic))[0], await fetcher.settledEnd(stateTopic, 0)];
  for await (const page of fetcher.range(stateTopic, 0, from, end, FETCH_BYTES))
    for (const { key, value } of page) if (key?.toString('latin1') === HMAC_KEY && value !== null) return value.toString('latin1');
  return null;
}

function readCopy(path: string, identity: string): string | null {
  try {
    const text = readFileSync(path, 'utf8').trimEnd();
    const key = text.slice(identity.length + 1);
    return text.startsWith(`${identity} `) && KEY.test(key) ? key : null;
  } catch {
    return null;
  }
}
