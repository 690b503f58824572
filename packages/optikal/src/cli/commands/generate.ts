/** `optikal generate`: a simulated fleet as files: events.jsonl (three planes in event time), truth.jsonl, tools.yaml. */
import { closeSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { toCloudEvent } from '@optikal/contracts';
import { simulateFleet, toolsYaml } from '../../training/simulator/index.ts';
import { EXIT } from '../exit.ts';
import { type Io, print, progressBar, say } from '../io.ts';
import { count, positiveNumber } from '../options.ts';
import type { Register } from '../register.ts';

interface GenerateFlags {
  readonly agents: number;
  readonly days: number;
  readonly seed: string;
  readonly out: string;
  readonly json?: boolean;
}

const BUFFER_CHARS = 1 << 20;

export const generateCommand: Register = (program, io, done) => {
  program
    .command('generate')
    .description('simulates a fleet of agents, some under attack: events of three planes in event time, and the truth beside them')
    .option('--agents <n>', 'number of agents', count, 200)
    .option('--days <n>', 'length in days, fractions allowed', positiveNumber, 7)
    .option('--seed <seed>', 'the same seed gives the same fleet', '7')
    .requiredOption('--out <dir>', 'folder for events.jsonl, truth.jsonl and tools.yaml')
    .option('--json', 'machine-readable summary')
    .addHelpText('after', '\nexample:\n  optikal generate --agents 200 --days 7 --seed 7 --out fleet/')
    .action((flags: GenerateFlags) => done(generate(io, flags)));
};

function generate(io: Io, { agents, days, seed, out, json }: GenerateFlags): number {
  const fleet = simulateFleet({ agents, days, seed });
  mkdirSync(out, { recursive: true });
  const bar = progressBar(io, 'generating');
  const span = fleet.endMs - fleet.startMs;
  let events = 0;
  writeLines(
    join(out, 'events.jsonl'),
    (function* () {
      for (const event of fleet.events()) {
        if (events++ % 10_000 === 0) bar.update(Math.min(100, Math.round((100 * (event.timeMs - fleet.startMs)) / span)), 100);
        yield JSON.stringify(toCloudEvent(event));
      }
    })(),
  );
  writeLines(
    join(out, 'truth.jsonl'),
    fleet.truth.map((line) => JSON.stringify(line)),
  );
  writeFileSync(join(out, 'tools.yaml'), toolsYaml());
  bar.stop();
  const summary = { agents, days, seed, events, truthLines: fleet.truth.length, campaigns: fleet.campaigns.length, out };
  if (json === true) print(io, JSON.stringify(summary));
  else
    say(
      io,
      `${events.toLocaleString('en-US')} events of ${agents} agents over ${days} days, ${fleet.campaigns.length} attacks, in ${out}`,
      { hang: 2 },
    );
  return EXIT.ok;
}

/** Under another name until it is whole: a command that was ended leaves no file that looks like a fleet. */
function writeLines(path: string, lines: Iterable<string>): void {
  const half = `${path}.part`;
  const file = openSync(half, 'w');
  try {
    let buffer = '';
    for (const line of lines) {
      buffer += `${line}\n`;
      if (buffer.length < BUFFER_CHARS) continue;
      writeSync(file, buffer);
      buffer = '';
    }
    writeSync(file, buffer);
  } finally {
    closeSync(file);
  }
  renameSync(half, path);
}
