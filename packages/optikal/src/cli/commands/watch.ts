/** `optikal watch`: terminal triage over a data directory, running or stopped. */
import { SEVERITIES, THREATS } from '@optikal/contracts';
import { InvalidArgumentError, Option } from 'commander';
import { openDataDir, type WatchSource, type WatchStatus } from '../../services/watch.ts';
import { openHttp } from '../../services/watch-http.ts';
import { EXIT } from '../exit.ts';
import { type Io, printPatiently, say, tell } from '../io.ts';
import { count } from '../options.ts';
import type { Register } from '../register.ts';
import { addEntries, groupsOf, type Item, sorted } from '../watch/alerts.ts';
import { type Filter, matches, parseFilter } from '../watch/filter.ts';
import { jsonLine, plainLine, statusLine } from '../watch/plain.ts';
import { runSession } from '../watch/session.ts';
import { HELD_ALERTS } from '../watch/state.ts';

interface WatchFlags {
  readonly dataDir: string;
  readonly url?: string;
  readonly key?: string;
  readonly agent?: string;
  readonly threat?: string;
  readonly severity?: string;
  readonly since?: string;
  readonly once?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

const PAGE = 500;

export const watchCommand: Register = (program, io, done) => {
  program
    .command('watch')
    .description('triage in the terminal: alerts as they come, each one explained with its evidence; a server may be running, or not')
    .option('--data-dir <dir>', 'the data directory', 'var')
    .option('--url <address>', 'a running server instead: its alerts, and nothing that HTTP does not say', address)
    .option('--key <key>', 'with --url: an API key; OPTIKAL_API_KEY is better, for it is not seen in the list of processes')
    .option('--agent <text>', 'only agents whose id holds this text')
    .addOption(new Option('--threat <name>', 'only this threat').choices(THREATS))
    .addOption(new Option('--severity <name>', 'only this severity and graver').choices(SEVERITIES))
    .option('--since <time>', '30m, 6h, 2d behind the log clock; or ISO 8601')
    .option('--once', 'print the list and end; also where stdout or stdin is no terminal')
    .option('--limit <n>', 'with --once: lines at most', count, 1000)
    .option('--json', 'with --once, which it implies: one alert a line; the counters on stderr')
    .addHelpText(
      'after',
      '\n? shows the keys.\n\nexamples:\n  optikal watch --data-dir var/\n  optikal watch --severity high --since 6h\n  optikal watch --once --json --agent support-3',
    )
    .action(async (flags: WatchFlags, command) => {
      const parsed = parseFilter(
        (['agent', 'threat', 'severity', 'since'] as const)
          .flatMap((name) => (flags[name] === undefined ? [] : [`${name}:${flags[name]}`]))
          .join(' '),
      );
      if ('wrong' in parsed) return command.error(`error: ${parsed.wrong}`);
      const server = flags.url === undefined ? null : openHttp(flags.url, flags.key ?? io.env.OPTIKAL_API_KEY ?? null);
      const source = server ?? openDataDir(flags.dataDir);
      try {
        if (!onScreen(io, flags)) await server?.caughtUp();
        done(await (onScreen(io, flags) ? runSession(io, source, parsed.filter) : once(io, source, parsed.filter, flags)));
      } finally {
        source.close();
      }
    });
};

function address(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new InvalidArgumentError('expected http://… or https://…, without a password in it');
  return url.origin;
}

function onScreen({ terminal, env, stdin }: Io, { once: printed, json }: WatchFlags): boolean {
  const keys = 'isTTY' in stdin && stdin.isTTY === true;
  return terminal.stdout && keys && printed !== true && json !== true && env.TERM !== 'dumb';
}

async function once(io: Io, source: WatchSource, filter: Filter, { limit, json }: WatchFlags): Promise<number> {
  const status = statusOf(source);
  const items = itemsOf(source, filter, status);
  const groups = groupsOf(items);
  const lines = json === true ? items.map(jsonLine) : sorted(groups, 'time').map((key) => plainLine(groups.get(key)!)); // its own keys
  for (const line of lines.slice(0, limit)) await printPatiently(io, line);
  const { alerts, ...counters } = status;
  if (json === true) tell(io, JSON.stringify({ matching: items.length, ...counters, alerts }));
  else say(io, statusLine(status, items.length), { on: 'stderr', hang: 2 });
  return EXIT.ok;
}

function statusOf(source: WatchSource): WatchStatus {
  const first = source.look(Date.now());
  if ('error' in first) throw first.error;
  while (source.count());
  const counted = source.look(Date.now());
  const found = 'status' in counted ? counted : first;
  if (!('status' in found)) throw new Error('a first look opens or fails');
  return found.status;
}

/** Newest first. */
function itemsOf(source: WatchSource, filter: Filter, { clockMs }: WatchStatus): Item[] {
  let items: ReadonlyMap<string, Item> = new Map();
  for (let before = Number.MAX_SAFE_INTEGER, complete = false; !complete && items.size < HELD_ALERTS; ) {
    const page = source.older(before, PAGE);
    items = addEntries(items, page.entries, (entry) => matches(entry, filter, clockMs));
    before = page.cursor;
    complete = page.complete;
  }
  return [...items.values()].sort((a, b) => b.entry.windowStartMs - a.entry.windowStartMs || b.entry.cursor - a.entry.cursor);
}
