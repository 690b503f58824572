/** `optikal demo` (npm start): watch a fleet of agents being attacked, and Optikal say who, how and why. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDemo } from '../../services/demo.ts';
import { demoBundle } from '../../services/demo-bundle.ts';
import type { DemoSummary } from '../../services/demo-summary.ts';
import { EXIT } from '../exit.ts';
import { colorsFor, type Io, type Progress, print, progressBar, tell } from '../io.ts';
import { positiveNumber, wholeNumber } from '../options.ts';
import { clock, renderAlert } from '../render.ts';
import type { Register } from '../run.ts';
import { table } from '../tables.ts';

interface DemoFlags {
  readonly agents: number;
  readonly hours: number;
  readonly speed: number;
  readonly seed: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** Without a terminal that shows a bar, a line of progress each ten minutes of log time. */
const QUIET_STEP_MS = 600_000;

export const demoCommand: Register = (program, io, done) => {
  program
    .command('demo')
    .description('a simulated fleet through the durable log and the detector; nothing else needs to be installed')
    .option('--agents <n>', 'number of agents, about a quarter of them attacked', wholeNumber, 200)
    .option('--hours <n>', 'log time after which it ends', positiveNumber, 4)
    .option(
      '--speed <n>',
      'log time per real time; 0 = as fast as it goes',
      (text: string) => (text === '0' ? Number.POSITIVE_INFINITY : positiveNumber(text)),
      60,
    )
    .option('--seed <seed>', 'another seed, another fleet and another bundle', 'demo')
    .option('--data-dir <dir>', 'keep the data directory there, for verify and explain; default a temporary one')
    .option('--json', 'alerts and summary as JSON lines')
    .addHelpText('after', '\nexample:\n  optikal demo --speed 600')
    .action(async (flags: DemoFlags) => done(await demo(io, flags)));
};

async function demo(io: Io, flags: DemoFlags): Promise<number> {
  const json = flags.json === true;
  const colors = colorsFor(io, 'stdout');
  let bar: Progress | null = null;
  if (!json) tell(io, 'fitting the demo bundle on a simulated fleet (cached for the next start)');
  const { folder, bundle, cached } = demoBundle(flags.seed, io.env, (step) => {
    bar?.stop();
    bar = progressBar(io, step === 'events' ? 'reading events' : 'fitting models');
    return bar.update;
  });
  (bar as Progress | null)?.stop(); // assigned inside the callback, which the compiler cannot see
  const dataDir = flags.dataDir ?? mkdtempSync(join(tmpdir(), 'optikal-demo-'));
  if (!json)
    print(
      io,
      `${cached ? 'bundle from the cache' : 'bundle fitted'} (${bundle.fingerprint.slice(0, 12)}); ${flags.agents} other agents for ${flags.hours} h of log time at ${Number.isFinite(flags.speed) ? `${flags.speed} ×` : 'full speed'}\n`,
    );
  let told = 0;
  try {
    const summary = await runDemo({
      dataDir,
      bundleFolder: folder,
      agents: flags.agents,
      hours: flags.hours,
      seed: flags.seed,
      speed: flags.speed,
      stop: io.stop,
      onAlert: (alert, truth) => {
        if (json) print(io, JSON.stringify({ ...alert, truth }));
        else
          print(
            io,
            `${renderAlert(alert, colors)}\n         ${truth === 'attack' ? colors.green('truth: attack') : colors.yellow(`truth: ${truth}`)}\n`,
          );
      },
      onTime: (logMs, startMs, _endMs, counters) => {
        if (json || logMs - Math.max(told, startMs) < QUIET_STEP_MS) return;
        told = logMs;
        tell(io, colors.dim(`${clock(logMs)}  ${counters.events} events, ${counters.scored} windows scored, ${counters.alerts} alerts`));
      },
    });
    print(io, json ? JSON.stringify(summary) : renderSummary(summary, flags));
  } finally {
    if (flags.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  }
  return io.stop.aborted ? EXIT.interrupted : EXIT.ok;
}

function renderSummary(found: DemoSummary, { dataDir }: DemoFlags): string {
  const { latencySeconds: latency } = found;
  return [
    table([
      ['campaigns caught', `${found.caught} of ${found.campaignCount}`],
      ...found.campaigns.map(({ threat, intensity, caught, all }) => [
        `  ${threat.replaceAll('_', ' ')}, ${intensity}`,
        `${caught} of ${all}`,
      ]),
      [
        'false alarms',
        `${found.falseAlarms}: ${found.falseAlarmsPerAgentDay.toFixed(3)} an agent-day, ${found.falseAlarmsPerAgentWeek.toFixed(2)} an agent-week`,
      ],
      ['alerts on a hostile text that was ignored', String(found.exposedAlerts)],
      ['early alerts withdrawn', String(found.withdrawn)],
      [
        'first malicious call → alert',
        latency === null
          ? 'no campaign caught'
          : `median ${latency.median.toFixed(0)} s, 90 % within ${latency.p90.toFixed(0)} s of event time`,
      ],
      ['agents', `${found.agents}, ${found.attackedAgents} of them attacked`],
      ['seen', `${found.events} events, ${found.windows} windows scored, ${found.alerts} alerts in ${found.hours} h`],
    ]),
    ...(dataDir === undefined ? [] : [`\nnext: optikal verify --data-dir ${dataDir}   optikal explain ALERT-ID --data-dir ${dataDir}`]),
  ].join('\n');
}
