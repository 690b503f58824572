/** `optikal evaluate`: a bundle against labelled data, or with --protocol what training is worth on agents or texts that were left out. */
import { availableParallelism } from 'node:os';
import { InvalidArgumentError } from 'commander';
import { DEFAULTS } from '../../config/index.ts';
import { readBundle } from '../../services/bundle-files.ts';
import { type DataSource, openDataSource } from '../../services/data-source.ts';
import { evaluateBundle } from '../../services/evaluate.ts';
import { evaluateAgents } from '../../services/evaluate-agents.ts';
import { runProtocol } from '../../services/evaluate-protocol.ts';
import { evaluateText } from '../../services/evaluate-text.ts';
import { writeFolds, writeProtocolPage } from '../../services/protocol-found.ts';
import type { ContentPlane } from '../../services/recorded-source.ts';
import { checkReportPlace, writeReport } from '../../services/report-file.ts';
import { EXIT } from '../exit.ts';
import { type Io, print, progressBar, say } from '../io.ts';
import { type OperatingFlags, operatingOptions, solveFor, wholeNumber, wishOf } from '../options.ts';
import type { Register } from '../register.ts';
import { askedWords, reasonWords } from '../report-words.ts';
import { renderRows } from '../rows-table.ts';
import { configOption, orTellProblems, withSettings } from '../settings.ts';
import { renderEvaluation, renderProtocol } from '../tables.ts';
import { plane, toolsSource } from './train.ts';

/** Parts of recorded agents that are left out; or a protocol whose answer is rows. */
type Protocol = readonly ('model' | 'suite')[] | RowsProtocol;
type RowsProtocol = 'text' | 'agents';

interface EvaluateFlags extends OperatingFlags {
  readonly bundle?: string;
  readonly data: string;
  readonly train?: string;
  readonly protocol?: Protocol;
  readonly sessions?: readonly string[];
  readonly folds?: string;
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
    .description('measures a bundle on labelled data, or what training is worth on agents or texts that were left out')
    .option('--bundle <dir>', 'the bundle; not with --protocol')
    .requiredOption('--data <dir>', 'a fleet folder with truth.jsonl, an agents folder or its parent')
    .option(
      '--protocol <what>',
      '"agents" or "text": rows by part left out; or leave one "suite", "model" or "suite,model" out',
      protocolOf,
    )
    .option('--train <dir>', 'with --protocol agents or text: fit on this folder, test once on --data')
    .option('--sessions <file...>', 'with --protocol agents: these sessions files in place of the data’s own')
    .option('--folds <file>', 'with --protocol agents or text: SHA-256 of what each fold’s gateway learnt from and judged')
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
      '\nexamples:\n  optikal evaluate --bundle bundle/ --data fleet/\n  optikal evaluate --data ../shared/data/agents --protocol suite,model\n' +
        '  optikal evaluate --data ../shared/data --protocol text --json\n  optikal evaluate --train ../shared/data --data other/ --protocol agents',
    );
  for (const option of operatingOptions()) command.addOption(option);
  command.action(async (given: EvaluateFlags) => {
    if ((given.bundle === undefined) === (given.protocol === undefined)) command.error('error: expected either --bundle or --protocol');
    const stray = strayOption(given);
    if (stray !== null) command.error(`error: ${stray}`);
    done(await orTellProblems(io, given.json === true, () => evaluate(io, withSettings(command, io, given).flags)));
  });
};

function protocolOf(text: string): Protocol {
  if (text === 'text' || text === 'agents') return text;
  return text.split(',').map((what) => {
    if (what !== 'model' && what !== 'suite') throw new InvalidArgumentError('expected agents, text, suite, model or suite,model');
    return what;
  });
}

function strayOption({ protocol, train, sessions, folds }: EvaluateFlags): string | null {
  const rows = protocol === 'text' || protocol === 'agents';
  if (train !== undefined && !rows) return 'expected --train with --protocol agents or text';
  if (folds !== undefined && !rows) return 'expected --folds with --protocol agents or text';
  return sessions !== undefined && protocol !== 'agents' ? 'expected --sessions with --protocol agents' : null;
}

function evaluate(io: Io, flags: EvaluateFlags): number | Promise<number> {
  const { protocol } = flags;
  const place = flags.report ?? (flags.json === true ? false : DEFAULT_REPORT);
  // Said before the work, not after it.
  if (place !== false) checkReportPlace(place);
  if (protocol === 'text' || protocol === 'agents') return evaluateRows(io, flags, protocol, place);
  const source = openDataSource(flags.data, { content: flags.content });
  const report = protocol === undefined ? measureBundle(io, flags, source) : measureProtocol(io, flags, source, protocol);
  if (place !== false) writeReport(place, report);
  if (flags.json === true) print(io, JSON.stringify(report));
  else say(io, report.kind === 'protocol' ? renderProtocol(report) : renderEvaluation(report));
  tellPlace(io, flags, place);
  return EXIT.ok;
}

async function evaluateRows(io: Io, flags: EvaluateFlags, protocol: RowsProtocol, place: string | false): Promise<number> {
  const { data, train = null, sessions = [], folds: foldsFile, seed } = flags;
  const bar = progressBar(io, 'folds');
  const request = { data, train, seed, progress: bar.update };
  const workers = Math.min(2, availableParallelism());
  const { page, folds } = protocol === 'text' ? evaluateText(request) : await evaluateAgents({ ...request, sessions, workers });
  bar.stop();
  if (place !== false) writeProtocolPage(place, page);
  if (foldsFile !== undefined) writeFolds(foldsFile, folds);
  if (flags.json === true) print(io, JSON.stringify({ rows: page.rows, baselines: page.baselines, shares: page.shares }));
  else say(io, renderRows(page));
  tellPlace(io, flags, place);
  return EXIT.ok;
}

function tellPlace(io: Io, { json }: EvaluateFlags, place: string | false): void {
  if (place !== false) say(io, `report in ${place}`, { on: json === true ? 'stderr' : 'stdout' });
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
