/** How a file of `commands/` joins the program. */
import type { Command } from 'commander';
import type { Io } from './io.ts';

/** Adds a command to the program. `done` reports its exit code. */
export type Register = (program: Command, io: Io, done: (code: number) => void) => void;
