/** `optikal tools`: which tools agents use, on whose word Optikal knows what they do, and what nobody knows yet. */
import { readBundle } from '../../services/bundle-files.ts';
import { streamLines } from '../../services/lines.ts';
import { type ToolReport, type ToolUse, toolsOfDataDir, toolsOfLines, toolsTemplate, writeNewFile } from '../../services/tools.ts';
import { EXIT } from '../exit.ts';
import { inputOf } from '../input.ts';
import { colorsFor, type Io, print, progressBar, say } from '../io.ts';
import { number, percent } from '../quantity.ts';
import type { Register } from '../register.ts';
import { table } from '../tables.ts';
import { harmless } from '../watch/text.ts';

interface ToolsFlags {
  readonly dataDir?: string;
  readonly events?: string;
  readonly bundle?: string;
  readonly unknown?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

export const toolsCommand: Register = (program, io, done) => {
  program
    .command('tools')
    .description('which tools agents use, what each is taken to do and on whose word; those that nobody knows first')
    .option('--data-dir <dir>', 'the data directory; a server may be running on it')
    .option('--events <file>', 'a file of events instead, also .gz; - = stdin')
    .option('--bundle <dir>', 'whose tool catalogue counts; without it that of the bundle in force, or names alone')
    .option('--unknown', 'only tools that nobody knows')
    .option('--out <file>', 'a tools.yaml to fill in: the unknown tools with what is guessed of them; never overwritten')
    .option('--json', 'one tool a line, and a summary as the last one')
    .addHelpText(
      'after',
      '\nexamples:\n  optikal tools --data-dir var/ --unknown --out tools.yaml\n  optikal tools --events fleet/events.jsonl --bundle bundle/',
    )
    .action(async (flags: ToolsFlags, command) => {
      if ((flags.dataDir === undefined) === (flags.events === undefined)) command.error('error: expected either --data-dir or --events');
      const report = await read(io, flags);
      if (flags.out !== undefined && !writeNewFile(flags.out, toolsTemplate(report)))
        command.error(`error: \`${flags.out}\` exists, and --out never overwrites a file`);
      show(io, report, flags);
      done(EXIT.ok);
    });
};

async function read(io: Io, { dataDir, events, bundle }: ToolsFlags): Promise<ToolReport & { readonly refused?: number }> {
  const catalogue = bundle === undefined ? null : readBundle(bundle).tools;
  if (events !== undefined) return toolsOfLines(streamLines(inputOf(io, events)), catalogue);
  const bar = progressBar(io, 'reading');
  try {
    return toolsOfDataDir(dataDir!, catalogue, bar.update); // one of the two is given, checked before
  } finally {
    bar.stop();
  }
}

function show(io: Io, report: ToolReport & { readonly refused?: number }, flags: ToolsFlags): void {
  const { tools, ...totals } = report;
  const unknown = tools.filter(({ effect }) => effect === 'unknown');
  const shown = flags.unknown === true ? unknown : tools;
  if (flags.json === true) {
    for (const tool of shown) print(io, JSON.stringify(tool));
    print(io, JSON.stringify({ tools: tools.length, unknownTools: unknown.length, ...totals }));
    return;
  }
  if (shown.length > 0) print(io, table([HEAD, ...shown.map(rowOf)]));
  const { dim } = colorsFor(io, 'stderr');
  const summary = [
    `${number(report.calls)} calls of ${number(tools.length)} tools; ${report.calls === 0 ? 'none' : percent(report.unknownCalls / report.calls)} of the calls are of ${number(unknown.length)} unknown tools`,
    ...(report.otherCalls > 0 ? [`${number(report.otherCalls)} calls of further names, which are not told apart`] : []),
    ...(report.refused === undefined || report.refused === 0 ? [] : [`${number(report.refused)} lines are no events`]),
    ...(flags.out === undefined ? [] : [`${number(unknown.length)} unknown tools are in \`${flags.out}\`, to be filled in`]),
  ];
  for (const line of summary) say(io, dim(line), { on: 'stderr', hang: 2 });
}

const HEAD = ['tool', 'effect', 'kind', 'on whose word', 'calls', 'failed', 'agents', 'first seen', 'last seen', 'of all changes'];

function rowOf(use: ToolUse): string[] {
  return [
    harmless(use.tool), // a name comes from an agent
    use.effect,
    use.kind ?? '-',
    use.source === 'classifier' ? `classifier ${percent(use.confidence)}` : use.source,
    String(use.calls),
    String(use.failed),
    String(use.agents),
    minute(use.firstMs),
    minute(use.lastMs),
    use.sideEffectShare === null ? '-' : percent(use.sideEffectShare),
  ];
}

const minute = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');
