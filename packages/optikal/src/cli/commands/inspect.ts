/** `optikal inspect`: what the gateway thinks of a text that somebody pastes, or of the tools that servers offer. */
import { Option } from 'commander';
import { DIRECTIONS, type Direction } from '../../content/gateway/policy.ts';
import { EXIT } from '../exit.ts';
import { inputOf } from '../input.ts';
import { textWords, toolWords } from '../inspect-words.ts';
import { colorsFor, type Io, print, say } from '../io.ts';
import type { Register } from '../register.ts';

interface InspectFlags {
  readonly bundle?: string;
  readonly direction: Direction;
  readonly request?: string;
  readonly tool?: string;
  readonly tools?: readonly string[];
  readonly known?: string;
  readonly writeKnown?: string;
  readonly json?: boolean;
}

export const inspectCommand: Register = (program, io, done) => {
  program
    .command('inspect')
    .description(
      'what the gateway thinks of a text, and where; or of the tools that servers offer. Exit code 3 where it would not let it pass',
    )
    .argument('[file]', 'the text, also .gz; - or nothing = stdin')
    .option('--bundle <dir>', 'whose detector judges; starter = the one that ships, none = secrets and personal data only')
    .addOption(new Option('--direction <name>', 'what the text is').choices(DIRECTIONS).default('tool_output'))
    .option('--request <text>', 'what the user asked for: an instruction of the user is no injection')
    .option('--tool <name>', 'the tool that returned the text')
    .option('--tools <file...>', 'instead of a text: the answers of MCP servers to tools/list as JSON, one file a server')
    .option('--known <file>', 'with --tools: how they were when somebody looked at them, as --write-known or tools/list wrote it')
    .option('--write-known <file>', 'with --tools: keep how they are now, as hashes; never overwritten')
    .option('--json', 'machine-readable; nothing of the text is in it')
    .addHelpText(
      'after',
      '\nexamples:\n  pbpaste | optikal inspect --bundle bundle/ --request "summarise this page"\n  optikal inspect --tools mail.json files.json --write-known known.json',
    )
    .action(async (file: string | undefined, flags: InspectFlags, command) => {
      const aboutTools = flags.tools !== undefined;
      if (aboutTools && file !== undefined) command.error('error: expected a text or --tools, not both');
      if (!aboutTools && (flags.known ?? flags.writeKnown) !== undefined) command.error('error: --known and --write-known need --tools');
      // Loaded where it is needed: the rules of secrets are a fifth of a megabyte of code.
      const inspect = await import('../../services/inspect.ts');
      if (flags.tools === undefined) return done(await text(io, inspect, file, flags));
      const found = inspect.inspectTools(flags.tools, flags.known, inspect.detectorFor(flags.bundle));
      if (flags.writeKnown !== undefined && !(await import('../../services/tools.ts')).writeNewFile(flags.writeKnown, found.knownFile))
        command.error(`error: \`${flags.writeKnown}\` exists, and --write-known never overwrites a file`);
      if (flags.json === true) print(io, JSON.stringify({ tools: found.tools, changes: found.changes }));
      else for (const line of toolWords(found, colorsFor(io, 'stdout'))) say(io, line, { hang: 7 });
      done(found.tools.some(({ poisoned }) => poisoned) ? EXIT.differs : EXIT.ok);
    });
};

type Inspect = typeof import('../../services/inspect.ts');

async function text(io: Io, inspect: Inspect, file: string | undefined, flags: InspectFlags): Promise<number> {
  const gateway = inspect.gatewayFor(flags.bundle);
  const given = await inspect.readText(inputOf(io, file));
  const { direction, request = null, tool = null } = flags;
  const checked = gateway.check(given, { direction, request, tool });
  if (flags.json === true) print(io, JSON.stringify({ direction, ...checked }));
  else for (const line of textWords(given, checked, direction, colorsFor(io, 'stdout'))) say(io, line, { hang: 7 });
  return checked.verdict === 'allow' ? EXIT.ok : EXIT.differs;
}
