/** `optikal publish`: to a real server and a real broker, while nobody is there, and what is wrong with a line. */
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Event, parseKafkaRecord } from '@optikal/contracts';
import { Consumer } from '@platformatic/kafka';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../packages/optikal/src/cli/exit.ts';
import { needKafka, useKafka } from '../support/kafka.ts';
import { pause, type Served, startOptikal, startServe } from '../support/serve-process.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli, linesOf } from './support.ts';

const temp = useTempFolder();
const NOBODY = 'http://127.0.0.1:9';
let events: readonly Event[] = [];
let text = '';
let served: Served | null = null;

beforeAll(() => {
  events = [...testFleet({ agents: 5, days: 0.05 })];
  text = linesOf(events);
});
afterEach(async () => {
  served?.child.kill('SIGKILL');
  await served?.exit;
  served = null;
});
const serve = async (): Promise<string> => {
  served = startServe(temp(), ['--bundle', smallBundle('x').folder]);
  return `http://127.0.0.1:${await served.ready}`;
};

describe('publish', () => {
  test('delivers to a server and tells each bad line with its number and code', async () => {
    const url = await serve();
    const spool = join(temp(), 'spool');
    const lines = text.trimEnd().split('\n');
    const given = [...lines.slice(0, 3), '{', '', lines[3].replace('argus.', 'argos.'), ...lines.slice(3)].join('\n');
    const { code, out, err } = await cli(['publish', '--to', url, '--spool', spool, '--json'], { stdin: given });
    expect(err.split('\n').slice(0, 2)).toEqual([
      'line 4: invalid_json: expected one JSON object',
      'line 6: unknown_type: expected one of the published types',
    ]);
    expect(JSON.parse(out)).toMatchObject({
      lines: events.length + 3,
      bad: 2,
      produced: events.length,
      delivered: events.length,
      waiting: 0,
      spool,
    });
    expect(code).toBe(EXIT.differs);
    const again = await cli(['publish', '--to', url, '--spool', spool], { stdin: text });
    expect([again.code, again.err]).toEqual([
      EXIT.ok,
      `${events.length} lines: ${events.length} produced, 0 bad; ${events.length} delivered, 0 refused, 0 dropped\n`,
    ]);
  });

  test('leaves to the next one what nobody takes, and a file waits before it is dropped', async () => {
    const spool = join(temp(), 'spool');
    const file = join(temp(), 'events.jsonl');
    writeFileSync(file, text);
    const left = await cli(['publish', file, '--to', NOBODY, '--spool', spool, '--wait', '0', '--fsync', 'always']);
    expect(left.code).toBe(EXIT.failed);
    expect(left.err).toContain(`${events.length} wait in ${spool}: the next publish sends them`);
    const { code, out } = await cli(['publish', '--to', await serve(), '--spool', spool, '--json']);
    expect(JSON.parse(out)).toMatchObject({ lines: 0, recovered: events.length, delivered: events.length, waiting: 0 });
    expect(code).toBe(EXIT.ok);
  });

  test('stopped puts what waits into the spool', async () => {
    const spool = join(temp(), 'spool');
    const running = startOptikal(['publish', '--to', NOBODY, '--spool', spool, '--json']);
    running.child.stdin?.write(text);
    while (!existsSync(join(spool, '0000000000.seg'))) await pause(20);
    running.child.kill('SIGTERM');
    expect((await running.exit).code).toBe(EXIT.interrupted);
    const { produced, spooled } = JSON.parse(running.stdout()) as { produced: number; spooled: number };
    expect([spooled, produced]).toEqual([produced, events.length]);
  });

  test('without a spool drops what nobody takes', async () => {
    const { code, out } = await cli(['publish', '--to', NOBODY, '--no-spool', '--wait', '0', '--json'], { stdin: text });
    expect([code, JSON.parse(out)]).toEqual([
      EXIT.differs,
      expect.objectContaining({ produced: events.length, delivered: 0, waiting: 0, spool: null }),
    ]);
  });

  test('refuses a spool that another uses, and a command line without an aim', async () => {
    const spool = join(temp(), 'spool');
    const running = startOptikal(['publish', '--to', NOBODY, '--spool', spool]);
    while (!existsSync(join(spool, 'lock'))) await pause(20);
    await pause(200);
    const second = await cli(['publish', '--to', NOBODY, '--spool', spool], { stdin: text });
    expect([second.code, second.err]).toEqual([EXIT.failed, expect.stringContaining('spool_locked')]);
    running.child.kill('SIGKILL');
    await running.exit;
    expect((await cli(['publish'], { stdin: text })).code).toBe(EXIT.usage);
    expect((await cli(['publish', '--to', 'kafka:9'], { stdin: text })).code).toBe(EXIT.usage);
    expect((await cli(['publish', '--bus', 'kafka', '--no-spool'], { stdin: text })).err).toContain('brokers_missing');
  });
});

const kafka = needKafka() ? useKafka() : null;

test.skipIf(kafka === null)('publish to a broker puts every event into its topic', async () => {
  const { bootstrap, prefix } = await kafka!();
  const made = await cli(['topics', 'create', '--brokers', bootstrap, '--prefix', prefix, '--partitions', '2', '--replication', '1']);
  expect([made.code, made.err]).toEqual([EXIT.ok, '']);
  const flags = ['--bus', 'kafka', '--brokers', bootstrap, '--prefix', prefix, '--spool', join(temp(), 'spool')];
  const { code, out } = await cli(['publish', ...flags, '--json'], { stdin: text });
  expect([code, JSON.parse(out)]).toEqual([EXIT.ok, expect.objectContaining({ delivered: events.length, waiting: 0 })]);
  const topics = ['argus.agent.metrics', 'argus.agent.lifecycle', 'argus.io.validation', 'argus.call.provenance', 'argus.policy.decisions'];
  const consumer = new Consumer({ clientId: 'test', groupId: randomUUID(), bootstrapBrokers: [bootstrap], maxWaitTime: 200, retries: 5 });
  const stream = await consumer.consume({ topics: topics.map((name) => prefix + name), mode: 'earliest', autocommit: false });
  const found = new Map<string, Event>();
  for await (const record of stream) {
    const parsed = parseKafkaRecord(record);
    if (!parsed.ok) throw new Error(parsed.error.message);
    found.set(parsed.event.id, parsed.event);
    if (found.size === events.length) break;
  }
  await consumer.close(true);
  expect(found).toEqual(new Map(events.map((event) => [event.id, event])));
});
