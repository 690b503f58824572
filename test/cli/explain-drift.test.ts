/** `optikal explain` of an alert of the detector of drift: its own view, and the window's view beside it. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openEmbeddedBus, openEmbeddedReader } from '../../packages/optikal/src/bus/index.ts';
import { answersModel, swapped } from '../../packages/optikal/src/detection/test-support/answers-drift.ts';
import { fittedContent } from '../../packages/optikal/src/detection/test-support/bundles.ts';
import { TENANT } from '../../packages/optikal/src/detection/test-support/events.ts';
import { writeBundle } from '../../packages/optikal/src/services/bundle-files.ts';
import { keepBundle } from '../../packages/optikal/src/services/data-folder.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from '../../packages/optikal/src/services/epochs.ts';
import type { DriftExplanation, WindowExplanation } from '../../packages/optikal/src/services/explain.ts';
import { storedAlerts } from '../../packages/optikal/src/services/verify.ts';
import { goOn } from '../support/go-on.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { cli, linesOf } from './support.ts';

/** No window alerts, so that all that alerts is drift. */
const NEVER = 1e6;
const temp = useTempFolder();
let dataDir = '';
let id = '';
let windowStartMs = 0;

beforeAll(async () => {
  dataDir = join(temp(), 'var');
  const bundle = join(temp(), 'bundle');
  const fingerprint = writeBundle(bundle, { ...fittedContent(), agentDrift: answersModel });
  keepBundle(dataDir, bundle);
  const bus = await openEmbeddedBus({ dataDir, partitions: 1 });
  await appendEpoch(bus, modelEpoch(fingerprint, NEVER, FIRST_EPOCH_MS));
  await bus.close();
  await goOn(dataDir, linesOf(swapped).trimEnd().split('\n'));
  const reader = openEmbeddedReader(dataDir);
  const alerts = storedAlerts(reader);
  reader.close();
  expect(alerts).toHaveLength(1);
  ({ id, windowStartMs } = alerts[0]!);
});

describe('optikal explain of another model under an agent’s name', () => {
  test('says what was compared, how sure it is, and what moved: before, after and by how much', async () => {
    const { code, out } = await cli(['explain', id, '--data-dir', dataDir], { terminal: 200, env: { NO_COLOR: '1' } });
    expect(code).toBe(0);
    expect(out).toMatch(/^agent-1 \(clerk\), 2025-10-09T10:14:00.000Z to 10:15:00: alert \(behavioral drift\)$/m);
    expect(out).toContain('compared: 10 tasks from its beginning with the 4 since the likeliest change');
    expect(out).toMatch(/^two models are (?:[\d,.]+|more than a million) times likelier there than one, /m);
    expect(out).toMatch(/^ {2}\+\d\.\d\d +-0\.\d\d +\+2\.\d\d +length of the final answer, /m);
    expect(out).toMatch(/^ {2}\+\d\.\d\d +2\d +4\d\d +2\.\d +\d+\.\d +1\.00 +length of the final answer$/m);
    expect(out).toMatch(/^published when t13 ended$/m);
    // Nothing of the ensemble's view, which judged another thing.
    expect(out).not.toMatch(/what each model says|decisive call|isolation-forest/);
  });

  test('gives the same as JSON: lines and base value sum to the margin', async () => {
    const found = JSON.parse((await cli(['explain', id, '--data-dir', dataDir, '--json'])).out) as DriftExplanation;
    expect(found).toMatchObject({ detector: 'drift', threatType: 'behavioral_drift', drift: { tasksBefore: 10, tasksAfter: 4 } });
    expect(found.margin).toBeGreaterThanOrEqual(found.threshold);
    expect(found.baseValue + found.attributions.reduce((sum, line) => sum + line.contribution, 0)).toBeCloseTo(found.margin, 6);
  });

  test('asked of the window it shows what the ensemble says, and names the alert', async () => {
    const question = ['--agent', 'agent-1', '--tenant', TENANT, '--at', String(windowStartMs), '--data-dir', dataDir];
    const { out } = await cli(['explain', ...question], { terminal: 200, env: { NO_COLOR: '1' } });
    expect(out).toMatch(/: no alert$/m);
    expect(out).toContain(`another model under its name was found with this window: optikal explain ${id}`);
    const before = ['--agent', 'agent-1', '--tenant', TENANT, '--at', String(windowStartMs - 60_000), '--data-dir', dataDir, '--json'];
    expect((JSON.parse((await cli(['explain', ...before])).out) as WindowExplanation).driftAlert).toBeNull();
  });
});
