/** `optikal doctor --failpoints`: the places where a test may kill the process. */
import { FAILPOINTS } from '../../observability/failpoint.ts';
import { EXIT } from '../exit.ts';
import { print } from '../io.ts';
import type { Register } from '../register.ts';

export const doctorCommand: Register = (program, io, done) => {
  program
    .command('doctor')
    .description('what is there to know about this installation')
    .option('--failpoints', 'list the places at which OPTIKAL_FAILPOINT=name:n kills the process')
    .option('--json', 'machine-readable')
    .addHelpText('after', '\nexample:\n  optikal doctor --failpoints')
    .action((flags: { failpoints?: boolean; json?: boolean }) => {
      const facts = { node: process.versions.node, platform: `${process.platform}-${process.arch}` };
      if (flags.failpoints === true && flags.json === true) print(io, JSON.stringify(FAILPOINTS));
      else if (flags.failpoints === true) for (const [name, where] of Object.entries(FAILPOINTS)) print(io, `${name.padEnd(28)} ${where}`);
      else print(io, flags.json === true ? JSON.stringify(facts) : `node ${facts.node} on ${facts.platform}`);
      done(EXIT.ok);
    });
};
