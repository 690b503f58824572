/** One writer holds a data directory; readers work beside it. */
import { join } from 'node:path';
import { toCloudEvent } from '@optikal/contracts';
import { expect, it } from 'vitest';
import { openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { storedAlerts } from '../../packages/optikal/src/services/verify.ts';
import { postEvents } from '../support/post-events.ts';
import { caughtUp, optikal, startServe, stopServe } from '../support/serve-process.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const tempFolder = useTempFolder();

it('a second writer is refused, verify and explain work beside the first, and serve gives the bytes of score', async () => {
  const dataDir = join(tempFolder(), 'var');
  const x = smallBundle('x');
  const serving = startServe(dataDir, ['--bundle', x.folder]);
  const port = await serving.ready;
  const events = testFleet({ agents: 25 });
  for (let at = 0; at < events.length; at += 1000)
    expect((await postEvents(port, events.slice(at, at + 1000).map(toCloudEvent))).status).toBe(202);
  await caughtUp(serving, dataDir);

  const second = await optikal(['serve', '--data-dir', dataDir, '--port', '0']);
  expect(second.code).toBe(1);
  expect(second.stderr).toContain('data_dir_locked');

  const verified = await optikal(['verify', '--data-dir', dataDir, '--json']);
  expect(verified.code).toBe(0);
  expect(JSON.parse(verified.stdout)).toMatchObject({ equal: true });

  const reader = openEmbeddedReader(dataDir);
  const alerts = storedAlerts(reader);
  reader.close();
  expect(alerts.length).toBeGreaterThan(5);
  const explained = await optikal(['explain', alerts[0].id, '--data-dir', dataDir]);
  expect(explained.code).toBe(0);
  expect(explained.stdout).toContain(alerts[0].key.split('|')[1]);

  const page = await fetch(`http://127.0.0.1:${port}/v1/alerts?limit=1000`);
  const fromServe = bodies(await page.text());
  expect((await stopServe(serving)).code).toBe(0);
  const scored = await optikal(['score', '--bundle', x.folder], {
    stdin: events.map((event) => JSON.stringify(toCloudEvent(event))).join('\n'),
  });
  const fromScore = bodies(scored.stdout);
  // The windows that the last events left open are closed by score's end, which a server does not know.
  expect(fromServe.length).toBe(alerts.length);
  expect(fromScore.length).toBeGreaterThanOrEqual(fromServe.length);
  for (const body of fromServe) expect(fromScore).toContain(body);
  const stillOpen = fromScore.filter((body) => !fromServe.includes(body));
  const lastMs = events.at(-1)!.timeMs;
  for (const body of stillOpen) expect((JSON.parse(body) as { windowEndMs: number }).windowEndMs).toBeGreaterThan(lastMs - 80_000);
});

/** The data of each line, as its bytes. */
function bodies(lines: string): string[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(line.indexOf('"data":') + '"data":'.length, -1));
}
