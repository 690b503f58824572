/** The crash test can fail: three deliberate defects, each found by the check that is there for it. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AlertRow } from '../../packages/optikal/src/bus/contract.ts';
import { openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { storedAlerts } from '../../packages/optikal/src/services/verify.ts';
import { finish, killOnce } from '../support/kill-chain.ts';
import { entriesOf, fillDataDir, oneEpoch, type PlacedAlert, referenceOf } from '../support/prepared-log.ts';
import { caughtUp, startServe, stopServe } from '../support/serve-process.ts';
import { type SmallBundle, smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const tempFolder = useTempFolder();

describe('a deliberate defect', () => {
  let folder: string;
  const events = testFleet({ agents: 20 });

  beforeAll(() => {
    folder = tempFolder();
  });

  const prepare = async (name: string, bundle: SmallBundle) => {
    const dataDir = join(folder, name);
    await fillDataDir(dataDir, { entries: entriesOf(events, oneEpoch(bundle)), bundles: [bundle], partitions: 1 });
    return dataDir;
  };
  const chain = async (name: string, mutant: string) => {
    const dataDir = await prepare(name, smallBundle('x'));
    const reference = await referenceOf(dataDir);
    return { dataDir, partitions: 1, reference, env: { OPTIKAL_MUTANT: mutant } };
  };

  it('that commits the position before the alerts loses alerts in a kill', async () => {
    const options = await chain('offset', 'offset_before_alerts');
    const { wrong } = await killOnce(options, { failpoint: 'bus.commit.after_state', pass: firstCommitWithAlerts(options.reference) });
    expect(wrong).toContainEqual(expect.stringMatching(/alerts lost/));
    const end = await finish(options);
    expect(end).toContain('verify differs');
    expect(end).toContainEqual(expect.stringMatching(/alerts lost/));
  });

  it('that makes an unseeded choice gives other alerts than the undisturbed run', async () => {
    const options = await chain('unseeded', 'unseeded_choice');
    const { wrong } = await killOnce(options, { failpoint: 'detector.batch.processed', pass: 8 });
    expect(wrong).toContainEqual(expect.stringMatching(/lost or changed/));
    const end = await finish(options);
    expect(end).toContain('verify differs');
    expect(end).toContainEqual(expect.stringMatching(/that the undisturbed run does not have/));
  });

  it('that puts the model into the id breaks what holds without it: two models name a window alike', async () => {
    const dirs = { x: await prepare('x', smallBundle('x')), y: await prepare('y', smallBundle('y')) };
    const [x, y] = [await served(dirs.x), await served(dirs.y)];
    expect(x.shared(y)).toBeGreaterThan(50);
    expect(x.namedOtherwise(y)).toBe(0);
    const defect = { OPTIKAL_MUTANT: 'fingerprint_in_id' };
    const [xDefect, yDefect] = [
      await served(await prepare('x-defect', smallBundle('x')), defect),
      await served(await prepare('y-defect', smallBundle('y')), defect),
    ];
    expect(xDefect.namedOtherwise(yDefect)).toBe(xDefect.shared(yDefect));
  });
});

/** The pass at which a commit of 512 records holds an alert: there something can be lost. */
function firstCommitWithAlerts(reference: readonly PlacedAlert[]): number {
  return Math.floor(Math.min(...reference.map(({ offset }) => offset)) / 512) + 1;
}

async function served(dataDir: string, env: Record<string, string> = {}) {
  const serving = startServe(dataDir, [], env);
  await caughtUp(serving, dataDir);
  expect((await stopServe(serving)).code).toBe(0);
  const reader = openEmbeddedReader(dataDir);
  const alerts = storedAlerts(reader);
  reader.close();
  return new Names(alerts);
}

class Names {
  readonly ids: ReadonlyMap<string, string>;
  constructor(alerts: readonly AlertRow[]) {
    this.ids = new Map(alerts.map((alert) => [`${alert.key} ${alert.windowStartMs} ${alert.revision}`, alert.id]));
  }
  /** Windows that alert in both. */
  shared(other: Names): number {
    return [...this.ids.keys()].filter((window) => other.ids.has(window)).length;
  }
  /** Those of them whose ids differ. */
  namedOtherwise(other: Names): number {
    return [...this.ids].filter(([window, id]) => other.ids.has(window) && other.ids.get(window) !== id).length;
  }
}
