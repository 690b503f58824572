/**
 * The one place where logging is set up. A line is one event with a code of the closed list and a flat detail; JSON for machines, a short line
 * for people. Nothing that was sent to the server is ever in it, and nothing that happens to the log happens to the server.
 */
import { openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import picocolors from 'picocolors';
import { pino } from 'pino';
import { LogError } from './errors.ts';
import { createFileSink, createStreamSink, type LineSink } from './line-sink.ts';
import { type Detail, errorCodeOf, safeDetail } from './log-detail.ts';
import { LOG_LEVELS, type LogEvent, type LogLevel } from './log-events.ts';

export interface LoggingOptions {
  readonly level: LogLevel | 'silent';
  readonly format: 'json' | 'human';
  /** A path is appended to, its file readable by its owner only; a stream that is a file of the system is written to off the event loop. */
  readonly to: string | Writable;
  readonly colors?: boolean;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: () => number;
}

export interface Log {
  write(level: LogLevel, event: LogEvent, detail?: Detail): void;
  /** Whether lines of this level are written: for details that cost something. */
  enabled(level: LogLevel): boolean;
  /** Lines that could not be written. */
  readonly dropped: number;
}

export interface Logging extends Log {
  /** Waits a moment for lines that are not written yet. */
  close(): Promise<void>;
}

export const NO_LOG: Log = { write: () => {}, enabled: () => false, dropped: 0 };

/** Throws `log_unwritable` where the file cannot be opened, before anything else has happened. */
export function configureLogging(options: LoggingOptions): Logging {
  const { now = Date.now } = options;
  const sink = sinkOf(options);
  const human = options.format === 'human' ? humanLines(options.colors ?? false) : null;
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => sink.write(human === null ? line : human(line)) },
  );
  return {
    write: (level, event, detail = {}) => logger[level]({ code: event, ...safeDetail(detail) }),
    enabled: (level) => logger.isLevelEnabled(level),
    get dropped() {
      return sink.dropped;
    },
    close: () => sink.close(),
  };
}

function sinkOf({ to, format, now = Date.now }: LoggingOptions): LineSink {
  const droppedLine = (count: number) => {
    const line = `${JSON.stringify({ level: 'warn', time: new Date(now()).toISOString(), code: 'log_lines_dropped' satisfies LogEvent, lines: count })}\n`;
    return format === 'human' ? humanLines(false)(line) : line;
  };
  if (typeof to === 'string') return createFileSink({ fd: openLog(to), owned: true, droppedLine });
  const fd = 'fd' in to && typeof to.fd === 'number' ? to.fd : null;
  return fd === null ? createStreamSink(to) : createFileSink({ fd, owned: false, droppedLine });
}

function openLog(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    throw new LogError('log_unwritable', `expected a file that can be written at \`${path}\`, found ${errorCodeOf(error)}`);
  }
}

/** `18:04:11 warn clock_jump fromMs=… toMs=…` from a JSON line of our own. */
function humanLines(colors: boolean): (line: string) => string {
  const { dim, red, yellow, bold } = picocolors.createColors(colors);
  const paint: Readonly<Record<LogLevel, (text: string) => string>> = {
    trace: dim,
    debug: dim,
    info: (text) => text,
    warn: yellow,
    error: red,
  };
  return (line) => {
    const { level, time, code, ...detail } = JSON.parse(line) as { level: LogLevel; time: string; code: string } & Detail; // written by pino, above
    const known = LOG_LEVELS.includes(level) ? level : 'info';
    const pairs = Object.entries(detail).map(([name, value]) => `${dim(`${name}=`)}${forPeople(value)}`);
    return `${[dim(time.slice(11, 19)), paint[known](known.padEnd(5)), bold(code), ...pairs].join(' ')}\n`;
  };
}

/** A fingerprint is known by its beginning; what has blanks in it is quoted. */
function forPeople(value: Detail[string]): string {
  if (typeof value !== 'string') return String(value);
  if (/^[0-9a-f]{64}$/.test(value)) return `${value.slice(0, 12)}…`;
  return /[\s"=]/.test(value) ? JSON.stringify(value) : value;
}
