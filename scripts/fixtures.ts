/**
 * Makes a data directory with all that a later release has to be able to read (two bundles and epochs, three planes, alerts of two revisions,
 * dead letters, open windows, two partitions), and what this release says of it; every file packed. The first bundle has what format 1 had, the
 * second one everything that a bundle can hold. Tests never run it: test/fixtures has a folder for each format of bundles, and their READMEs say
 * from which commit each is and why it is not remade.
 *
 *   node scripts/fixtures.ts FOLDER [BUNDLES]     # BUNDLES: the packed bundles of a fixture, to make the rest anew around them
 */
import './need-node.mjs';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FEATURE_SETS, type FeatureSetName } from '@optikal/contracts';
import { createRandom, fitBoosting, fitIsolationForest, type Matrix } from '@optikal/ml';
import { type AlertRow, openEmbeddedBus, openEmbeddedReader } from '../packages/optikal/src/bus/index.ts';
import { type BundleContent, encodeBundle } from '../packages/optikal/src/detection/ensemble/bundle.ts';
import { snapshotOf } from '../packages/optikal/src/detection/fleet.ts';
import { answersModel } from '../packages/optikal/src/detection/test-support/answers-drift.ts';
import { everythingContent } from '../packages/optikal/src/detection/test-support/everything.ts';
import { resolveTools } from '../packages/optikal/src/detection/tools/index.ts';
import { writeBundleFiles } from '../packages/optikal/src/services/bundle-files.ts';
import { keptBundle } from '../packages/optikal/src/services/data-folder.ts';
import { createDetector } from '../packages/optikal/src/services/detector.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch } from '../packages/optikal/src/services/epochs.ts';
import { explainWindow } from '../packages/optikal/src/services/explain.ts';
import { createIngest } from '../packages/optikal/src/services/ingest.ts';
import { createModelStore } from '../packages/optikal/src/services/model-store.ts';
import { storedAlerts } from '../packages/optikal/src/services/verify.ts';
import { goOn } from '../test/support/go-on.ts';
import { bundlesIn, packFolder } from '../test/support/packed-fixture.ts';

const PARTITIONS = 2;
/** Monday 2026-01-05, 09:00 UTC. */
const T0 = Date.UTC(2026, 0, 5, 9);
const MINUTE_MS = 60_000;
/** The first bundle judges from the start, the second one windows from some minutes after its record on. */
const SECOND_EPOCH_MINUTE = 1;
/** Of the second bundle, in the middle between its quiet windows and its attacked ones. */
const SECOND_THRESHOLD = -1.2;
const MINUTES = 11;
/** What is sent later, by a test that goes on with a copy. */
const LATER_MINUTES = 2;
const AGENTS = [
  { tenant: 'default', agent: 'desk-1', role: 'desk' },
  { tenant: 'default', agent: 'desk-2', role: 'desk' },
  { tenant: 'acme', agent: 'ops-1', role: null },
] as const;

const [, , folder, packedBundles] = process.argv;
if (folder === undefined) {
  console.error('expected FOLDER: what stands in test/fixtures was written by earlier formats and is never remade');
  process.exit(2);
}
const target = resolve(folder);

// ---- the bundles -------------------------------------------------------------------------------------------------------------------

/** Rows of small counts, a fifth of them missing; an attack is whatever has one of the features that are named. */
function fitOn(set: FeatureSetName, seed: string, telling: readonly string[], calming: readonly string[]) {
  const names = FEATURE_SETS[set].map(({ name }) => name as string);
  const at = (wanted: readonly string[]) => wanted.map((name) => names.indexOf(name));
  const random = createRandom(`fixture:${seed}:${set}`);
  const rows = 240;
  const values = Float64Array.from({ length: rows * names.length }, () =>
    random.nextFloat() < 0.2 ? Number.NaN : Math.floor(random.nextFloat() * 4),
  );
  const matrix: Matrix = { rows, cols: names.length, values };
  const [tell, calm] = [at(telling), at(calming)];
  for (let r = 0; r < rows; r++) for (const c of calm) values[r * names.length + c]! *= 4;
  for (let r = 0; r < rows; r++) for (const c of tell) if (random.nextFloat() < 0.7) values[r * names.length + c] = 0;
  const labels = Uint8Array.from({ length: rows }, (_, r) => {
    const sum = (columns: readonly number[]) => columns.reduce((total, c) => total + (values[r * names.length + c]! || 0), 0);
    return sum(tell) > 0 && sum(calm) < 8 ? 1 : 0;
  });
  return { matrix, labels };
}

function contentOf(seed: string, threshold: number): BundleContent {
  const window = fitOn('fused1', seed, ['secrets', 'denied', 'side_after_taint'], ['calls']);
  const call = fitOn('call1', seed, ['call_denied', 'call_unrequested_side'], []);
  const boost = (rows: typeof window) => fitBoosting(rows.matrix, rows.labels, { rounds: 8, leaves: 5, minDataInLeaf: 5, seed });
  const usual = (set: FeatureSetName, value: number) => new Float64Array(FEATURE_SETS[set].length).fill(value);
  return {
    featureSet: 'fused1',
    starter: seed === 'a',
    bases: [
      {
        name: 'isolation-forest',
        on: 'window',
        scorer: fitIsolationForest(window.matrix, { treeCount: 4, subsampleSize: 32, seed }),
        mean: 0.5,
        sd: 2,
      },
      { name: 'boosting', on: 'window', scorer: boost(window), mean: -1, sd: 1 },
      { name: 'call-boosting', on: 'call', scorer: boost(call), mean: -1, sd: 1 },
    ],
    meta: null,
    calibration: { slope: 1.5, intercept: -2, prevalence: 0.1 },
    prevalence: 0.01,
    operatingPoint: { kind: 'fpr', value: 0.01, fpr: 0.01, threshold },
    byPlanes: [],
    acted: null,
    gateway: null,
    trainedOn: [],
    threats: {
      kind: 'one-vs-rest',
      models: [
        { threat: 'data_exfiltration', scorer: boost(window) },
        { threat: 'credential_abuse', scorer: boost(fitOn('fused1', `${seed}:t`, ['secrets'], [])) },
      ],
    },
    drift: null,
    snapshot: snapshotOf([]),
    tools: resolveTools({
      user: {
        tools: {
          read_inbox: { effect: 'read', kind: 'network', untrusted: true },
          search_docs: { effect: 'read', kind: 'api' },
          send_email: { effect: 'write', kind: 'network' },
        },
      },
    }),
    usual: { fleet: usual('fused1', 1), calls: usual('call1', 0), roles: new Map([['desk', usual('fused1', 2)]]) },
    benignMargins: Float64Array.from({ length: 40 }, (_, i) => -2 + i / 20),
    windowsPerDay: 900,
    report: { source: 'hand-made rows', seed },
  };
}

/** The same with all that came with later formats. */
function withEverything(content: BundleContent): BundleContent {
  const { bases, ...everything } = everythingContent();
  const { meta, calibration, threats, drift, byPlanes, acted, gateway, trainedOn } = everything;
  const sequence = bases.filter(({ on }) => on === 'sequence');
  return {
    ...content,
    bases: [...content.bases, ...sequence],
    meta,
    calibration,
    threats,
    drift,
    byPlanes,
    acted,
    gateway,
    trainedOn,
    agentDrift: answersModel,
  };
}

// ---- the events --------------------------------------------------------------------------------------------------------------------

type Message = Readonly<Record<string, unknown>>;
type Who = (typeof AGENTS)[number];

let serial = 0;

function message({ tenant, agent }: Who, type: string, timeMs: number, taskid: string | null, data: Message): string {
  return JSON.stringify({
    specversion: '1.0',
    id: `e${String(serial++).padStart(5, '0')}`,
    source: '/fixture',
    type,
    subject: agent,
    time: new Date(timeMs).toISOString(),
    tenant,
    ...(taskid === null ? {} : { taskid }),
    datacontenttype: 'application/json',
    data,
  });
}

/** One minute of one agent: a task of three calls with the gateway's verdict and the policy's decision, or an attack. */
function minuteOf(who: Who, minute: number): string[] {
  const startMs = T0 + minute * MINUTE_MS + 2000 * AGENTS.indexOf(who);
  const task = `${who.agent}-${minute}`;
  const attack = attackOf(who, minute);
  const call = (n: number, tool: string, provenance: Message | null = null) => ({
    callId: `${task}-c${n}`,
    taskId: task,
    turn: n,
    time: startMs + n * 3000,
    tool,
    ok: (minute + n) % 11 !== 0,
    errorKind: (minute + n) % 11 === 0 ? 'timeout' : null,
    latencyMs: 40 + 5 * n,
    argBytes: 60 + n,
    outBytes: 900 + 10 * minute,
    argHmac: (0xabc0 + n).toString(16).padStart(8, '0'),
    textCharsThisTurn: 120,
    ...(provenance === null ? {} : { provenance }),
  });
  const taint = { valuesOut: 2, valuesOutLatest: 1, destCount: 1, destOut: 1, destNew: 1, valuesFlagged: 1, wordsOutShare: 0.8 };
  const acts = attack !== null;
  const calls = [
    call(0, 'read_inbox'),
    call(1, acts ? 'frobnicate' : 'search_docs'),
    call(2, 'send_email', acts ? { ...taint, affinity: 0.1, requested: 0 } : null),
  ];
  const metrics = {
    cpu_usage_percent: 20 + (minute % 5),
    memory_usage_mb: minute % 4 === 0 ? null : 300,
    network_calls_count: 2,
    file_operations_count: 0,
    api_calls_count: 3,
    error_count: 0,
    hour_of_day: 9,
    day_of_week: 0,
    query_diversity: 0.5,
    response_time_ms: 120,
    success_rate: 1,
  };
  const verdict = { callId: calls[0]!.callId, taskId: task, direction: 'tool_output', enforcement: null };
  const decision = { principal: who.agent, action: 'call', resource: null, callId: calls[2]!.callId, taskId: task, constraints: [] };
  const lines = [
    message(who, 'argus.agent.lifecycle.v1', startMs, task, { kind: 'task_started', taskId: task, requestChars: 80 }),
    message(who, 'argus.io.validation.v1', startMs + 1000, task, {
      ...verdict,
      verdict: 'allow',
      score: attack === 'taint' ? 0.97 : 0.02,
      findings: attack === 'taint' ? [{ kind: 'prompt_injection', score: 0.97, span: { start: 4, end: 40 } }] : [],
    }),
  ];
  lines.push(
    message(who, 'argus.agent.metrics.v1', startMs + 9000, task, { windowStartMs: startMs, windowEndMs: startMs + 9000, metrics, calls }),
    message(who, 'argus.policy.decisions.v1', startMs + 10_000, task, {
      ...decision,
      decision: attack === 'taint' ? 'forbid' : 'permit',
      riskScore: 0.2,
      policies: ['mail'],
      cause: 'policy',
      latencyMs: 2,
    }),
    message(who, 'argus.agent.lifecycle.v1', startMs + 12_000, task, {
      kind: 'task_ended',
      taskId: task,
      turns: 3,
      // From its sixth task on another model answers under this agent's name.
      answerChars: who.agent === 'desk-1' && minute < 5 ? 20 : 400,
      ok: true,
    }),
  );
  if (attack === 'secret' || attack === 'calmed')
    lines.push(
      message(who, 'argus.security.violations.v1', startMs + 11_000, task, {
        kind: 'secret_leak',
        severity: 'high',
        callId: calls[1]!.callId,
        taskId: task,
        spans: [{ start: 1, end: 9 }],
        enforcement: 'allowed',
      }),
    );
  // Many harmless calls behind a secret: the final look takes the early alert back.
  if (attack === 'calmed') {
    const harmless = Array.from({ length: 10 }, (_, n) => ({ ...call(3 + n, 'search_docs'), time: startMs + 15_000 + n * 1000 }));
    lines.push(
      message(who, 'argus.agent.metrics.v1', startMs + 30_000, task, {
        windowStartMs: startMs + 15_000,
        windowEndMs: startMs + 30_000,
        metrics,
        calls: harmless,
      }),
    );
  }
  return lines;
}

type Attack = 'taint' | 'secret' | 'calmed' | null;

/** By agent and minute, under the first model and under the second; the last minute is still open at the end. */
const PLAN = {
  'desk-1': { 1: 'taint', 7: 'taint', 11: 'taint' },
  'desk-2': { 4: 'calmed', 8: 'taint', 10: 'taint' },
  'ops-1': { 3: 'taint', 5: 'secret', 9: 'secret' },
} as const satisfies Record<string, Readonly<Record<number, Attack>>>;

function attackOf(who: Who, minute: number): Attack {
  return (PLAN[who.agent] as Readonly<Record<number, Attack>>)[minute] ?? null; // minutes that the plan does not name are quiet
}

function linesOf(from: number, to: number): string[] {
  const lines: string[] = [];
  for (let minute = from; minute < to; minute++) {
    const some = AGENTS.flatMap((who) => minuteOf(who, minute));
    lines.push(...some.sort((a, b) => timeOf(a) - timeOf(b)));
  }
  return lines;
}

const timeOf = (line: string) => Date.parse((JSON.parse(line) as { time: string }).time); // written by `message`

/** Each is refused with another code; the last two by the detector, behind the log. */
function brokenLines(): string[] {
  const who = AGENTS[0];
  const ended = { kind: 'task_ended', taskId: 'x', turns: 1, answerChars: 1, ok: true };
  return [
    '{"specversion":',
    message(who, 'argus.agent.mood.v1', T0 + 5 * MINUTE_MS, null, {}),
    message(who, 'argus.agent.metrics.v9', T0 + 5 * MINUTE_MS, null, {}),
    message(who, 'argus.agent.lifecycle.v1', T0 + 5 * MINUTE_MS, null, { kind: 'dances' }),
    message(who, 'argus.agent.lifecycle.v1', T0 + 26 * MINUTE_MS, 'x', ended),
    // So much too late that its window has closed: counted, and changes nothing.
    message(who, 'argus.agent.lifecycle.v1', T0 + 1 * MINUTE_MS, 'x', ended),
  ];
}

// ---- the folder --------------------------------------------------------------------------------------------------------------------

const dataDir = join(target, 'var');
rmSync(dataDir, { recursive: true, force: true });
mkdirSync(dataDir, { recursive: true, mode: 0o700 });
const bundles =
  packedBundles === undefined
    ? [contentOf('a', 0.5), withEverything(contentOf('b', 0.4))].map((content) => encodeBundle(content))
    : bundlesIn(resolve(packedBundles));
for (const { files, fingerprint } of bundles) writeBundleFiles(join(dataDir, 'bundles', fingerprint), files);

await (await openEmbeddedBus({ dataDir, partitions: PARTITIONS })).close();
// The only byte of a new file that chance decides; with it given, dead letters have the same hashes each time.
const fresh = new DatabaseSync(join(dataDir, 'bus.db'));
fresh.prepare("UPDATE meta SET value = ? WHERE name = 'hmac_key'").run('0f'.repeat(32));
fresh.close();

const bus = await openEmbeddedBus({ dataDir, partitions: PARTITIONS });
await appendEpoch(bus, modelEpoch(bundles[0]!.fingerprint, null, FIRST_EPOCH_MS));
const ingest = createIngest({ bus, clock: 'events', now: () => T0, hmacKey: Buffer.from(bus.hmacKey, 'hex') });
const roles = AGENTS.map((who) =>
  message(who, 'argus.agent.lifecycle.v1', T0, null, {
    kind: 'register',
    role: who.role,
    owner: null,
    version: '1',
    model: null,
    promptHash: null,
    toolSetHash: null,
  }),
);
await ingest.ingest([...roles, ...linesOf(0, SECOND_EPOCH_MINUTE)]);
await appendEpoch(bus, modelEpoch(bundles[1]!.fingerprint, SECOND_THRESHOLD, T0 + (SECOND_EPOCH_MINUTE + 6) * MINUTE_MS));
await ingest.ingest(linesOf(SECOND_EPOCH_MINUTE, 6));
await ingest.ingest(brokenLines());
await ingest.ingest(linesOf(6, MINUTES));
await ingest.stop();
for (let partition = 0; partition < PARTITIONS; partition++) {
  const models = createModelStore({ load: (sha) => keptBundle(dataDir, sha), hmacKey: Buffer.from(bus.hmacKey, 'hex') });
  const detector = await createDetector({ bus, partition, models });
  while ((await detector.runOnce(0)) > 0);
}
await bus.close();

// As small as it gets, and nothing beside the one file.
const closed = new DatabaseSync(join(dataDir, 'bus.db'));
closed.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
closed.close();

// A reader leaves files of SQLite behind: it gets a copy.
const copy = mkdtempSync(join(tmpdir(), 'optikal-fixture-'));
cpSync(dataDir, copy, { recursive: true });
const reader = openEmbeddedReader(copy);
const alerts = storedAlerts(reader);
const letters = reader.deadLetters(0, 100);
reader.close();
const lines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const alertLines = (rows: readonly AlertRow[]) =>
  lines(rows.map(({ id, revision, key, windowStartMs, body }) => ({ id, revision, key, windowStartMs, body })));
writeFileSync(join(target, 'alerts.jsonl'), alertLines(alerts));
writeFileSync(join(target, 'dead-letters.jsonl'), lines(letters));
// The detector of drift has its own answer.
const ofDrift = alerts.filter(({ body }) => body.includes('"detector":"drift"'));
const asked = [alerts[0]!, ...ofDrift, alerts.at(-1)!];
const benign = { tenant: 'default', agent: 'desk-1', timeMs: T0 + 2 * MINUTE_MS };
writeFileSync(
  join(target, 'explained.jsonl'),
  lines([...asked.map(({ id }) => ({ alertId: id })), benign].map((question) => ({ question, answer: explainWindow(copy, question) }))),
);
const later = linesOf(MINUTES, MINUTES + LATER_MINUTES);
writeFileSync(join(target, 'later.jsonl'), `${later.join('\n')}\n`);
await goOn(copy, later);
const after = openEmbeddedReader(copy);
writeFileSync(join(target, 'alerts-later.jsonl'), alertLines(storedAlerts(after)));
after.close();
rmSync(copy, { recursive: true });

packFolder(target);
console.log(`${alerts.length} alerts, ${letters.length} dead letters in ${target}`);
