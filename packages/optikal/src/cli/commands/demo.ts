/** `optikal demo` (npm start): watch a fleet of agents being attacked, and Optikal say who, how and why. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDemo } from '../../services/demo.ts';
import { type DemoBundle, demoBundle } from '../../services/demo-bundle.ts';
import type { DemoSummary, WindowTruth } from '../../services/demo-summary.ts';
import { EXIT } from '../exit.ts';
import { type Colors, colorsFor, type Io, print, progressSteps, say } from '../io.ts';
import { count, positiveNumber } from '../options.ts';
import { number } from '../quantity.ts';
import type { Register } from '../register.ts';
import { clock, INDENT, indented, renderAlert } from '../render.ts';
import { table } from '../tables.ts';

interface DemoFlags {
  readonly agents: number;
  readonly hours: number;
  readonly speed: number;
  readonly seed: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** A line of progress each ten minutes of log time, so that a quiet stretch does not look like a standstill. */
const QUIET_STEP_MS = 600_000;
/** What a continued line of an alert stands further in. */
const HANG = 6;

export const demoCommand: Register = (program, io, done) => {
  program
    .command('demo')
    .description(
      'watch a simulated fleet, some of it under attack, through the durable log and the detector; nothing else needs to be installed',
    )
    .option('--agents <n>', 'number of agents, about a quarter of them attacked', count, 200)
    .option('--hours <n>', 'log time after which it ends', positiveNumber, 4)
    .option(
      '--speed <n>',
      'log time per real time; 0 = as fast as it goes',
      (text: string) => (text === '0' ? Number.POSITIVE_INFINITY : positiveNumber(text)),
      60,
    )
    .option('--seed <seed>', 'another seed, another fleet and another bundle', 'demo')
    .option('--data-dir <dir>', 'keep the log there, for verify and explain; by default it is thrown away')
    .option('--json', 'alerts and, last, the summary as JSON lines')
    .addHelpText('after', '\nexamples:\n  optikal demo --speed 600\n  optikal demo --speed 0 --hours 1 --data-dir var/')
    .action(async (flags: DemoFlags, command) => {
      if (flags.dataDir !== undefined && existsSync(join(flags.dataDir, 'bus.db')))
        command.error(`error: expected a --data-dir without a log, \`${flags.dataDir}\` holds one already`);
      done(await demo(io, flags));
    });
};

async function demo(io: Io, flags: DemoFlags): Promise<number> {
  const json = flags.json === true;
  const colors = colorsFor(io, 'stdout');
  const made = await prepare(io, flags);
  // Fitting computes without a pause and may be ended at once; from here on a stop leaves a summary.
  const stop = io.stop();
  const dataDir = flags.dataDir ?? mkdtempSync(join(tmpdir(), 'optikal-demo-'));
  const pace = Number.isFinite(flags.speed) ? `${flags.speed} × real time` : 'full speed';
  if (!json)
    say(
      io,
      `${made.cached ? 'demo bundle from the cache' : 'demo bundle fitted'} (${made.bundle.fingerprint.slice(0, 12)}); now ${flags.agents} other agents, ${number(flags.hours)} h of log time at ${pace}; Ctrl-C ends with a summary\n`,
    );
  let told = 0;
  const early = new Set<string>();
  try {
    const summary = await runDemo({
      dataDir,
      bundleFolder: made.folder,
      agents: flags.agents,
      hours: flags.hours,
      seed: flags.seed,
      speed: flags.speed,
      stop,
      onAlert: (alert, truth) => {
        if (json) print(io, JSON.stringify({ ...alert, truth }));
        else say(io, `${renderAlert(alert, colors, early.has(alert.id))}\n${indented(renderTruth(truth, colors))}\n`, { hang: HANG });
        if (alert.revision === 1) early.add(alert.id);
      },
      onTime: (logMs, startMs, _endMs, counters) => {
        if (json || logMs - Math.max(told, startMs) < QUIET_STEP_MS) return;
        told = logMs;
        const line = `${clock(logMs)} ${counters.events.toLocaleString('en-US')} events, ${counters.scored} windows scored, ${counters.alerts} alerts so far`;
        say(io, colorsFor(io, 'stderr').dim(line), { on: 'stderr', hang: INDENT });
      },
    });
    if (json) print(io, JSON.stringify(summary));
    else say(io, renderSummary(summary, flags, stop.aborted), { hang: 2 });
  } finally {
    if (flags.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  }
  return stop.aborted ? EXIT.interrupted : EXIT.ok;
}

async function prepare(io: Io, { seed, json }: DemoFlags): Promise<DemoBundle> {
  let told = json === true;
  const steps = progressSteps(io, { events: 'reading events', models: 'fitting models' });
  try {
    return await demoBundle(seed, io.env, (step) => {
      if (!told) say(io, 'fitting the demo bundle on a simulated fleet of its own; the next start finds it in the cache', { on: 'stderr' });
      told = true;
      return steps.start(step);
    });
  } finally {
    steps.stop();
  }
}

/** What the simulator knows and the detector does not. */
function renderTruth({ kind, threat, intensity }: WindowTruth, { green, yellow, red }: Colors): string {
  if (kind === 'attack') return green(`truth: ${words(threat)}, ${intensity}`);
  if (kind === 'exposed') return yellow(`truth: it read a hostile text (${words(threat)}) and ignored it`);
  return red('truth: nothing happened, a false alarm');
}

const words = (threat: string | null) => (threat ?? 'attack').replaceAll('_', ' ');

function renderSummary(found: DemoSummary, { dataDir }: DemoFlags, stopped: boolean): string {
  const { latencySeconds: latency } = found;
  return [
    stopped ? `stopped after ${number(found.hours)} h of log time; until then:` : `after ${number(found.hours)} h of log time:`,
    table([
      ['attacks caught', `${found.caught} of ${found.campaignCount}`],
      ...found.campaigns.map(({ threat, intensity, caught, all }) => [`  ${words(threat)}, ${intensity}`, `${caught} of ${all}`]),
      ['false alarms', String(found.falseAlarms)],
      ['  an agent-day', number(found.falseAlarmsPerAgentDay)],
      ['  an agent-week', number(found.falseAlarmsPerAgentWeek)],
      ['alerts on a hostile text that was ignored', String(found.exposedAlerts)],
      ['early alerts withdrawn', String(found.withdrawn)],
      ['first malicious call to alert', latency === null ? 'no attack caught' : ''],
      ...(latency === null
        ? []
        : [
            ['  half within', `${latency.median.toFixed(0)} s`],
            ['  90 % within', `${latency.p90.toFixed(0)} s`],
          ]),
      ['agents', `${found.agents}, ${found.attackedAgents} attacked`],
      ['events', found.events.toLocaleString('en-US')],
      ['windows scored', found.windows.toLocaleString('en-US')],
      ['alerts', String(found.alerts)],
    ]),
    '',
    dataDir === undefined
      ? 'the log was thrown away; --data-dir var/ keeps it for optikal verify and optikal explain'
      : `next: optikal verify --data-dir ${dataDir}\n      optikal explain ALERT-ID --data-dir ${dataDir}`,
  ].join('\n');
}
