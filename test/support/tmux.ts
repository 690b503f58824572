/**
 * A real terminal for tests: a private tmux server with one pane of a fixed size. Where tmux is not installed a test that needs it is skipped,
 * said aloud and counted; with OPTIKAL_REQUIRE_COMPONENTS=1, as in CI, it fails.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from './serve-process.ts';

const POLL_MS = 50;
const PATIENCE_MS = 60_000;

export function hasTmux(): boolean {
  if (spawnSync('tmux', ['-V']).status === 0) return true;
  if (process.env.OPTIKAL_REQUIRE_COMPONENTS === '1')
    throw new Error('tmux is not installed, or unset OPTIKAL_REQUIRE_COMPONENTS to skip what needs it');
  console.warn('SKIPPED: tmux is not installed: install it to run these tests');
  return false;
}

export interface Pane {
  /** The lines of the screen, blanks at their ends left out. */
  lines(): string[];
  /** Waits until the screen is as wanted; throws with what is on it. */
  until(wanted: (lines: readonly string[]) => boolean): Promise<string[]>;
  send(...keys: readonly string[]): void;
  resize(columns: number, rows: number): void;
  /** A variable of tmux: alternate_on, cursor_flag, wrap_flag, pane_pid. */
  flag(name: string): string;
  /** Bytes that the pane was sent since it began. */
  bytes(): number;
  sent(): string;
  kill(): void;
}

let panes = 0;

/** `script` is run by sh; `folder` keeps what the pane is sent. */
export function openPane({ columns, rows }: { columns: number; rows: number }, script: string, folder: string): Pane {
  const socket = `optikal-${process.pid}-${panes++}`;
  const log = join(folder, `${socket}.log`);
  const tmux = (...args: readonly string[]) => execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' });
  // The shell waits until what it sends is kept from its first byte on.
  const waiting = `until [ -e '${log}' ]; do sleep 0.05; done; ${script}`;
  tmux('new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, '-e', 'TERM=tmux-256color', `sh -c ${quoted(waiting)}`);
  tmux('set-option', '-g', 'status', 'off');
  tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`);
  tmux('pipe-pane', '-O', `cat > '${log}'`);
  const lines = () =>
    tmux('capture-pane', '-p')
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => line.trimEnd());
  return {
    lines,
    async until(wanted) {
      // Twice the same: tmux shows a frame that it has half of.
      let before = '';
      for (let waited = 0; ; waited += POLL_MS) {
        const now = lines();
        const whole = now.join('\n');
        if (wanted(now) && whole === before) return now;
        before = whole;
        if (waited > PATIENCE_MS) throw new Error(`the screen never was as wanted; it is:\n${now.join('\n')}`);
        await pause(POLL_MS);
      }
    },
    send: (...keys) => void tmux('send-keys', ...keys),
    resize: (width, height) => void tmux('resize-window', '-x', `${width}`, '-y', `${height}`),
    flag: (name) => tmux('display-message', '-p', `#{${name}}`).trim(),
    bytes: () => (existsSync(log) ? statSync(log).size : 0),
    sent: () => readFileSync(log, 'utf8'),
    kill: () => void spawnSync('tmux', ['-L', socket, 'kill-server']),
  };
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
