/** `optikal train`: a data folder → a bundle. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { DEFAULTS } from '../../config/index.ts';
import { readBundle } from '../../services/bundle-files.ts';
import { openDataSource } from '../../services/data-source.ts';
import type { ContentPlane } from '../../services/recorded-source.ts';
import { DEFAULT_WISH } from '../../services/train.ts';
import { REPORT_FILE, trainWithReport } from '../../services/train-report.ts';
import { EXIT } from '../exit.ts';
import { type Io, print, progressSteps, say, tell } from '../io.ts';
import { count, describePoint, type OperatingFlags, operatingOptions, share, wishOf } from '../options.ts';
import type { Register } from '../register.ts';
import { askedWords, reasonWords } from '../report-words.ts';
import { configOption, orTellProblems, withSettings } from '../settings.ts';
import { renderMeasured } from '../tables.ts';

interface TrainFlags extends OperatingFlags {
  readonly data: string;
  readonly out: string;
  readonly seed: string;
  readonly base?: string;
  readonly prevalence: number;
  readonly content: ContentPlane;
  readonly tools: string;
  readonly workers: number;
  readonly json?: boolean;
}

/** A bundle has fewer models than that to fit. */
const MAX_WORKERS = 64;

export const trainCommand: Register = (program, io, done) => {
  const command = program
    .command('train')
    .description('fits the ensemble on a fleet folder or on recorded agents, writes a bundle and its report')
    .requiredOption('--data <dir>', 'a fleet folder (events.jsonl), an agents folder (traces.jsonl.gz) or its parent')
    .requiredOption('--out <dir>', 'folder of the bundle')
    .addOption(configOption())
    .option('--seed <seed>', 'the same data and seed give the same bundle', DEFAULTS.training.seed)
    .option('--base <bundle>', 'whose supervised models serve where the data has no truth.jsonl')
    .option('--prevalence <share>', 'prevalence of attacks that shown probabilities assume', share, DEFAULTS.training.prevalence)
    .option('--content <plane>', 'content plane of recorded agents: none or oracle', plane, 'none')
    .option('--tools <source>', '"data" = the tools.yaml of the data, "none" = only the name classifier', toolsSource, 'data')
    .option('--workers <n>', 'threads that fit models, 1 to 64; the bundle is the same', workerCount, DEFAULTS.training.workers)
    .option('--json', 'the report as JSON on stdout')
    .addHelpText(
      'after',
      '\nexamples:\n  optikal train --data fleet/ --out bundle/\n  optikal train --data ../shared/data/agents --out bundle/ --alerts-per-day 5',
    );
  for (const option of operatingOptions()) command.addOption(option);
  command.action(async (given: TrainFlags) => {
    // Said before the work, not after it.
    if (existsSync(given.out) && !existsSync(join(given.out, 'manifest.json')) && readdirSync(given.out).length > 0)
      command.error(`error: expected --out to be new, empty or a bundle, \`${given.out}\` holds other files`);
    done(
      await orTellProblems(io, given.json === true, () => {
        const { flags, settings } = withSettings(command, io, given);
        return train(io, flags, settings.training.folds);
      }),
    );
  });
};

async function train(io: Io, flags: TrainFlags, folds: number): Promise<number> {
  const source = openDataSource(flags.data, { content: flags.content });
  say(io, source.description, { on: 'stderr' });
  const steps = progressSteps(io, { events: 'reading events', models: 'fitting models' });
  const wish = wishOf(flags) ?? DEFAULT_WISH;
  const { content, report, fingerprint, write } = await trainWithReport(
    {
      source,
      seed: flags.seed,
      wish,
      prevalence: flags.prevalence,
      folds,
      useTools: flags.tools === 'data',
      ...(flags.base === undefined ? {} : { base: readBundle(flags.base) }),
      workers: flags.workers,
      progress: steps.start,
    },
    { asked: askedWords(wish), reasons: reasonWords },
  );
  steps.stop();
  if (source.refused() > 0) tell(io, `${source.refused()} lines were refused: optikal events validate ${flags.data}/events.jsonl says why`);
  write(flags.out);
  if (flags.json === true) {
    print(io, JSON.stringify({ fingerprint, ...content.report, report }));
    return EXIT.ok;
  }
  if (content.report.labels === 'none')
    say(
      io,
      `no labelled attacks: isolation forest, baselines and threshold are from your own events, supervised models from ${flags.base}`,
      { hang: 2 },
    );
  else say(io, renderMeasured(content.report, io));
  say(io, describePoint(content.operatingPoint, content.windowsPerDay, content.benignMargins.length), { hang: 2 });
  say(io, `bundle ${fingerprint} in ${flags.out}`);
  say(io, `report in ${join(flags.out, REPORT_FILE)}`);
  return EXIT.ok;
}

function workerCount(text: string): number {
  const value = count(text);
  if (value > MAX_WORKERS) throw new InvalidArgumentError(`expected at most ${MAX_WORKERS}`);
  return value;
}

export function plane(text: string): ContentPlane {
  if (text !== 'none' && text !== 'oracle') throw new InvalidArgumentError('expected none or oracle');
  return text;
}

export function toolsSource(text: string): string {
  if (text !== 'data' && text !== 'none') throw new InvalidArgumentError('expected data or none');
  return text;
}
