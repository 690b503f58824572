/**
 * A producer that repeats what was not acknowledged, and a server that dies under its hands, in appends as well as in commits: everything
 * is in the log exactly once, in order, and the alerts are those of a run that nothing disturbed.
 */
import { join } from 'node:path';
import { type Event, toCloudEvent } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import type { AlertRow } from '../../packages/optikal/src/bus/contract.ts';
import { openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { createScorer } from '../../packages/optikal/src/services/score.ts';
import { storedAlerts, verifyDataDir } from '../../packages/optikal/src/services/verify.ts';
import { caughtUp, pause, type Served, startServe, stopServe } from '../support/serve-process.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

/** Larger than the bus's batch of 512 with the ticks between: a batch may be durable in part. */
const BATCH_EVENTS = 400;
const KILLS: readonly string[] = [
  'bus.append.before_commit:3',
  'bus.append.after_commit:2',
  'bus.append.before_commit:5',
  'bus.append.after_commit:4',
  'bus.append.after_commit:1',
  'bus.append.before_commit:1',
  'bus.commit.after_alerts:3',
  'bus.append.after_commit:3',
  'random',
  'bus.append.before_commit:2',
  'random',
  'bus.append.after_commit:5',
];

const tempFolder = useTempFolder();

describe('a server that is killed while it is sent events', () => {
  it('has taken everything exactly once when the producer repeats, and raises the alerts of an undisturbed run', async () => {
    const dataDir = join(tempFolder(), 'var');
    const { folder, bundle } = smallBundle('x');
    const events = withEnd(testFleet({ agents: 30 }));
    const batches = Array.from({ length: Math.ceil(events.length / BATCH_EVENTS) }, (_, n) =>
      events.slice(n * BATCH_EVENTS, (n + 1) * BATCH_EVENTS),
    );
    const kills = [...KILLS];
    const tally = { kills: 0, accepted: 0, duplicates: 0, repeated: 0 };
    const serve = (): Served => {
      const kill = kills.shift();
      const env = kill === undefined || kill === 'random' ? {} : { OPTIKAL_FAILPOINT: kill };
      const served = startServe(dataDir, ['--bundle', folder, '--partitions', '2'], env);
      if (kill === 'random') void served.ready.then(() => pause(150)).then(() => served.child.kill('SIGKILL'));
      return served;
    };

    let served = serve();
    for (const batch of batches) {
      for (;;) {
        const answer = await post(await served.ready, batch);
        if (answer !== null) {
          expect(answer.rejected).toEqual([]);
          tally.accepted += answer.accepted;
          tally.duplicates += answer.duplicates;
          break;
        }
        tally.kills++;
        tally.repeated += batch.length;
        expect((await served.exit).signal).toBe('SIGKILL');
        served = serve();
      }
    }
    // Kills that are left over must not strike now.
    served.child.kill('SIGKILL');
    await served.exit;
    tally.kills++;
    served = startServe(dataDir, ['--bundle', folder, '--partitions', '2']);
    await served.ready;
    await caughtUp(served, dataDir);
    expect((await stopServe(served)).code).toBe(0);
    console.log(`producer: ${tally.kills} kills, ${tally.repeated} events sent again, ${tally.duplicates} of them known already`);

    expect(kills).toEqual([]);
    expect(tally.duplicates).toBeGreaterThan(0);
    expect(tally.accepted + tally.duplicates).toBe(events.length);
    const reader = openEmbeddedReader(dataDir);
    const logs = reader.partitionStates().map(({ partition }) => [...reader.readLog(partition, 0)]);
    const taken = logs.map((log) => log.flatMap((record) => (record.kind === 'event' ? [record.event] : [])));
    const alerts = storedAlerts(reader);
    expect(reader.deadLetters(0, 10)).toEqual([]);
    reader.close();
    expect(taken.flat().length).toBe(events.length);
    for (const log of taken) {
      const ids = new Set(log.map(({ id }) => id));
      expect(log).toEqual(events.filter(({ id }) => ids.has(id)));
    }
    expect((await verifyDataDir(dataDir)).equal).toBe(true);
    expect(lines(alerts)).toEqual(lines(await scored(events, bundle)));
    expect(alerts.length).toBeGreaterThan(20);
  }, 300_000);
});

/** A last sign of life of one agent, late enough for every window before it to close. */
function withEnd(events: readonly Event[]): Event[] {
  const last = events.at(-1)!;
  const end: Event = {
    ...last,
    id: 'the-end',
    type: 'argus.agent.lifecycle.v1',
    timeMs: last.timeMs + 600_000,
    data: { kind: 'task_ended', taskId: 'none', turns: 1, answerChars: 1, ok: true },
  };
  return [...events, end];
}

interface Answer {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly unknown[];
}

/** null = no answer: the server is gone, and nobody knows what it took. */
async function post(port: number | null, batch: readonly Event[]): Promise<Answer | null> {
  if (port === null) return null;
  try {
    const response = await fetch(`http://127.0.0.1:${port}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: JSON.stringify(batch.map(toCloudEvent)),
    });
    expect(response.status).toBe(202);
    return (await response.json()) as Answer; // what events-route sends
  } catch (error) {
    if (error instanceof TypeError) return null; // fetch's own failure
    throw error;
  }
}

async function scored(events: readonly Event[], bundle: ReturnType<typeof smallBundle>['bundle']): Promise<AlertRow[]> {
  const scorer = await createScorer({ bundle, threshold: null, hmacKey: new Uint8Array(32) });
  return [...(await scorer.pushEvents(events)), ...(await scorer.end())];
}

const lines = (alerts: readonly AlertRow[]) => alerts.map(({ id, revision, body }) => `${id} ${revision} ${body}`).sort();
