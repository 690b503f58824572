/** The command line: one program, its commands registered by the files of `commands/`; errors become one line on stderr and an exit code. */
import { Command, CommanderError } from 'commander';
import { configCommand } from './commands/config.ts';
import { deadLettersCommand } from './commands/dead-letters.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { driftCommand } from './commands/drift.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { eventsCommand } from './commands/events.ts';
import { explainCommand } from './commands/explain.ts';
import { generateCommand } from './commands/generate.ts';
import { importCommand } from './commands/import.ts';
import { inspectCommand } from './commands/inspect.ts';
import { lagCommand } from './commands/lag.ts';
import { modelsCommand } from './commands/models.ts';
import { publishCommand } from './commands/publish.ts';
import { replayCommand } from './commands/replay.ts';
import { scoreCommand } from './commands/score.ts';
import { serveCommand } from './commands/serve.ts';
import { toolsCommand } from './commands/tools.ts';
import { topicsCommand } from './commands/topics.ts';
import { trainCommand } from './commands/train.ts';
import { verifyCommand } from './commands/verify.ts';
import { watchCommand } from './commands/watch.ts';
import { EXIT } from './exit.ts';
import { colorsFor, type Io, say, tell } from './io.ts';
import type { Register } from './register.ts';

export const VERSION = '0.1.0';

const HELP = `
start here:
  optikal demo                      a simulated fleet being attacked, and what Optikal says
  optikal import --format calls < own.jsonl > events.jsonl
                                    your own agents, one tool call a line
  optikal COMMAND --help            options and an example

exit codes: 0 done, 1 failed, 2 wrong command line, 3 checked and found different, 130 stopped`;

const COMMANDS: readonly Register[] = [
  demoCommand,
  generateCommand,
  trainCommand,
  evaluateCommand,
  scoreCommand,
  serveCommand,
  watchCommand,
  explainCommand,
  driftCommand,
  verifyCommand,
  replayCommand,
  lagCommand,
  deadLettersCommand,
  modelsCommand,
  importCommand,
  inspectCommand,
  publishCommand,
  eventsCommand,
  toolsCommand,
  topicsCommand,
  configCommand,
  doctorCommand,
];

/** The whole program, as the help shows it. */
export function createProgram(io: Io, done: (code: number) => void): Command {
  const program = new Command('optikal')
    .description('real-time threat detection for AI agents')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.columns(),
      getErrHelpWidth: () => io.columns(),
    })
    .showHelpAfterError('(--help shows the options and an example)')
    .addHelpText('after', HELP);
  for (const register of COMMANDS) register(program, io, done);
  return program;
}

/** Runs one command line (without the program's name) and resolves to its exit code; nothing is thrown. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.ok;
  const program = createProgram(io, (exit) => {
    code = exit;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return report(error, io, args.includes('--json'));
  }
}

/** One line: the code and the reason. Without a code it is a defect of Optikal: then the stack helps. */
function report(error: unknown, io: Io, json: boolean): number {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
  const message = error instanceof Error ? error.message : String(error);
  const { red } = colorsFor(io, 'stderr');
  if (json) tell(io, JSON.stringify({ error: { code, message } }));
  else say(io, `${red('error')} ${code}: ${message}`, { on: 'stderr', hang: 2 });
  if (code !== 'internal' || !(error instanceof Error)) return EXIT.failed;
  if (io.env.OPTIKAL_DEBUG !== undefined) tell(io, error.stack ?? '');
  else if (!json) tell(io, 'this is a defect of optikal: OPTIKAL_DEBUG=1 shows where');
  return EXIT.failed;
}
