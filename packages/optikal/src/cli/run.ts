/** The command line: one program, its commands registered by the files of `commands/`; errors become one line on stderr and an exit code. */
import { Command, CommanderError } from 'commander';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { eventsCommand } from './commands/events.ts';
import { explainCommand } from './commands/explain.ts';
import { generateCommand } from './commands/generate.ts';
import { importCommand } from './commands/import.ts';
import { modelsCommand } from './commands/models.ts';
import { scoreCommand } from './commands/score.ts';
import { serveCommand } from './commands/serve.ts';
import { trainCommand } from './commands/train.ts';
import { verifyCommand } from './commands/verify.ts';
import { EXIT } from './exit.ts';
import { colorsFor, type Io, tell } from './io.ts';

/** Adds a command to the program. `done` reports its exit code. */
export type Register = (program: Command, io: Io, done: (code: number) => void) => void;

const COMMANDS: readonly Register[] = [
  demoCommand,
  generateCommand,
  trainCommand,
  evaluateCommand,
  scoreCommand,
  serveCommand,
  explainCommand,
  verifyCommand,
  modelsCommand,
  importCommand,
  eventsCommand,
  doctorCommand,
];

/** Runs one command line (without the program's name) and resolves to its exit code; nothing is thrown. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.ok;
  const program = new Command('optikal')
    .description('real-time threat detection for AI agents')
    .version('0.1.0')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(--help shows the options and an example)');
  for (const register of COMMANDS)
    register(program, io, (exit) => {
      code = exit;
    });
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return io.stop.aborted && code === EXIT.ok && !args.includes('serve') ? EXIT.interrupted : code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return report(error, io, args.includes('--json'));
  }
}

/** One line: the code and the reason. Without a code it is a defect of Optikal: then the stack helps. */
function report(error: unknown, io: Io, json: boolean): number {
  if (isClosedPipe(error)) return EXIT.ok;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
  const message = error instanceof Error ? error.message : String(error);
  const { red } = colorsFor(io, 'stderr');
  if (json) tell(io, JSON.stringify({ error: { code, message } }));
  else tell(io, `${red('error')} ${code}: ${message}`);
  if (code === 'internal' && io.env.OPTIKAL_DEBUG !== undefined && error instanceof Error) tell(io, error.stack ?? '');
  return EXIT.failed;
}

/** The reader of a pipe may leave (`| head`): that ends a filter, it is no failure. */
function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/** Wires the process: signals, terminals, exit code. */
export async function main(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      // A second signal does not wait.
      if (stop.signal.aborted) process.exit(EXIT.interrupted);
      stop.abort();
    });
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
  });
  process.exitCode = await run(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    terminal: { stdout: process.stdout.isTTY === true, stderr: process.stderr.isTTY === true },
    stop: stop.signal,
  });
}
