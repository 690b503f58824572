import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { safeDetail } from './log-detail.ts';
import { LOG_EVENTS, LOG_LEVELS } from './log-events.ts';
import { configureLogging, type LoggingOptions, NO_LOG } from './logging.ts';

function logged(options: Partial<LoggingOptions> = {}) {
  const lines: string[] = [];
  const to = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const log = configureLogging({ level: 'info', format: 'json', to, now: () => Date.UTC(2026, 0, 6, 9, 8, 7, 6), ...options });
  return { log, lines };
}

describe('configureLogging', () => {
  it('writes one JSON object a line: level, time, event code and detail', () => {
    const { log, lines } = logged();
    log.write('warn', 'clock_jump', { fromMs: 1, toMs: 2 });
    expect(lines).toEqual(['{"level":"warn","time":"2026-01-06T09:08:07.006Z","code":"clock_jump","fromMs":1,"toMs":2}\n']);
  });

  it('writes a short line for people, colours only where they are asked for', () => {
    const { log, lines } = logged({ format: 'human' });
    log.write('error', 'partition_stopped', { partition: 0, error: 'bundle_unloadable', note: 'two words' });
    expect(lines).toEqual(['09:08:07 error partition_stopped partition=0 error=bundle_unloadable note="two words"\n']);
    log.write('info', 'server_started', { bundle: 'ab'.repeat(32), metricsPort: null });
    expect(lines[1]).toBe('09:08:07 info  server_started bundle=abababababab… metricsPort=null\n');
    const colored = logged({ format: 'human', colors: true });
    colored.log.write('error', 'partition_stopped');
    expect(colored.lines[0]).toContain('\u001b[');
  });

  it('leaves out what is below its level', () => {
    for (const level of [...LOG_LEVELS, 'silent'] as const) {
      const { log, lines } = logged({ level });
      for (const each of LOG_LEVELS) log.write(each, 'request');
      const expected = level === 'silent' ? 0 : LOG_LEVELS.length - LOG_LEVELS.indexOf(level);
      expect([level, lines.length]).toEqual([level, expected]);
      expect(LOG_LEVELS.filter((each) => log.enabled(each))).toHaveLength(expected);
    }
    NO_LOG.write('error', 'request');
  });

  it('never writes keys, credentials, cookies, content, query strings, errors or objects', () => {
    const canary = 'canary-77';
    const { log, lines } = logged({ level: 'trace' });
    const detail: Record<string, unknown> = {
      route: `/v1/alerts?after=${canary}`,
      note: `Authorization: Bearer ${canary}`,
      other: `basic ${canary}`,
      error: new Error(canary),
      nested: { deep: canary },
      list: [canary],
      toJSON: () => canary,
    };
    for (const name of ['authorization', 'Cookie', 'set-cookie', 'apiKey', 'x-api-key', 'token', 'password', 'client_secret', 'hmac'])
      detail[name] = canary;
    for (const name of ['body', 'query', 'url', 'prompt', 'arguments', 'output', 'content', 'headers', 'agent', 'tenant', 'message'])
      detail[name] = canary;
    log.write('info', 'request', detail as Record<string, string>); // whoever steps around the types
    expect(lines.join('')).not.toContain(canary);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      route: '/v1/alerts?[redacted]',
      apiKey: '[redacted]',
      nested: '[left out]',
      error: '[left out]',
    });
  });

  it('bounds a text and keeps a line one line', () => {
    const { log, lines } = logged();
    log.write('info', 'request', { route: `${'x'.repeat(10_000)}\n\ud800`, durationMs: Number.NaN });
    expect(lines[0]!.length).toBeLessThan(2000);
    expect(lines[0]!.trimEnd()).not.toContain('\n');
    expect(safeDetail({ n: 1n, f: () => 1, u: undefined })).toEqual({ n: '1' });
  });

  it('appends to a file that only its owner reads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'optikal-log-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'serve.log');
    for (let n = 0; n < 2; n++) {
      const log = configureLogging({ level: 'info', format: 'json', to: path });
      log.write('info', 'server_stopped');
      await log.close();
    }
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(2);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => configureLogging({ level: 'info', format: 'json', to: join(folder, 'no', 'log') })).toThrow(
      expect.objectContaining({ code: 'log_unwritable' }),
    );
  });

  it('has a meaning for each event, in lower case and without a full stop', () => {
    for (const [code, meaning] of Object.entries(LOG_EVENTS)) {
      expect(code).toMatch(/^[a-z][a-z_]*$/);
      expect(meaning, code).toMatch(/^[a-z][^\n]*[^.\s]$/);
    }
  });
});
