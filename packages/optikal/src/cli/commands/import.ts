/**
 * `optikal import`: the user's own agents on day one: calls or OTLP JSON spans in, events out; content is hashed on the way, never written.
 * With --follow turn by turn while the agents work, with --to into a running server.
 */
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { type Event, toCloudEvent } from '@optikal/contracts';
import { InvalidArgumentError, Option } from 'commander';
import type { ImportProblem } from '../../behaviour/errors.ts';
import type { Gateway } from '../../content/gateway.ts';
import { createFollower, type FollowOptions } from '../../services/follow.ts';
import { createImporter } from '../../services/import.ts';
import { streamLines } from '../../services/lines.ts';
import { createPoster, type Poster } from '../../services/post-events.ts';
import { EXIT } from '../exit.ts';
import { inputOf } from '../input.ts';
import { type Io, printPatiently, say, tell } from '../io.ts';
import type { Register } from '../register.ts';

type Format = 'calls' | 'otlp-json';
const MAX_TOLD = 20;
const DUE_EVERY_MS = 100;
const AT_ONCE = 500;
/** A line holds whole texts here, or a whole export request. */
const MAX_LINE_CHARS = 67_108_864;

export const importCommand: Register = (program, io, done) => {
  program
    .command('import')
    .description('your own agents: one call a line, or OTLP JSON spans (gen_ai.*), on stdin or FILE; events on stdout')
    .argument('[file]', 'the input, also .gz; - or nothing = stdin')
    .requiredOption('--format <name>', 'calls or otlp-json', format)
    .addOption(
      new Option('--content <plane>', 'who judges requests, outputs and answers: nobody, or the detector of --bundle')
        .choices(['none', 'real'])
        .default('none'),
    )
    .option('--bundle <dir>', 'the bundle whose detector judges with --content real; starter = the one that ships', 'starter')
    .option('--tenant <id>', 'tenant of the events')
    .option('--follow', 'calls only: each turn as soon as it is over, without end')
    .option('--to <url>', 'send the events to a running `optikal serve` instead of printing them', httpUrl)
    .option('--json', 'a machine-readable summary on stderr')
    .addHelpText(
      'after',
      '\ncalls: {"time":"2026-01-05T10:00:00Z","agent":"bot","task":"42","turn":0,"tool":"read_inbox","args":{},"output":"…","ok":true,"latencyMs":80,"request":"…"}\nOPTIKAL_HMAC_KEY keys the hashes of arguments; without it each run has a key of its own.\nOPTIKAL_API_KEY is the key of --to where the server has keys.\n\nexamples:\n  optikal import --format calls < own.jsonl > events.jsonl\n  tail -n +1 -F own.jsonl | optikal import --format calls --follow --to http://127.0.0.1:8090',
    )
    .action(async (file: string | undefined, flags: ImportFlags) => {
      if (flags.follow === true && flags.format !== 'calls') program.error('error: --follow needs --format calls');
      done(await run(io, file, flags));
    });
};

interface ImportFlags {
  readonly format: Format;
  readonly content: 'none' | 'real';
  readonly bundle: string;
  readonly tenant?: string;
  readonly follow?: boolean;
  readonly to?: string;
  readonly json?: boolean;
}

function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) throw new InvalidArgumentError('expected http://HOST:PORT');
  return url.origin;
}

function format(text: string): Format {
  if (text !== 'calls' && text !== 'otlp-json') throw new InvalidArgumentError('expected calls or otlp-json');
  return text;
}

async function run(io: Io, file: string | undefined, flags: ImportFlags): Promise<number> {
  let problems = 0;
  const key = io.env.OPTIKAL_HMAC_KEY;
  const gateway = flags.content === 'real' ? await gatewayOf(flags.bundle) : null;
  const options = {
    ...(flags.tenant === undefined ? {} : { tenant: flags.tenant }),
    hmacKey: key === undefined ? randomBytes(32) : Buffer.from(key, 'utf8'),
    gateway,
    onProblem: ({ line, code, message }: ImportProblem) => {
      if (problems++ < MAX_TOLD) tell(io, `line ${line}: ${code}: ${message}`);
    },
  };
  const input = inputOf(io, file);
  const stop = io.stop();
  const sink = sinkOf(io, flags.to, stop);
  const counted = flags.follow === true ? await follow(input, options, sink, stop) : await whole(input, flags.format, options, sink, stop);
  if (counted === null) return EXIT.interrupted;
  if (problems > MAX_TOLD && flags.json !== true) tell(io, `… and ${problems - MAX_TOLD} problems more`);
  const { events, agents, tasks } = counted;
  if (flags.json === true) tell(io, JSON.stringify({ events, agents, tasks, problems, content: flags.content, ...sink.counts }));
  else
    say(
      io,
      `${events} events of ${agents} agents and ${tasks} tasks, ${problems} problems; ${flags.content === 'none' ? 'no content plane: nobody judged what agents read (--content real)' : `content judged by the detector of ${flags.bundle}`}${
        sink.counts === null
          ? ''
          : `; ${sink.counts.accepted} accepted, ${sink.counts.duplicates} duplicates, ${sink.counts.rejected} rejected`
      }`,
      { on: 'stderr' },
    );
  return EXIT.ok;
}

/** Loaded where it is needed: the rules of secrets are a fifth of a megabyte of code. */
async function gatewayOf(bundle: string): Promise<Gateway> {
  const { openGateway } = await import('../../services/gateway.ts');
  return openGateway(bundle);
}

interface Counted {
  readonly events: number;
  readonly agents: number;
  readonly tasks: number;
}

interface Sink {
  send(events: readonly Event[]): Promise<void>;
  readonly counts: Poster['counts'] | null;
}

function sinkOf(io: Io, url: string | undefined, stop: AbortSignal): Sink {
  if (url !== undefined) {
    const key = io.env.OPTIKAL_API_KEY;
    return createPoster({
      url,
      ...(key === undefined ? {} : { key }),
      stop,
      onState: (state, reason) => tell(io, state === 'waiting' ? `waiting for ${url}: ${reason}` : `sending to ${url} again`),
    });
  }
  return {
    counts: null,
    async send(events) {
      for (const event of events) await printPatiently(io, JSON.stringify(toCloudEvent(event)));
    },
  };
}

/** null = stopped: a task is known only when the input ends, and half of it would be a lie. */
async function whole(input: Readable, format: Format, options: FollowOptions, sink: Sink, stop: AbortSignal): Promise<Counted | null> {
  const importer = createImporter({ format, ...options });
  for await (const lines of streamLines(input, stop, MAX_LINE_CHARS)) for (const line of lines) importer.push(line);
  if (stop.aborted) return null;
  const { events, agents, tasks } = importer.end();
  for (let from = 0; from < events.length; from += AT_ONCE) {
    await sink.send(events.slice(from, from + AT_ONCE));
    if (stop.aborted) return null;
  }
  return { events: events.length, agents, tasks };
}

/** Stopped or at the end of the input, open tasks are told to be over. */
async function follow(input: Readable, options: FollowOptions, sink: Sink, stop: AbortSignal): Promise<Counted> {
  const follower = createFollower(options);
  const agents = new Set<string>();
  let [events, tasks] = [0, 0];
  let sent: Promise<void> = Promise.resolve();
  let failure: { readonly error: unknown } | null = null;
  const send = (found: readonly Event[]) => {
    if (found.length === 0) return;
    events += found.length;
    for (const event of found) {
      agents.add(event.agent);
      if (event.type === 'argus.agent.lifecycle.v1' && event.data.kind === 'task_ended') tasks++;
    }
    sent = sent
      .then(() => sink.send(found))
      .catch((error: unknown) => {
        failure ??= { error };
        input.destroy();
      });
  };
  const timer = setInterval(() => send(follower.due(Date.now())), DUE_EVERY_MS);
  try {
    for await (const lines of streamLines(input, stop, MAX_LINE_CHARS)) {
      for (const line of lines) send(follower.push(line, Date.now()));
      await sent; // a slow reader slows the input
    }
    send(follower.end());
    await sent;
  } catch (error) {
    if (failure === null) throw error;
  } finally {
    clearInterval(timer);
  }
  if (failure !== null) throw (failure as { readonly error: unknown }).error; // assigned in a callback, which the compiler does not follow
  return { events, agents: agents.size, tasks };
}
