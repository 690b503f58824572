/**
 * What the README shows, taken from the program itself: an alert and a picture from a run of the demo, figures from bench/results.
 *
 *   node scripts/readme.ts             write README.md (the marked parts) and docs/demo.svg
 *   node scripts/readme.ts --figures   only the figures
 */
import './need-node.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { type Result, readResults } from '../bench/support/results.ts';
import { run } from '../packages/optikal/src/cli/run.ts';
import { ROOT } from './generated.ts';
import { terminalSvg } from './terminal-svg.ts';

const README = join(ROOT, 'README.md');
const COLUMNS = 98;
const SHOWN_ALERTS = 3;

interface FigureRow {
  readonly name: string;
  readonly work: string;
  readonly unit: string;
  readonly ours: number;
  readonly floor: string;
  readonly holds: boolean;
  /** Rows that it stands for. */
  readonly of: number;
}

/** More rows of one bench under one floor than this are one line. */
const APART = 3;

/**
 * Rows with a floor; each names its place, and test/docs-readme.test.ts holds the two together. Of many rows under the same floor the worst
 * stands for those that hold; every one that does not hold is shown.
 */
export function figuresTable(results: readonly Result[]): string {
  const rows = results.flatMap(({ name, rows }) =>
    rows.flatMap(({ work, unit, ours, floor, holds }): FigureRow[] =>
      floor === null ? [] : [{ name, work, unit, ours, floor, holds: holds === true, of: 1 }],
    ),
  );
  if (rows.length === 0) return 'No results are committed yet; `npm run bench` makes them.';
  const groups = Map.groupBy(rows, ({ name, unit, floor }) => `${name}|${unit}|${floor}`);
  const shown = [...groups.values()].flatMap((group) => {
    const held = group.filter(({ holds }) => holds);
    if (held.length <= APART) return group;
    const worst = held.reduce((a, b) => ((b.floor.startsWith('≥') ? b.ours < a.ours : b.ours > a.ours) ? b : a));
    return [...group.filter(({ holds }) => !holds), { ...worst, of: held.length }];
  });
  return [
    '| work | measured | floor | holds |',
    '|---|---|---|---|',
    ...shown.map(
      ({ name, work, unit, ours, floor, holds, of }) =>
        `| ${work}${of === 1 ? '' : `, the worst of ${of}`} | ${ours.toLocaleString('en-US', { maximumSignificantDigits: 6 })} ${unit} | ${floor} | ${holds ? 'yes' : 'no'} | <!-- bench: ${name} / ${work} -->`,
    ),
  ].join('\n');
}

/** Replaces what stands between `<!-- name … -->` and `<!-- /name -->`. */
export function withPart(page: string, name: string, text: string): string {
  const part = new RegExp(`(<!-- ${name}\\b[^>]*-->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!part.test(page)) throw new Error(`README.md has no part \`${name}\``);
  return page.replace(part, (_, start: string, end: string) => `${start}${text}\n${end}`);
}

/** The demo at full speed in a terminal of our own, in colour. */
async function demoOutput(): Promise<string> {
  let out = '';
  const sink = (keep: boolean) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        if (keep) out += chunk.toString();
        done();
      },
    });
  const code = await run(['demo', '--speed', '0', '--hours', '1'], {
    stdin: Readable.from([]),
    stdout: sink(true),
    stderr: sink(false),
    env: process.env.OPTIKAL_CACHE_DIR === undefined ? {} : { OPTIKAL_CACHE_DIR: process.env.OPTIKAL_CACHE_DIR },
    terminal: { stdout: true, stderr: false },
    columns: () => COLUMNS,
    stop: () => new AbortController().signal,
  });
  if (code !== 0) throw new Error(`the demo ended with ${code}`);
  return out;
}

/** The first final alert of an attack for each threat that comes up. */
function telling(output: string): string[] {
  const threats = new Map<string, string>();
  for (const block of output.split('\n\n')) {
    const threat = /truth: ([a-z ]+), /.exec(block)?.[1];
    if (threat !== undefined && !block.includes('(early)') && !threats.has(threat)) threats.set(threat, block);
  }
  return [...threats.values()].slice(0, SHOWN_ALERTS);
}

if (import.meta.main) {
  let page = withPart(readFileSync(README, 'utf8'), 'figures', figuresTable(readResults()));
  if (!process.argv.includes('--figures')) {
    const alerts = telling(await demoOutput());
    page = withPart(page, 'capture', `\`\`\`text\n${stripVTControlCharacters(alerts[0]!)}\n\`\`\``);
    writeFileSync(join(ROOT, 'docs/demo.svg'), terminalSvg(['$ npm start', '', alerts.join('\n\n')].join('\n'), COLUMNS));
  }
  writeFileSync(README, page);
}
