/** `optikal doctor`: what works, what does not, why that matters, and the command that mends it. */
import { FAILPOINTS } from '../../observability/failpoint.ts';
import { diagnose } from '../../services/doctor/diagnose.ts';
import type { Finding } from '../../services/doctor/finding.ts';
import { gatherFacts } from '../../services/doctor/gather.ts';
import { EXIT } from '../exit.ts';
import { type Colors, colorsFor, type Io, print, say } from '../io.ts';
import { port } from '../options.ts';
import type { Register } from '../register.ts';

interface DoctorFlags {
  readonly dataDir: string;
  readonly bundle?: string;
  readonly port?: number;
  readonly keys?: string;
  readonly failpoints?: boolean;
  readonly json?: boolean;
}

export const doctorCommand: Register = (program, io, done) => {
  program
    .command('doctor')
    .description('what works, what does not, and the command that mends it; changes nothing; exit code 1 where a check fails')
    .option('--data-dir <dir>', 'the data directory; a server may be running on it', 'var')
    .option('--bundle <dir>', 'a bundle to look at; without it the one in force')
    .option('--port <n>', 'the port of the server; without it the one that runs, or 8090', port)
    .option('--keys <file>', 'the keys file of the server')
    .option('--failpoints', 'list the places at which OPTIKAL_FAILPOINT=name:n kills the process')
    .option('--json', 'machine-readable')
    .addHelpText('after', '\nexamples:\n  optikal doctor --data-dir var/\n  optikal doctor --bundle bundle/ --keys keys.json --json')
    .action(async (flags: DoctorFlags) => {
      if (flags.failpoints === true) listFailpoints(io, flags.json === true);
      done(flags.failpoints === true ? EXIT.ok : await examine(io, flags));
    });
};

async function examine(io: Io, flags: DoctorFlags): Promise<number> {
  const facts = await gatherFacts({
    dataDir: flags.dataDir,
    bundle: flags.bundle ?? null,
    port: flags.port ?? null,
    keysFile: flags.keys ?? null,
  });
  const findings = diagnose(facts);
  const counts = { ok: 0, warn: 0, fail: 0 };
  for (const { status } of findings) counts[status]++;
  if (flags.json === true) {
    const { version, platform, arch } = facts.node;
    print(io, JSON.stringify({ node: version, platform: `${platform}-${arch}`, ...counts, findings }));
  } else show(io, findings, counts);
  return counts.fail > 0 ? EXIT.failed : EXIT.ok;
}

function show(io: Io, findings: readonly Finding[], counts: Readonly<Record<Finding['status'], number>>): void {
  const colors = colorsFor(io, 'stdout');
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const finding of findings) for (const line of linesOf(finding, width, colors)) say(io, line, { hang: width + 8 });
  say(io, `${counts.ok} ok, ${counts.warn} to look at, ${counts.fail} failed`);
}

function linesOf({ check, status, found, why, mend }: Finding, width: number, { bold, dim, green, yellow, red }: Colors): string[] {
  const mark = { ok: green('ok  '), warn: yellow('warn'), fail: red('FAIL') }[status];
  const indent = ' '.repeat(width + 8);
  return [
    `${mark}  ${check.padEnd(width)}  ${status === 'ok' ? found : bold(found)}`,
    ...(mend === null ? [] : [`${indent}${dim(`because ${why}`)}`, `${indent}$ ${mend}`]),
  ];
}

function listFailpoints(io: Io, json: boolean): void {
  if (json) print(io, JSON.stringify(FAILPOINTS));
  else for (const [name, where] of Object.entries(FAILPOINTS)) print(io, `${name.padEnd(28)} ${where}`);
}
