/** `optikal serve`: the long-running server. */
import type { Command } from 'commander';
import { describeSource } from '../../config/index.ts';
import type { Logging, LoggingOptions } from '../../observability/index.ts';
import { readBundle } from '../../services/bundle-files.ts';
import type { LoadedSettings } from '../../services/settings.ts';
import { EXIT } from '../exit.ts';
import { colorsFor, type Io, print, say } from '../io.ts';
import { describeBundle, type OperatingFlags, solveFor } from '../options.ts';
import type { Register } from '../register.ts';
import { addSettingOptions, orTellProblems, settingsOf } from '../settings.ts';

export const serveCommand: Register = (program, io, done) => {
  const command = program
    .command('serve')
    .description('POST /v1/events into the durable log, GET /v1/alerts out; prints {"ready":true,"pid","port"}');
  addSettingOptions(command)
    .option('--json', 'every line on stderr as JSON')
    .addHelpText(
      'after',
      '\nexamples:\n  optikal serve --bundle bundle/ --data-dir var/ --port 8090\n  optikal serve --config optikal.yaml\n\nevery setting, by file, variable or flag: docs/config.md',
    );
  command.action(async ({ json = false }: { json?: boolean }) => {
    done(
      await orTellProblems(io, json, () => {
        const loaded = settingsOf(command, io);
        refuseUnsolvable(command, loaded);
        return serve(io, loaded, json, program.version() ?? '');
      }),
    );
  });
};

/** An operating point is solved with the margins of a bundle, so there must be one. */
function refuseUnsolvable(command: Command, { settings, sources }: LoadedSettings): void {
  if (settings.bundle !== null) return;
  for (const name of ['alertsPerDay', 'fpr'] as const) {
    if (settings.operatingPoint[name] === null) continue;
    const source = sources.get(`operatingPoint.${name}`);
    if (source?.kind === 'flag') command.error('error: --alerts-per-day and --fpr need --bundle: they are solved with its margins');
    const place = source === undefined ? '' : ` (${describeSource(source)})`;
    command.error(`error: the setting \`operatingPoint.${name}\` needs \`bundle\`: it is solved with its margins${place}`);
  }
}

async function serve(io: Io, loaded: LoadedSettings, json: boolean, version: string): Promise<number> {
  const { settings } = loaded;
  const bundle = settings.bundle === null ? null : readBundle(settings.bundle);
  const solved = bundle === null ? null : solveFor(bundle, wishes(loaded));
  // Here and not above: no other command should wait for the HTTP library, the metrics and the log.
  const [{ startServer }, { configureLogging }] = await Promise.all([
    import('../../services/serve.ts'),
    import('../../observability/index.ts'),
  ]);
  const log: Logging = configureLogging(logOptions(io, loaded, json));
  const { promise: failure, reject: fail } = Promise.withResolvers<never>();
  // Somebody always listens, also when the server never started.
  failure.catch(() => {});
  const stop = io.stop();
  try {
    const changed = [...loaded.sources.values()].filter(({ kind }) => kind !== 'default').length;
    if (loaded.file !== null) log.write('debug', 'config_loaded', { file: loaded.file, settings: changed });
    const server = await startServer({ settings, threshold: solved?.threshold ?? null, version, env: io.env, log, onFailure: fail });
    print(io, JSON.stringify({ ready: true, pid: process.pid, port: server.port }));
    if (bundle !== null && !json) say(io, describeBundle(bundle, solved), { on: 'stderr', hang: 2 });
    const { metricsPort } = server;
    const ports = { host: settings.http.host, port: server.port, ...(metricsPort === null ? {} : { metricsPort }) };
    log.write('info', 'server_started', { ...ports, pid: process.pid, version, bundle: bundle?.fingerprint ?? null });
    const stopped = new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      stop.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      await Promise.race([stopped, failure]);
      log.write('info', 'server_stopping');
      return EXIT.ok;
    } finally {
      await server.stop();
      log.write('info', 'server_stopped');
    }
  } finally {
    await log.close();
  }
}

function wishes({ settings: { operatingPoint } }: LoadedSettings): OperatingFlags {
  const { alertsPerDay, fpr } = operatingPoint;
  return { ...(alertsPerDay === null ? {} : { alertsPerDay }), ...(fpr === null ? {} : { fpr }) };
}

/** Lines for people on a terminal, unless they are asked for as JSON or go into a file. */
function logOptions(io: Io, { settings: { log } }: LoadedSettings, json: boolean): LoggingOptions {
  const terminal = log.file === null && io.terminal.stderr;
  const format = json ? 'json' : log.format === 'auto' ? (terminal ? 'human' : 'json') : log.format;
  const colors = terminal && colorsFor(io, 'stderr').isColorSupported;
  return { level: log.level, format, to: log.file ?? io.stderr, colors };
}
