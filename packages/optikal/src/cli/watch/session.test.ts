/** The session with streams of our own: what is written when something breaks, and that reading goes on where it can. */
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { BusError } from '../../bus/errors.ts';
import type { Look, WatchSource } from '../../services/watch.ts';
import { NO_FILTER } from './filter.ts';
import { runSession } from './session.ts';
import { entry, status } from './test-support/samples.ts';

const LEAVE = '\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l';
const OPENED: Look = { kind: 'opened', status: status(), newest: 5 };

function start(source: Partial<WatchSource>, isOpen: () => boolean = () => true) {
  const stdin = new PassThrough();
  let written = '';
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString();
      done();
    },
  });
  const stop = new AbortController();
  const whole: WatchSource = {
    name: 'var/',
    look: () => ({ kind: 'same' }),
    newer: (after) => ({ entries: [], cursor: after, complete: true }),
    older: (before) => ({ entries: [], cursor: before, complete: true }),
    count: () => false,
    close: () => {},
    ...source,
    get ready() {
      return isOpen();
    },
    open: () => null,
  };
  const io = {
    stdin,
    stdout,
    stderr: stdout,
    env: { NO_COLOR: '1' },
    terminal: { stdout: true, stderr: true },
    columns: () => 80,
    stop: () => stop.signal,
  };
  return { ended: runSession(io, whole, NO_FILTER), stdin, written: () => written, stop };
}

async function until(wanted: () => boolean): Promise<void> {
  while (!wanted()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a session', () => {
  test.each([
    [
      'while it reads',
      {
        look: () => OPENED,
        older: () => {
          throw new TypeError('a defect');
        },
      },
    ],
    [
      'while it looks',
      {
        look: () => {
          throw new TypeError('a defect');
        },
      },
    ],
    ['while it draws', { look: (): Look => ({ ...OPENED, status: { ...status(), alerts: null as never } }) }], // no source gives this
  ])('that fails %s gives the terminal back before it says why', async (_, source) => {
    const { ended, written } = start(source);
    await expect(ended).rejects.toThrow(TypeError);
    expect(written().endsWith(LEAVE)).toBe(true);
  });

  test('shows what a disk does to it, closes what it read from, and goes on with the next look', async () => {
    let [broken, open, closed] = [true, false, 0];
    const { ended, stdin, written } = start(
      {
        look: () => {
          if (open) return { kind: 'same' };
          open = true;
          return OPENED;
        },
        older: (before) => {
          if (broken) throw new BusError('bus_io', 'var/bus.db: disk I/O error');
          return { entries: [entry(1)], cursor: before, complete: true };
        },
        close: () => {
          open = false;
          closed++;
        },
      },
      () => open,
    );
    await until(() => written().includes('bus_io: var/bus.db: disk I/O error'));
    expect(closed).toBe(1);
    broken = false;
    await until(() => written().includes('agent-1'));
    stdin.write('q');
    expect(await ended).toBe(0);
    expect(written().endsWith(LEAVE)).toBe(true);
  });

  test('ends on a stop with its code, and on a key that comes in two parts goes on', async () => {
    const { ended, stdin, stop, written } = start({ look: () => OPENED });
    stdin.write('\x1b');
    stdin.write('[6~');
    await until(() => written().includes('no alerts'));
    stop.abort();
    expect(await ended).toBe(130);
  });

  test('asks the clipboard of the terminal for the explain command on a key, never by itself', async () => {
    let open = true;
    const looks: Look[] = [OPENED];
    const { ended, stdin, written } = start(
      { look: () => looks.shift() ?? { kind: 'same' }, older: (before) => ({ entries: [entry(1)], cursor: before, complete: true }) },
      () => open,
    );
    await until(() => written().includes('agent-1'));
    open = false;
    stdin.write('\r');
    await until(() => written().includes('reading'));
    expect(written()).not.toContain('\x1b]52');
    stdin.write('c');
    stdin.write('q');
    expect(await ended).toBe(0);
    const [, sent = ''] = written().split('\x1b]52;c;');
    expect(Buffer.from(sent.slice(0, sent.indexOf('\x07')), 'base64').toString()).toBe(`optikal explain ${entry(1).id} --data-dir var/`);
  });
});
