/** `optikal evaluate`: a bundle against labelled data, or with --protocol what training on recorded agents is worth on left-out ones. */
import { InvalidArgumentError } from 'commander';
import { readBundle } from '../../services/bundle-files.ts';
import { openDataSource } from '../../services/data-source.ts';
import { evaluateBundle, runProtocol } from '../../services/evaluate.ts';
import type { ContentPlane } from '../../services/recorded-source.ts';
import { EXIT } from '../exit.ts';
import { type Io, print, progressBar, say } from '../io.ts';
import { type OperatingFlags, operatingOptions, solveFor, wholeNumber } from '../options.ts';
import type { Register } from '../register.ts';
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
  readonly json?: boolean;
}

export const evaluateCommand: Register = (program, io, done) => {
  const command = program
    .command('evaluate')
    .description('measures a bundle on labelled data, or the learning protocol on recorded agents')
    .option('--bundle <dir>', 'the bundle; not with --protocol')
    .requiredOption('--data <dir>', 'a fleet folder with truth.jsonl, an agents folder or its parent')
    .option('--protocol <what>', 'leave one "suite", one "model" or "suite,model" out and fit on the rest', left)
    .option('--permutations <n>', 'with --protocol: also with labels permuted within groups', wholeNumber, 0)
    .option('--seed <seed>', 'with --protocol', '1')
    .option('--content <plane>', 'content plane of recorded agents: none or oracle', plane, 'none')
    .option('--tools <source>', 'with --protocol: "data" or "none"', toolsSource, 'data')
    .option('--json', 'machine-readable')
    .addHelpText(
      'after',
      '\nexamples:\n  optikal evaluate --bundle bundle/ --data fleet/\n  optikal evaluate --data ../shared/data/agents --protocol suite,model',
    );
  for (const option of operatingOptions()) command.addOption(option);
  command.action((flags: EvaluateFlags) => {
    if ((flags.bundle === undefined) === (flags.protocol === undefined)) command.error('error: expected either --bundle or --protocol');
    done(evaluate(io, flags));
  });
};

function left(text: string): ('model' | 'suite')[] {
  return text.split(',').map((what) => {
    if (what !== 'model' && what !== 'suite') throw new InvalidArgumentError('expected suite, model or suite,model');
    return what;
  });
}

function evaluate(io: Io, flags: EvaluateFlags): number {
  const source = openDataSource(flags.data, { content: flags.content });
  if (flags.protocol !== undefined) {
    const bar = progressBar(io, 'left out');
    const report = runProtocol(source, {
      leave: flags.protocol,
      seed: flags.seed,
      permutations: flags.permutations,
      useTools: flags.tools === 'data',
      progress: bar.update,
    });
    bar.stop();
    if (flags.json === true) print(io, JSON.stringify(report));
    else say(io, renderProtocol(report));
    return EXIT.ok;
  }
  const bundle = readBundle(flags.bundle!); // one of the two was checked
  const bar = progressBar(io, 'reading events');
  const found = evaluateBundle(bundle, source, solveFor(bundle, flags)?.threshold ?? bundle.operatingPoint.threshold, bar.update);
  bar.stop();
  if (flags.json === true) print(io, JSON.stringify(found));
  else say(io, renderEvaluation(found));
  return EXIT.ok;
}
