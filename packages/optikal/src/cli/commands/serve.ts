/** `optikal serve`: the long-running server. */
import { Option } from 'commander';
import { readBundle } from '../../services/bundle-files.ts';
import { startServer } from '../../services/serve.ts';
import { EXIT } from '../exit.ts';
import { type Io, print, say, tell } from '../io.ts';
import { count, describeBundle, type OperatingFlags, operatingOptions, port, solveFor } from '../options.ts';
import type { Register } from '../register.ts';

interface ServeFlags extends OperatingFlags {
  readonly bundle?: string;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly partitions: number;
  readonly clock: 'wall' | 'events';
  readonly keys?: string;
  readonly json?: boolean;
}

export const serveCommand: Register = (program, io, done) => {
  const command = program
    .command('serve')
    .description('POST /v1/events into the durable log, GET /v1/alerts out; prints {"ready":true,"pid","port"}')
    .option('--bundle <dir>', 'the bundle to put into force; needed on the first start')
    .option('--data-dir <dir>', 'the data directory', 'var')
    .option('--host <address>', 'another than 127.0.0.1 needs --keys', '127.0.0.1')
    .option('--port <n>', '0 = a free one', port, 8090)
    .option('--partitions <n>', 'partitions of the log, fixed with the first start', count, 1)
    .addOption(
      new Option('--clock <clock>', 'wall: a tick each second; events: the events’ own time').choices(['wall', 'events']).default('wall'),
    )
    .option('--keys <file>', 'API keys: tenants and roles by SHA-256 of the key')
    .option('--json', 'warnings on stderr as JSON lines')
    .addHelpText('after', '\nexample:\n  optikal serve --bundle bundle/ --data-dir var/ --port 8090');
  for (const option of operatingOptions()) command.addOption(option);
  command.action(async (flags: ServeFlags) => {
    if (flags.bundle === undefined && (flags.alertsPerDay !== undefined || flags.fpr !== undefined))
      command.error('error: --alerts-per-day and --fpr need --bundle: they are solved with its margins');
    done(await serve(io, flags));
  });
};

async function serve(io: Io, flags: ServeFlags): Promise<number> {
  const bundle = flags.bundle === undefined ? null : readBundle(flags.bundle);
  const solved = bundle === null ? null : solveFor(bundle, flags);
  const { promise: failure, reject: fail } = Promise.withResolvers<never>();
  // Somebody always listens, also when the server never started.
  failure.catch(() => {});
  const stop = io.stop();
  const server = await startServer({
    dataDir: flags.dataDir,
    bundle: flags.bundle ?? null,
    threshold: solved?.threshold ?? null,
    host: flags.host,
    port: flags.port,
    partitions: flags.partitions,
    clock: flags.clock,
    keysFile: flags.keys ?? null,
    env: io.env,
    warn: (code, detail) =>
      tell(io, flags.json === true ? JSON.stringify({ level: 'warn', code, ...detail }) : `warning ${code} ${JSON.stringify(detail)}`),
    onFailure: fail,
  });
  print(io, JSON.stringify({ ready: true, pid: process.pid, port: server.port }));
  if (bundle !== null && flags.json !== true) say(io, describeBundle(bundle, solved), { on: 'stderr', hang: 2 });
  const stopped = new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    await Promise.race([stopped, failure]);
    return EXIT.ok;
  } finally {
    await server.stop();
  }
}
