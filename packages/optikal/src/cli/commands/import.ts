/** `optikal import`: the user's own agents on day one: calls or OTLP JSON spans in, events out; content is hashed on the way, never written. */
import { randomBytes } from 'node:crypto';
import { toCloudEvent } from '@optikal/contracts';
import { InvalidArgumentError } from 'commander';
import { createImporter } from '../../services/import.ts';
import { streamLines } from '../../services/lines.ts';
import { EXIT } from '../exit.ts';
import { inputOf } from '../input.ts';
import { type Io, printPatiently, say, tell } from '../io.ts';
import type { Register } from '../register.ts';

type Format = 'calls' | 'otlp-json';
const MAX_TOLD = 20;
/** A line holds whole texts here, or a whole export request. */
const MAX_LINE_CHARS = 67_108_864;

export const importCommand: Register = (program, io, done) => {
  program
    .command('import')
    .description('your own agents: one call a line, or OTLP JSON spans (gen_ai.*), on stdin or FILE; events on stdout')
    .argument('[file]', 'the input, also .gz; - or nothing = stdin')
    .requiredOption('--format <name>', 'calls or otlp-json', format)
    .option('--tenant <id>', 'tenant of the events')
    .option('--json', 'a machine-readable summary on stderr')
    .addHelpText(
      'after',
      '\ncalls: {"time":"2026-01-05T10:00:00Z","agent":"bot","task":"42","turn":0,"tool":"read_inbox","args":{},"output":"…","ok":true,"latencyMs":80,"request":"…"}\nOPTIKAL_HMAC_KEY keys the hashes of arguments; without it each run has a key of its own.\n\nexample:\n  optikal import --format calls < own.jsonl > events.jsonl',
    )
    .action(async (file: string | undefined, flags: ImportFlags) => done(await run(io, file, flags)));
};

interface ImportFlags {
  readonly format: Format;
  readonly tenant?: string;
  readonly json?: boolean;
}

function format(text: string): Format {
  if (text !== 'calls' && text !== 'otlp-json') throw new InvalidArgumentError('expected calls or otlp-json');
  return text;
}

async function run(io: Io, file: string | undefined, flags: ImportFlags): Promise<number> {
  let problems = 0;
  const key = io.env.OPTIKAL_HMAC_KEY;
  const importer = createImporter({
    format: flags.format,
    ...(flags.tenant === undefined ? {} : { tenant: flags.tenant }),
    hmacKey: key === undefined ? randomBytes(32) : Buffer.from(key, 'utf8'),
    onProblem: ({ line, code, message }) => {
      if (problems++ < MAX_TOLD) tell(io, `line ${line}: ${code}: ${message}`);
    },
  });
  const input = inputOf(io, file);
  const stop = io.stop();
  for await (const lines of streamLines(input, stop, MAX_LINE_CHARS)) for (const line of lines) importer.push(line);
  // A task is known only when the input ends: half of it would be a lie.
  if (stop.aborted) return EXIT.interrupted;
  const { events, agents, tasks } = importer.end();
  for (const event of events) {
    await printPatiently(io, JSON.stringify(toCloudEvent(event)));
    if (stop.aborted) return EXIT.interrupted;
  }
  const summary = { events: events.length, agents, tasks, problems };
  if (problems > MAX_TOLD && flags.json !== true) tell(io, `… and ${problems - MAX_TOLD} problems more`);
  if (flags.json === true) tell(io, JSON.stringify(summary));
  else say(io, `${events.length} events of ${agents} agents and ${tasks} tasks, ${problems} problems`, { on: 'stderr' });
  return EXIT.ok;
}
