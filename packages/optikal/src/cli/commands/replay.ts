/** `optikal replay`: which alerts another bundle would have given, and which it would not. */
import { join } from 'node:path';
import { parseTime } from '@optikal/contracts';
import { InvalidArgumentError } from 'commander';
import { readBundle } from '../../services/bundle-files.ts';
import { openReader, openRun } from '../../services/open-bus.ts';
import { type Replay, type ReplayedWindow, replayLog, writeReplay } from '../../services/replay.ts';
import { EXIT } from '../exit.ts';
import { colorsFor, type Io, print, progressBar, say } from '../io.ts';
import { type OperatingFlags, operatingOptions, solveFor } from '../options.ts';
import type { Register } from '../register.ts';
import { addReaderOptions, orTellProblems, settingsOf } from '../settings.ts';
import { table } from '../tables.ts';

interface ReplayFlags extends OperatingFlags {
  readonly from: number;
  readonly to: number;
  readonly bundle: string;
  readonly run: string;
  readonly out?: string;
  readonly json?: boolean;
}

const RUN = /^[A-Za-z0-9._-]{1,64}$/;

export const replayCommand: Register = (program, io, done) => {
  const command = program
    .command('replay')
    .description('steps through the log with another bundle and says which alerts come and go; what is stored stays, nobody is told')
    .requiredOption('--from <time>', 'windows that start from here on, as 2026-01-05T09:00:00Z', time)
    .requiredOption('--to <time>', 'windows that start before', time)
    .requiredOption('--bundle <dir>', 'the bundle to judge with')
    .requiredOption('--run <id>', 'names the run; its alerts have ids of their own', runId)
    .option('--out <file>', 'the alerts of the run, a line each; default replays/ID.jsonl in the data directory, with --bus kafka none');
  for (const option of operatingOptions()) command.addOption(option);
  addReaderOptions(command)
    .option('--json', '{run, records, stored, replayed, kept, gained, lost, out, topic}')
    .addHelpText(
      'after',
      '\nexample:\n  optikal replay --data-dir var/ --from 2026-01-05T09:00:00Z --to 2026-01-05T12:00:00Z --bundle other/ --run trial',
    )
    .action(async (flags: ReplayFlags) =>
      done(
        await orTellProblems(io, flags.json === true, async () => {
          const { settings } = settingsOf(command, io);
          const bundle = readBundle(flags.bundle);
          const bar = progressBar(io, 'replaying');
          const reader = await openReader(settings, io.env, { snapshot: true });
          let topic: Awaited<ReturnType<typeof openRun>> = null;
          let found: Replay;
          try {
            const threshold = solveFor(bundle, flags)?.threshold ?? null;
            // Before the log is read: who may not write learns it at once.
            topic = await openRun(settings, io.env, flags.run);
            const span = { fromMs: flags.from, toMs: flags.to };
            found = await replayLog(reader, { ...span, bundle, threshold, run: flags.run, onProgress: bar.update });
            await topic?.write(found.alerts);
          } finally {
            await Promise.all([reader.close(), topic?.close()]);
          }
          bar.stop();
          const out = flags.out ?? (topic === null ? join(settings.dataDir, 'replays', `${flags.run}.jsonl`) : null);
          if (out !== null) writeReplay(out, found.alerts);
          show(io, found, { run: flags.run, out, topic: topic?.name ?? null }, flags.json === true);
          return EXIT.ok;
        }),
      ),
    );
};

interface About {
  readonly run: string;
  /** Where the alerts of the run stand: a file, a topic, or both. */
  readonly out: string | null;
  readonly topic: string | null;
}

function show(io: Io, found: Replay, about: About, json: boolean): void {
  if (json) {
    const { alerts: _, ...figures } = found;
    print(io, JSON.stringify({ ...about, ...figures }));
    return;
  }
  const { green, red } = colorsFor(io, 'stdout');
  const { stored, replayed, kept, gained, lost } = found;
  say(io, `${stored} windows alert as stored, ${replayed} in run ${about.run}: ${kept} kept, ${gained.length} gained, ${lost.length} lost`);
  const rows = (sign: string, windows: readonly ReplayedWindow[]) =>
    windows.map(({ key, windowStartMs, detector, threatType, probability }) => [
      sign,
      new Date(windowStartMs).toISOString(),
      key,
      detector,
      threatType,
      probability === null ? '–' : probability.toFixed(2),
    ]);
  const both = [...rows(green('gained'), gained), ...rows(red('lost'), lost)];
  if (both.length > 0) print(io, table(both));
  const places = [...(about.topic === null ? [] : [`topic ${about.topic}`]), ...(about.out === null ? [] : [about.out])];
  say(io, `alerts of the run in ${places.join(' and ')}`);
}

function time(text: string): number {
  const ms = parseTime(text);
  if (ms === null) throw new InvalidArgumentError('expected an RFC 3339 date-time, as 2026-01-05T09:00:00Z');
  return ms;
}

function runId(text: string): string {
  if (!RUN.test(text) || text === 'live') throw new InvalidArgumentError('expected 1 to 64 of [A-Za-z0-9._-], and not `live`');
  return text;
}
