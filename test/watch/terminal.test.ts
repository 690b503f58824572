/** `watch` in a real terminal: what people see at three sizes, while alerts come, when it is resized, suspended, stopped; and what it costs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Event, toCloudEvent } from '@optikal/contracts';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { detectedDir } from '../support/detected.ts';
import { postEvents } from '../support/post-events.ts';
import { caughtUp, pause, type Served, startServe } from '../support/serve-process.ts';
import { smallBundle, testFleet } from '../support/small-bundles.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { hasTmux, openPane, type Pane, quoted } from '../support/tmux.ts';

const MAIN = fileURLToPath(new URL('../../packages/optikal/src/cli/main.ts', import.meta.url));
const temp = useTempFolder();
const WIDE = { columns: 120, rows: 40 };
const SIZES = [WIDE, { columns: 80, rows: 24 }, { columns: 40, rows: 10 }];
const BATCH = 400;

const shown = (lines: readonly string[]) => lines.some((line) => line.startsWith('>')) && !lines.some((line) => line.includes('counting'));
const holds = (text: string) => (lines: readonly string[]) => lines.some((line) => line.includes(text));

describe.skipIf(!hasTmux())('in a terminal', () => {
  let dataDir = '';
  let early: Event[] = [];
  let late: Event[] = [];
  const panes: Pane[] = [];
  const servers: Served[] = [];

  beforeAll(async () => {
    dataDir = join(temp(), 'var');
    const events = testFleet({ agents: 16, days: 0.1 });
    const cut = Math.floor(0.7 * events.length);
    [early, late] = [events.slice(0, cut), events.slice(cut)];
    await detectedDir(dataDir, early, smallBundle('x'));
  });
  afterEach(() => {
    for (const pane of panes.splice(0)) pane.kill();
    for (const { child } of servers.splice(0)) child.kill('SIGKILL');
  });

  /** The process id is left in `pid`, its exit code on the screen. */
  function watch(size: { columns: number; rows: number }, flags = '', dir = dataDir): Pane & { pid(): number } {
    const folder = temp();
    const file = join(folder, 'pid');
    const command = `echo $$ > ${quoted(file)}; exec ${quoted(process.execPath)} ${quoted(MAIN)} watch --data-dir ${quoted(dir)} ${flags}`;
    const pane = openPane(
      size,
      `echo BEFORE; sh -c ${quoted(command)}; echo "AFTER $?"; stty -a | tr ' ' '\\n' | grep icanon; exec cat`,
      folder,
    );
    panes.push(pane);
    return Object.assign(pane, { pid: () => Number(readFileSync(file, 'utf8')) });
  }

  test.each(SIZES)('fits $columns × $rows: the list, an alert, the help, and back', async (size) => {
    const pane = watch(size);
    const fits = (lines: readonly string[]) => {
      expect(lines.length).toBeLessThanOrEqual(size.rows);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(size.columns);
    };
    const list = await pane.until(shown);
    fits(list);
    expect(list[0]).toContain(size.columns < 60 ? 'CRIT' : 'critical');
    const agent = /([a-z]+-\d*)/.exec(list.find((line) => line.startsWith('>')) ?? '')?.[1] ?? 'none';
    pane.send('Enter');
    fits(await pane.until((lines) => lines[0]!.includes(agent) && holds('Esc back')(lines)));
    pane.send('?');
    fits(await pane.until(holds('In the list'.slice(0, size.rows > 12 ? 11 : 0)))); // below the first screen where that is small
    await pane.until((lines) => lines[0] === 'optikal watch: help');
    pane.send('x');
    pane.send('Escape');
    expect(await pane.until(shown)).toEqual(list.map((line, n) => (n === list.length - 1 ? expect.stringContaining('holding') : line)));
    pane.send('q');
    expect(await pane.until(holds('AFTER 0'))).toContain('BEFORE');
  });

  test('opens an alert with the calls of its window from the log', async () => {
    const pane = watch(WIDE);
    await pane.until(shown);
    pane.send('Enter');
    const page = await pane.until(holds('The calls that matter'));
    expect(page.some((line) => /^ \* \d\d:\d\d:\d\d turn \d+ +\w+ +\w+, (ok|failed)/.test(line))).toBe(true);
    expect(page.some((line) => /^ {1,2}\+\d\.\d\d █+ +\S/.test(line))).toBe(true);
    pane.send('G');
    await pane.until(holds(' optikal explain '));
  });

  test('shows alerts as they come, says who writes and that he was killed, and leaves the cursor where it is', async () => {
    const copy = join(temp(), 'var');
    await detectedDir(copy, early, smallBundle('x'));
    const pane = watch(WIDE, '', copy);
    await pane.until(holds('writer not running'));
    const served = startServe(copy);
    servers.push(served);
    const port = await served.ready;
    await pane.until(holds(`writer running, pid ${served.child.pid}`));
    pane.send('j');
    const reading = (await pane.until(holds('holding'))).find((line) => line.startsWith('>'));
    for (let at = 0; at < late.length; at += BATCH) await postEvents(port, late.slice(at, at + BATCH).map(toCloudEvent));
    await caughtUp(served, copy);
    const now = await pane.until((lines) => / \d+ new: n /.test(lines.at(-1) ?? ''));
    expect(now.find((line) => line.startsWith('>'))?.slice(14, 44)).toBe(reading?.slice(14, 44));
    served.child.kill('SIGKILL');
    await pane.until(holds('writer not running'));
    pane.send('n');
    await pane.until((lines) => / holding 1\//.test(lines.at(-1) ?? ''));
  });

  test('waits for a directory that is not there, and shows it when it is', async () => {
    const dir = join(temp(), 'var');
    const pane = watch({ columns: 80, rows: 24 }, '', dir);
    await pane.until(holds(`waiting for ${dir.slice(0, 20)}`));
    await detectedDir(dir, early, smallBundle('x'));
    await pane.until(shown);
  });

  test('filters from the command line and from the keyboard', async () => {
    const pane = watch(WIDE, '--severity low');
    const list = await pane.until(holds('filter severity:low'));
    expect(list[0]).toContain('filter severity:low');
    pane.send('/');
    pane.send('C-u');
    pane.send('agent:nobody-like-this');
    await pane.until(holds('/agent:nobody-like-this_'));
    pane.send('Enter');
    await pane.until(holds('no alert matches agent:nobody-like-this'));
    pane.send('Escape');
    await pane.until(shown);
  });

  test('follows a resize in both directions without rests of the old screen', async () => {
    const pane = watch(WIDE);
    const wide = await pane.until(shown);
    pane.resize(40, 10);
    const small = await pane.until((lines) => lines.length <= 10 && shown(lines) && lines[0]!.includes('CRIT'));
    for (const line of small) expect(line.length).toBeLessThanOrEqual(40);
    pane.resize(120, 40);
    await pane.until((lines) => lines.length >= wide.length && lines[0] === wide[0]);
    expect(pane.lines()).toEqual(wide);
  });

  describe('leaves the terminal as it was', () => {
    const restored = (pane: Pane) => {
      expect(['alternate_on', 'cursor_flag', 'wrap_flag'].map((name) => pane.flag(name))).toEqual(['0', '1', '1']);
      expect(pane.lines()).toContain('icanon');
    };
    test.each([
      ['SIGTERM', 130],
      ['SIGHUP', 130],
      ['SIGINT', 130],
    ] as const)('after %s', async (signal, code) => {
      const pane = watch(WIDE);
      await pane.until(shown);
      expect(pane.flag('alternate_on')).toBe('1');
      process.kill(pane.pid(), signal);
      await pane.until(holds('icanon'));
      expect(pane.lines()).toEqual(expect.arrayContaining(['BEFORE', `AFTER ${code}`]));
      restored(pane);
    });

    test('after Ctrl-C', async () => {
      const pane = watch(WIDE);
      await pane.until(shown);
      pane.send('C-c');
      await pane.until(holds('icanon'));
      expect(pane.lines()).toEqual(expect.arrayContaining(['BEFORE', 'AFTER 0']));
      restored(pane);
    });

    test('while it is suspended, and takes it again when it goes on', async () => {
      const pane = watch(WIDE);
      const list = await pane.until(shown);
      process.kill(pane.pid(), 'SIGTSTP');
      await pane.until(holds('BEFORE'));
      expect(['alternate_on', 'cursor_flag', 'wrap_flag'].map((name) => pane.flag(name))).toEqual(['0', '1', '1']);
      expect(readFileSync(`/proc/${pane.pid()}/stat`, 'utf8').split(') ')[1]?.[0]).toBe('T');
      process.kill(pane.pid(), 'SIGCONT');
      expect(await pane.until(shown)).toEqual(list);
      expect(pane.flag('alternate_on')).toBe('1');
      pane.send('q');
      await pane.until(holds('AFTER 0'));
    });
  });

  test('goes to the background of a shell with Ctrl-Z and comes back with fg', async () => {
    const pane = openPane(WIDE, 'exec bash --norc -i', temp());
    panes.push(pane);
    pane.send(`${quoted(process.execPath)} ${quoted(MAIN)} watch --data-dir ${quoted(dataDir)}`, 'Enter');
    const list = await pane.until(shown);
    pane.send('C-z');
    await pane.until(holds('Stopped'));
    expect(['alternate_on', 'cursor_flag', 'wrap_flag'].map((name) => pane.flag(name))).toEqual(['0', '1', '1']);
    pane.send('fg', 'Enter');
    expect(await pane.until(shown)).toEqual(list);
    pane.send('q');
    await pane.until((lines) => pane.flag('alternate_on') === '0' && holds('fg')(lines));
  });

  test('writes nothing while nothing happens, never clears the screen, and wraps every frame as one update', async () => {
    const pane = watch(WIDE);
    await pane.until(shown);
    await pause(1500);
    const before = pane.bytes();
    await pause(3000);
    expect(pane.bytes()).toBe(before);
    for (const key of ['j', 'j', 'Enter', 'j', 'Escape', 's', 's']) {
      pane.send(key);
      await pause(150);
    }
    pane.send('j');
    await pause(300);
    const text = pane.sent();
    const esc = String.fromCharCode(27);
    for (const clear of ['[2J', '[3J', '[J', 'c']) expect(text.split(esc + clear).length - 1, clear).toBe(0);
    const begun = text.split(`${esc}[?2026h`).length - 1;
    expect(begun).toBeGreaterThan(5);
    expect(text.split(`${esc}[?2026l`).length - 1).toBe(begun);
  });
});
