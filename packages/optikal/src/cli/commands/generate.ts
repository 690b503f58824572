/** `optikal generate`: a simulated fleet as files: events.jsonl (three planes in event time), truth.jsonl, tools.yaml; or simple rows as rows.csv. */
import { closeSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Event, toCloudEvent } from '@optikal/contracts';
import { InvalidArgumentError, Option } from 'commander';
import {
  addNoise,
  generateSimpleScenarios,
  INTENSITIES,
  type Intensity,
  noiseOf,
  SIMULATED_THREATS,
  type SimulatedThreat,
  simpleCsv,
  simulateFleet,
  toolsYaml,
} from '../../training/simulator/index.ts';
import { EXIT } from '../exit.ts';
import { type Io, print, progressBar, say } from '../io.ts';
import { count, positiveNumber } from '../options.ts';
import type { Register } from '../register.ts';

interface GenerateFlags {
  readonly agents: number;
  readonly days: number;
  readonly temporalSpanDays?: number;
  readonly simple?: boolean;
  readonly rows: number;
  readonly noise?: number;
  readonly threats?: readonly SimulatedThreat[];
  readonly intensities?: readonly Intensity[];
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
    .addOption(new Option('--temporal-span-days <n>', 'the same as --days').argParser(positiveNumber).conflicts('days'))
    .option('--threats <list>', `threats of the attacked agents, by commas: ${SIMULATED_THREATS.join(', ')}; all`, amongThreats)
    .option('--intensities <list>', `how hard the attacks are to see, by commas: ${INTENSITIES.join(', ')}; all`, amongIntensities)
    .option('--noise <share>', 'noise of sensors and network: lost, coarse, trembling, late, doubled; up to 0.5', noiseShare)
    .addOption(
      new Option('--simple', 'independent rows of the 11 raw metrics instead of a fleet, for comparison only').conflicts([
        'agents',
        'days',
        'temporalSpanDays',
        'threats',
        'intensities',
      ]),
    )
    .addOption(new Option('--rows <n>', 'number of simple rows').argParser(count).default(10_000).implies({ simple: true }))
    .option('--seed <seed>', 'the same seed gives the same fleet', '7')
    .requiredOption('--out <dir>', 'folder for events.jsonl, truth.jsonl and tools.yaml, or rows.csv')
    .option('--json', 'machine-readable summary')
    .addHelpText(
      'after',
      '\nexamples:\n  optikal generate --agents 200 --days 7 --seed 7 --out fleet/\n  optikal generate --threats data_exfiltration --intensities moderate,mimicry --out leaks/\n  optikal generate --simple --rows 10000 --out rows/',
    )
    .action((flags: GenerateFlags) => done(flags.simple === true ? generateRows(io, flags) : generateFleet(io, flags)));
};

const amongThreats = (text: string): SimulatedThreat[] => someOf(text, SIMULATED_THREATS);
const amongIntensities = (text: string): Intensity[] => someOf(text, INTENSITIES);

function someOf<T extends string>(text: string, all: readonly T[]): T[] {
  return text.split(',').map((part) => {
    const known = all.find((one) => one === part.trim());
    if (known === undefined) throw new InvalidArgumentError(`expected some of ${all.join(', ')}`);
    return known;
  });
}

function noiseShare(text: string): number {
  const value = positiveNumber(text);
  if (value > 0.5) throw new InvalidArgumentError('expected a number above 0 and at most 0.5');
  return value;
}

function generateFleet(io: Io, flags: GenerateFlags): number {
  const { agents, seed, out, json, threats, intensities } = flags;
  const days = flags.temporalSpanDays ?? flags.days;
  const wanted = { ...(threats === undefined ? {} : { threats }), ...(intensities === undefined ? {} : { intensities }) };
  const fleet = simulateFleet({ agents, days, seed, ...wanted });
  mkdirSync(out, { recursive: true });
  const bar = progressBar(io, 'generating');
  const span = fleet.endMs - fleet.startMs;
  let events = 0;
  writeLines(
    join(out, 'events.jsonl'),
    (function* () {
      for (const event of noisy(fleet.events(), flags)) {
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
  const summary = {
    agents,
    days,
    seed,
    events,
    truthLines: fleet.truth.length,
    campaigns: fleet.campaigns.length,
    ...wanted,
    ...noiseIn(flags),
    out,
  };
  if (json === true) print(io, JSON.stringify(summary));
  else
    say(
      io,
      `${events.toLocaleString('en-US')} events of ${agents} agents over ${days} days, ${fleet.campaigns.length} attacks, in ${out}`,
      { hang: 2 },
    );
  return EXIT.ok;
}

function generateRows(io: Io, flags: GenerateFlags): number {
  const { seed, out, json } = flags;
  mkdirSync(out, { recursive: true });
  let rows = -1;
  const rowsOf = generateSimpleScenarios({ rows: flags.rows, seed });
  writeLines(
    join(out, 'rows.csv'),
    (function* () {
      for (const line of simpleCsv(flags.noise === undefined ? rowsOf : addNoise(rowsOf, noiseOf(flags.noise), noiseSeed(seed)))) {
        rows++;
        yield line;
      }
    })(),
  );
  if (json === true) print(io, JSON.stringify({ rows, seed, ...noiseIn(flags), out }));
  else say(io, `${rows.toLocaleString('en-US')} independent rows for comparison in ${join(out, 'rows.csv')}`, { hang: 2 });
  return EXIT.ok;
}

function noisy(events: Iterable<Event>, { noise, seed }: GenerateFlags): Iterable<Event> {
  return noise === undefined ? events : addNoise(events, noiseOf(noise), noiseSeed(seed));
}

function noiseSeed(seed: string): string {
  return `${seed}:noise`;
}

/** What a summary says of noise: nothing where there is none. */
function noiseIn({ noise }: GenerateFlags): { noise?: number } {
  return noise === undefined ? {} : { noise };
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
