/** `optikal publish`: CloudEvents as lines, to Kafka or to a running server; into a spool on disk while that is away. */
import { fstatSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Counters, createPublisher, EVENT_CLASSES, type Publisher } from '@optikal/sdk';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { streamLines } from '../../services/lines.ts';
import { publishLines, transportFor } from '../../services/publish.ts';
import { EXIT } from '../exit.ts';
import { inputOf } from '../input.ts';
import { type Io, print, progressBar, say, tell } from '../io.ts';
import { count, wholeNumber } from '../options.ts';
import type { Register } from '../register.ts';
import { addBusOptions, configOption, orTellProblems, settingsOf } from '../settings.ts';

interface Flags {
  readonly to?: string;
  readonly tenant?: string;
  readonly spool: string | boolean;
  readonly spoolMb: number;
  readonly fsync: 'always' | 'interval' | 'never';
  readonly wait: number;
  readonly json?: boolean;
}

const MIB = 1_048_576;
const MAX_TOLD = 20;
const SHOW_EVERY_MS = 200;

export const publishCommand: Register = (program, io, done) => {
  const command = program
    .command('publish')
    .description('events (one CloudEvent a line) to Kafka or to a running server; into a spool on disk while that is away')
    .argument('[file]', 'events.jsonl, also .gz; - or nothing = stdin')
    .option('--to <url>', 'a running `optikal serve` instead of brokers', httpUrl)
    .addOption(configOption());
  addBusOptions(command)
    .option('--tenant <id>', 'tenant of events that name none', 'default')
    .option('--spool <dir>', 'where events wait; of one `publish` at a time; default the folder spool in the data directory')
    .option('--no-spool', 'nothing on disk: the input waits instead')
    .option('--spool-mb <n>', 'how large the spool may become, in MiB', count, 256)
    .addOption(
      new Option('--fsync <policy>', 'when the spool is forced to the disk').choices(['always', 'interval', 'never']).default('interval'),
    )
    .option('--wait <seconds>', 'how long to deliver after the input has ended; the rest stays in the spool', wholeNumber, 30)
    .option('--json', 'the summary as JSON')
    .addHelpText(
      'after',
      '\nOPTIKAL_API_KEY is the key of --to where the server has keys.\n\nexamples:\n  optikal publish --bus kafka --brokers host:9092 < events.jsonl\n  optikal publish events.jsonl --to http://127.0.0.1:8090',
    )
    .action(async (file: string | undefined, flags: Flags) => {
      done(await orTellProblems(io, flags.json === true, () => publish(command, io, file, flags)));
    });
};

function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) throw new InvalidArgumentError('expected http://HOST:PORT');
  return url.origin;
}

async function publish(command: Command, io: Io, file: string | undefined, flags: Flags): Promise<number> {
  const { settings } = settingsOf(command, io);
  if (flags.to === undefined && settings.bus.kind !== 'kafka') command.error('error: expected --to URL or --bus kafka --brokers HOST:PORT');
  const transport = await transportFor(flags.to, settings, io.env);
  const folder = flags.spool === false ? null : typeof flags.spool === 'string' ? flags.spool : join(settings.dataDir, 'spool');
  const spoolBytes = folder === null ? null : flags.spoolMb * MIB;
  const publisher = createPublisher({
    transport,
    source: `optikal-publish/${hostname()}`.slice(0, 256),
    ...(flags.tenant === undefined ? {} : { tenant: flags.tenant }),
    spool: folder === null || spoolBytes === null ? false : { folder, maxBytes: spoolBytes, fsync: flags.fsync },
    onWarning: (code, detail) => tell(io, [code, ...Object.values(detail)].join(' ')),
  });
  const stop = io.stop();
  const input = inputOf(io, file);
  let told = 0;
  const onBadLine = (line: number, code: string, message: string) => {
    if (told++ < MAX_TOLD) tell(io, `line ${line}: ${code}: ${message}`);
  };
  const bar = showProgress(io, publisher);
  let counted: { readonly lines: number; readonly bad: number };
  try {
    const lines = streamLines(input, stop);
    counted = await publishLines({ publisher, lines, canWait: input !== io.stdin || isFile(), spoolBytes, stop, onBadLine });
    await ended(publisher, flags.wait, stop);
  } finally {
    bar();
    await publisher.close(0);
  }
  const counters = publisher.counters();
  if (told > MAX_TOLD) tell(io, `… and ${told - MAX_TOLD} bad lines more`);
  const { lines, bad } = counted;
  if (flags.json === true) print(io, JSON.stringify({ lines, bad, ...counters, spool: folder }));
  else say(io, summary(counted, counters, folder), { on: 'stderr', hang: 2 });
  if (stop.aborted) return EXIT.interrupted;
  if (counters.waiting > 0) return EXIT.failed;
  return bad + counters.refused + counters.lost + droppedOf(counters) === 0 ? EXIT.ok : EXIT.differs;
}

/** Delivers what waits, for so long; a signal ends it. */
async function ended(publisher: Publisher, seconds: number, stop: AbortSignal): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
  // What an earlier run left behind is known when the spool is read.
  if (!stop.aborted) await Promise.race([publisher.flush(1000 * seconds), stopped]);
}

/** stdin is a file, as with `<`. */
function isFile(): boolean {
  try {
    return fstatSync(0).isFile();
  } catch {
    return false;
  }
}

function droppedOf({ dropped }: Counters): number {
  return EVENT_CLASSES.reduce((sum, name) => sum + dropped[name], 0);
}

function summary({ lines, bad }: { readonly lines: number; readonly bad: number }, counters: Counters, folder: string | null): string {
  const { produced, recovered, delivered, dropped, refused, lost, waiting } = counters;
  const byClass = EVENT_CLASSES.filter((name) => dropped[name] > 0).map((name) => `${dropped[name]} ${name}`);
  const parts = [
    `${lines} lines: ${produced} produced, ${bad} bad`,
    ...(recovered > 0 ? [`${recovered} found in the spool`] : []),
    `${delivered} delivered, ${refused} refused, ${droppedOf(counters)} dropped${byClass.length > 0 ? ` (${byClass.join(', ')})` : ''}`,
    ...(lost > 0 ? [`${lost} not readable in the spool`] : []),
    ...(waiting > 0 && folder !== null ? [`${waiting} wait in ${folder}: the next publish sends them`] : []),
  ];
  return parts.join('; ');
}

function showProgress(io: Io, publisher: Publisher): () => void {
  const bar = progressBar(io, 'published');
  const show = () => {
    const { produced, recovered, waiting } = publisher.counters();
    bar.update(produced + recovered - waiting, produced + recovered);
  };
  const timer = setInterval(show, SHOW_EVERY_MS);
  return () => {
    clearInterval(timer);
    bar.stop();
  };
}
