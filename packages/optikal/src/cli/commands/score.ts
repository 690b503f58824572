/** `optikal score`: a plain Unix filter, events in, alerts out. */
import { randomBytes } from 'node:crypto';
import { InvalidArgumentError } from 'commander';
import type { AlertRow } from '../../bus/contract.ts';
import { alertLine } from '../../services/alert-event.ts';
import { readBundle } from '../../services/bundle-files.ts';
import { streamLines } from '../../services/lines.ts';
import { createScorer } from '../../services/score.ts';
import { EXIT } from '../exit.ts';
import { inputOf } from '../input.ts';
import { type Io, printPatiently, say, tell } from '../io.ts';
import { ensembleWords } from '../margin-words.ts';
import { describeBundle, type OperatingFlags, operatingOptions, solveFor } from '../options.ts';
import type { Register } from '../register.ts';

const MAX_TOLD_REFUSALS = 20;

export const scoreCommand: Register = (program, io, done) => {
  const command = program
    .command('score')
    .description('events.jsonl on stdin (or FILE), alerts as CloudEvents lines on stdout')
    .argument('[file]', 'events.jsonl, also .gz; - or nothing = stdin')
    .requiredOption('--bundle <dir>', 'the trained bundle')
    .option('--follow', 'score each line as it comes; without it, in large batches')
    .option('--run <id>', 'name of this run in alert ids; "live" is what serve uses', runName, 'live')
    .option('--json', 'a machine-readable summary on stderr at the end')
    .addHelpText(
      'after',
      '\nexamples:\n  optikal score --bundle bundle/ < fleet/events.jsonl > alerts.jsonl\n  tail -F events.jsonl | optikal score --bundle bundle/ --follow',
    );
  for (const option of operatingOptions()) command.addOption(option);
  command.action(async (file: string | undefined, flags: ScoreFlags) => done(await score(io, file, flags)));
};

interface ScoreFlags extends OperatingFlags {
  readonly bundle: string;
  readonly follow?: boolean;
  readonly run: string;
  readonly json?: boolean;
}

function runName(text: string): string {
  if (!/^[A-Za-z0-9._:-]{1,128}$/.test(text)) throw new InvalidArgumentError('expected [A-Za-z0-9._:-]{1,128}');
  return text;
}

async function score(io: Io, file: string | undefined, flags: ScoreFlags): Promise<number> {
  const input = inputOf(io, file);
  const bundle = readBundle(flags.bundle);
  const solved = solveFor(bundle, flags);
  let told = 0;
  const scorer = await createScorer({
    bundle,
    threshold: solved?.threshold ?? null,
    hmacKey: randomBytes(32),
    run: flags.run,
    onRefused: (line, { code, field, message }) => {
      if (told++ < MAX_TOLD_REFUSALS) tell(io, `line ${line}: ${code}${field === '' ? '' : ` at ${field}`}: ${message}`);
    },
  });
  const write = async (alerts: readonly AlertRow[]) => {
    for (const alert of alerts) await printPatiently(io, alertLine(alert));
  };
  const stop = io.stop();
  for await (const lines of streamLines(input, stop)) {
    await write(await scorer.push(lines, flags.follow === true));
    if (stop.aborted) break;
  }
  await write(await scorer.end());
  const { counters, refused } = scorer;
  if (told > MAX_TOLD_REFUSALS) tell(io, `… and ${told - MAX_TOLD_REFUSALS} more lines refused`);
  const summary = {
    ...counters,
    refused,
    threshold: solved?.threshold ?? bundle.operatingPoint.threshold,
    fingerprint: bundle.fingerprint,
    bases: bundle.bases.map(({ name }, k) => ({ name, weight: bundle.meta?.weights[k] ?? 1 / bundle.bases.length })),
  };
  if (flags.json === true) tell(io, JSON.stringify(summary));
  else
    say(
      io,
      `${counters.events} events, ${refused} refused, ${counters.duplicate} duplicate, ${counters.late} late, ${counters.dead} dead; ${counters.scored} windows scored, ${counters.alerts} alerts\n${describeBundle(bundle, solved)}\n${ensembleWords(bundle)}`,
      { on: 'stderr', hang: 2 },
    );
  return stop.aborted ? EXIT.interrupted : EXIT.ok;
}
