/** `optikal evaluate`: a bundle against labelled data, or with --protocol what training on recorded agents is worth on left-out ones. */
import { InvalidArgumentError } from 'commander';
import { DEFAULTS } from '../../config/index.ts';
import { readBundle } from '../../services/bundle-files.ts';
import { type DataSource, openDataSource } from '../../services/data-source.ts';
import { evaluateBundle } from '../../services/evaluate.ts';
import { runProtocol } from '../../services/evaluate-protocol.ts';
import type { ContentPlane } from '../../services/recorded-source.ts';
import { checkReportPlace, writeReport } from '../../services/report-file.ts';
import { EXIT } from '../exit.ts';
import { type Io, print, progressBar, say } from '../io.ts';
import { type OperatingFlags, operatingOptions, solveFor, wholeNumber, wishOf } from '../options.ts';
import type { Register } from '../register.ts';
import { askedWords, reasonWords } from '../report-words.ts';
import { configOption, orTellProblems, withSettings } from '../settings.ts';
import { renderEvaluation, renderProtocol } from '../tables.ts';
import { plane, toolsSource } from './train.ts';

interface EvaluateFlags extends OperatingFlags {
  readonly bundle?: string;
  readonly data: string;
  readonly protocol?: readonly ('model' | 'suite')[];
  readonly permutations: number;
  readonly seed: string;
  readonly content: ContentPlane;
  readonly tools: string;
  /** false: none. Absent: the usual place, unless the answer is JSON. */
  readonly report?: string | false;
  readonly json?: boolean;
}

const DEFAULT_REPORT = 'evaluation.html';

export const evaluateCommand: Register = (program, io, done) => {
  const command = program
    .command('evaluate')
    .description('measures a bundle on labelled data, or the learning protocol on recorded agents')
    .option('--bundle <dir>', 'the bundle; not with --protocol')
    .requiredOption('--data <dir>', 'a fleet folder with truth.jsonl, an agents folder or its parent')
    .option('--protocol <what>', 'leave one "suite", one "model" or "suite,model" out and fit on the rest', left)
    .addOption(configOption())
    .option('--permutations <n>', 'with --protocol: also with labels permuted within groups', wholeNumber, DEFAULTS.training.permutations)
    .option('--seed <seed>', 'with --protocol', DEFAULTS.training.seed)
    .option('--content <plane>', 'content plane of recorded agents: none or oracle', plane, 'none')
    .option('--tools <source>', 'with --protocol: "data" or "none"', toolsSource, 'data')
    .option('--report <file>', `the page with the pictures; ${DEFAULT_REPORT} where there is no --json`)
    .option('--no-report', 'no page')
    .option('--json', 'the same figures as JSON on stdout')
    .addHelpText(
      'after',
      '\nexamples:\n  optikal evaluate --bundle bundle/ --data fleet/\n  optikal evaluate --data ../shared/data/agents --protocol suite,model',
    );
  for (const option of operatingOptions()) command.addOption(option);
  command.action(async (given: EvaluateFlags) => {
    if ((given.bundle === undefined) === (given.protocol === undefined)) command.error('error: expected either --bundle or --protocol');
    done(await orTellProblems(io, given.json === true, () => evaluate(io, withSettings(command, io, given).flags)));
  });
};

function left(text: string): ('model' | 'suite')[] {
  return text.split(',').map((what) => {
    if (what !== 'model' && what !== 'suite') throw new InvalidArgumentError('expected suite, model or suite,model');
    return what;
  });
}

function evaluate(io: Io, flags: EvaluateFlags): number {
  const place = flags.report ?? (flags.json === true ? false : DEFAULT_REPORT);
  // Said before the work, not after it.
  if (place !== false) checkReportPlace(place);
  const source = openDataSource(flags.data, { content: flags.content });
  const report = flags.protocol === undefined ? measureBundle(io, flags, source) : measureProtocol(io, flags, source, flags.protocol);
  if (place !== false) writeReport(place, report);
  if (flags.json === true) print(io, JSON.stringify(report));
  else say(io, report.kind === 'protocol' ? renderProtocol(report) : renderEvaluation(report));
  if (place !== false) say(io, `report in ${place}`, { on: flags.json === true ? 'stderr' : 'stdout' });
  return EXIT.ok;
}

function measureBundle(io: Io, flags: EvaluateFlags, source: DataSource) {
  const bundle = readBundle(flags.bundle!); // one of the two was checked
  const bar = progressBar(io, 'reading events');
  const found = evaluateBundle(bundle, source, {
    threshold: solveFor(bundle, flags)?.threshold ?? bundle.operatingPoint.threshold,
    asked: askedWords(wishOf(flags) ?? bundle.operatingPoint),
    words: reasonWords,
    progress: bar.update,
  });
  bar.stop();
  return found;
}

function measureProtocol(io: Io, { seed, permutations, tools }: EvaluateFlags, source: DataSource, leave: readonly ('model' | 'suite')[]) {
  const bar = progressBar(io, 'left out');
  const found = runProtocol(source, { leave, seed, permutations, useTools: tools === 'data', progress: bar.update });
  bar.stop();
  return found;
}
