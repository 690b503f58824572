/**
 * docs/watch.svg: the screens of `optikal watch` over a demo, drawn by the code that draws them in a terminal.
 *
 *   node scripts/watch-svg.ts              a demo of an hour, in a folder that is thrown away
 *   node scripts/watch-svg.ts DATA-DIR     over a data directory that is there
 */
import './need-node.mjs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { run } from '../packages/optikal/src/cli/run.ts';
import { NO_FILTER } from '../packages/optikal/src/cli/watch/filter.ts';
import { initialState, type State } from '../packages/optikal/src/cli/watch/state.ts';
import { update } from '../packages/optikal/src/cli/watch/update.ts';
import { view } from '../packages/optikal/src/cli/watch/view.ts';
import { openDataDir } from '../packages/optikal/src/services/watch.ts';
import { ROOT } from './generated.ts';
import { terminalSvg } from './terminal-svg.ts';

const COLUMNS = 110;
const LIST_ROWS = 18;
const ALERT_ROWS = 64;

async function demo(dataDir: string): Promise<void> {
  const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  const code = await run(['demo', '--speed', '0', '--hours', '1', '--data-dir', dataDir], {
    stdin: Readable.from([]),
    stdout: nowhere(),
    stderr: nowhere(),
    env: process.env.OPTIKAL_CACHE_DIR === undefined ? {} : { OPTIKAL_CACHE_DIR: process.env.OPTIKAL_CACHE_DIR },
    terminal: { stdout: false, stderr: false },
    columns: () => COLUMNS,
    stop: () => new AbortController().signal,
  });
  if (code !== 0) throw new Error(`the demo ended with ${code}`);
}

/** The list, and below it the alert that a reader would open first: the gravest. */
function screens(dataDir: string): string {
  const source = openDataDir(dataDir);
  const looked = source.look(0);
  while (source.count());
  const counted = source.look(1);
  if (looked.kind !== 'opened') throw new Error(`no data directory at ${dataDir}`);
  const { entries, cursor } = source.older(Number.MAX_SAFE_INTEGER, 1000);
  const status = { ...(counted.kind === 'changed' ? counted.status : looked.status), lastCommitMs: null };
  let state: State = initialState({ size: { columns: COLUMNS, rows: LIST_ROWS }, source: 'var/', colors: true, filter: NO_FILTER });
  state = update(state, { kind: 'reset', status, before: 0 });
  state = update(state, { kind: 'older', entries, before: cursor, complete: true });
  state = update(state, { kind: 'key', key: 's' });
  const list = view({ ...state, notice: null });
  const opened = update({ ...state, size: { columns: COLUMNS, rows: ALERT_ROWS } }, { kind: 'key', key: '<enter>' });
  const search = source.open(opened.opened?.id ?? '');
  if (search === null) throw new Error('the demo brought no alert');
  while (!search.detail.search.done) search.next();
  const alert = view(update(opened, { kind: 'detail', id: search.detail.alert.id, detail: search.detail }));
  source.close();
  return [...list, '', ...alert].join('\n');
}

const given = process.argv[2];
const folder = given === undefined ? mkdtempSync(join(tmpdir(), 'optikal-watch-')) : null;
try {
  const dataDir = given ?? join(folder!, 'var');
  if (given === undefined) await demo(dataDir);
  writeFileSync(
    join(ROOT, 'docs/watch.svg'),
    terminalSvg(screens(dataDir), COLUMNS, 'the list of alerts and one alert opened, in a terminal'),
  );
} finally {
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
}
