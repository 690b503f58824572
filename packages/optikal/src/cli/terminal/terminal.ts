/**
 * The terminal while a full screen is shown: raw keys in, frames out, and everything back as it was on every way out: a quit, an exception, a
 * signal, a suspension. At most one write a frame and some frames a second; none while the terminal has not taken the last one.
 */
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { type DecodedKeys, decodeKeys, flushed } from './keys.ts';
import { frameDiff } from './screen.ts';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface TerminalOptions {
  readonly input: Readable & { setRawMode?(raw: boolean): unknown };
  readonly output: Writable & { readonly columns?: number; readonly rows?: number };
  readonly onInput: (input: DecodedKeys['inputs'][number]) => void;
  readonly onResize: (size: TerminalSize) => void;
  /** The lines of the frame that is due. */
  readonly frame: () => { readonly lines: readonly string[]; readonly columns: number };
}

export interface Terminal {
  readonly size: () => TerminalSize;
  /** A frame is due: it is drawn now, or when the last one is old enough. */
  draw(): void;
  /** Every line anew, whatever the screen holds. */
  repaint(): void;
  /** Puts a text into the clipboard where the terminal allows it (OSC 52). */
  copy(text: string): void;
  suspend(): void;
  close(): void;
}

/** Alternate screen, no cursor, no wrapping at the right edge, pastes marked. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h';
const LEAVE = '\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l';
/** 15 frames a second. */
const FRAME_MS = 67;
/** An escape that begins a sequence is followed by the rest of it within this, also over a slow line. */
const ESCAPE_MS = 50;
/** A process group without a job control shell does not stop: then it goes on at once. */
const RESUME_MS = 100;

export function openTerminal({ input, output, onInput, onResize, frame }: TerminalOptions): Terminal {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let waiting: NodeJS.Timeout | null = null;
  let resuming: NodeJS.Timeout | null = null;
  let timer: NodeJS.Timeout | null = null;
  let shown: readonly string[] | null = null;
  let drawnMs = Number.NEGATIVE_INFINITY;
  let active = false;
  let blocked = false;

  const size = (): TerminalSize => ({ columns: Math.max(1, output.columns ?? 80), rows: Math.max(1, output.rows ?? 24) });

  const render = () => {
    timer = null;
    if (!active || blocked) return;
    const { lines, columns } = frame();
    const text = frameDiff(shown, lines, columns);
    shown = lines;
    if (text === '') return;
    drawnMs = performance.now();
    blocked = !output.write(text);
  };
  const draw = () => {
    if (!active || blocked || timer !== null) return;
    const waitMs = drawnMs + FRAME_MS - performance.now();
    if (waitMs <= 0) render();
    else timer = setTimeout(render, waitMs);
  };
  const repaint = () => {
    shown = null;
    draw();
  };
  const onDrain = () => {
    blocked = false;
    draw();
  };
  const onData = (chunk: Buffer) => {
    if (waiting !== null) clearTimeout(waiting);
    waiting = null;
    const decoded = decodeKeys(rest + decoder.write(chunk));
    rest = decoded.rest;
    for (const one of decoded.inputs) onInput(one);
    if (rest === '') return;
    waiting = setTimeout(() => {
      const left = flushed(rest);
      // A paste that is under way goes on.
      if (left.length > 0 || !rest.includes('[200~')) rest = '';
      for (const one of left) onInput(one);
    }, ESCAPE_MS);
  };
  const onSize = () => {
    shown = null;
    onResize(size());
  };
  const enter = () => {
    if (active) return;
    active = true;
    input.setRawMode?.(true);
    shown = null;
    blocked = !output.write(ENTER);
    onSize();
  };
  const leave = () => {
    if (!active) return;
    active = false;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    output.write(LEAVE);
    input.setRawMode?.(false);
  };
  const resume = () => {
    enter();
    draw();
  };
  /** Somebody else suspends us alone: what his signal would have done is done once the screen is back. */
  const onTstp = () => {
    leave();
    process.kill(process.pid, 'SIGSTOP');
  };
  const suspend = () => {
    leave();
    process.off('SIGTSTP', onTstp);
    // The shell waits for the whole job, which a launcher in front of us belongs to.
    process.kill(0, 'SIGTSTP');
    resuming = setTimeout(() => {
      process.on('SIGTSTP', onTstp);
      resume();
    }, RESUME_MS);
  };

  const close = () => {
    leave();
    // Closed right after it came back: what would take the screen again must not.
    if (resuming !== null) clearTimeout(resuming);
    if (waiting !== null) clearTimeout(waiting);
    input.off('data', onData);
    input.pause();
    output.off('drain', onDrain).off('resize', onSize);
    process.off('SIGTSTP', onTstp).off('SIGCONT', resume).off('exit', leave);
  };
  input.on('data', onData);
  input.resume();
  output.on('drain', onDrain).on('resize', onSize);
  process.on('SIGTSTP', onTstp).on('SIGCONT', resume).on('exit', leave);
  enter();
  return {
    size,
    draw,
    repaint,
    copy: (text) => void output.write(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`),
    suspend,
    close,
  };
}
