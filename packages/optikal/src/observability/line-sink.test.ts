import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createFileSink, createStreamSink } from './line-sink.ts';

const droppedLine = (count: number) => `dropped ${count}\n`;
type Done = (error: NodeJS.ErrnoException | null, written: number) => void;

/** A sink whose writes end when the test says so. */
function scripted(options: { bufferChars?: number } = {}) {
  const calls: { text: string; done: Done }[] = [];
  const writeTo = (bytes: Buffer, done: Done) => void calls.push({ text: bytes.toString(), done });
  const sink = createFileSink({ fd: -1, owned: false, droppedLine, writeTo, ...options });
  const failed = (code: string) => Object.assign(new Error(code), { code });
  return {
    sink,
    calls,
    ok: (written?: number) => calls.at(-1)!.done(null, written ?? Buffer.byteLength(calls.at(-1)!.text)),
    fail: (code: string) => calls.at(-1)!.done(failed(code), 0),
  };
}

function fakeTime() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
}

describe('createFileSink', () => {
  it('writes lines in order, one write at a time, what came meanwhile together', () => {
    const { sink, calls, ok } = scripted();
    for (const line of ['a\n', 'b\n', 'c\n']) sink.write(line);
    expect(calls.map(({ text }) => text)).toEqual(['a\n']);
    ok();
    expect(calls.map(({ text }) => text)).toEqual(['a\n', 'b\nc\n']);
    ok();
    expect([calls.length, sink.dropped]).toEqual([2, 0]);
  });

  it('writes the rest of what was written in part, and waits for a pipe that is full', () => {
    fakeTime();
    const { sink, calls, ok, fail } = scripted();
    sink.write('abc\n');
    ok(1);
    expect(calls.at(-1)!.text).toBe('bc\n');
    fail('EAGAIN');
    expect(calls).toHaveLength(2);
    vi.advanceTimersByTime(50);
    expect(calls.at(-1)!.text).toBe('bc\n');
    ok();
    expect(sink.dropped).toBe(0);
  });

  it('drops and counts what does not fit, and tells of it once', () => {
    const { sink, calls, ok } = scripted({ bufferChars: 4 });
    for (const line of ['a\n', 'b\n', 'c\n', 'd\n', 'e\n']) sink.write(line);
    expect(sink.dropped).toBe(2);
    ok();
    expect(calls.at(-1)!.text).toBe('dropped 2\n');
    ok();
    expect(calls.at(-1)!.text).toBe('b\nc\n');
    ok();
    sink.write('f\n');
    expect(calls.at(-1)!.text).toBe('f\n');
  });

  it('goes on when a disk has space again, on a line of its own', () => {
    fakeTime();
    const { sink, calls, ok, fail } = scripted();
    sink.write('ab\n');
    sink.write('cd\n');
    ok(1);
    fail('ENOSPC');
    expect(sink.dropped).toBe(1);
    vi.advanceTimersByTime(1000);
    expect(calls.at(-1)!.text).toBe('\ndropped 1\n');
    fail('ENOSPC');
    vi.advanceTimersByTime(1000);
    expect(calls.at(-1)!.text).toBe('\ndropped 1\n');
    ok();
    expect(calls.at(-1)!.text).toBe('cd\n');
    expect(sink.dropped).toBe(1);
  });

  it('gives up for good when the reader has left, and still counts', async () => {
    const { sink, calls, fail } = scripted();
    for (const line of ['a\n', 'b\n', 'c\n']) sink.write(line);
    fail('EPIPE');
    sink.write('d\n');
    expect([calls.length, sink.dropped]).toEqual([1, 4]);
    await sink.close();
  });

  it('does not hold up a close when nothing can be written', async () => {
    const { sink, calls } = scripted();
    sink.write('a\n');
    await sink.close();
    expect(calls).toHaveLength(1);
  });

  it('appends to a file, and closes it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'optikal-sink-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (let n = 0; n < 2; n++) {
      const sink = createFileSink({ fd: openSync(join(folder, 'log'), 'a'), owned: true, droppedLine });
      for (let line = 0; line < 500; line++) sink.write(`${n} ${line} ${'x'.repeat(200)}\n`);
      await sink.close();
    }
    expect(readFileSync(join(folder, 'log'), 'utf8').split('\n')).toHaveLength(1001);
  });

  it.skipIf(!existsSync('/dev/full'))('survives a device that is full', async () => {
    const fd = openSync('/dev/full', 'w');
    onTestFinished(() => closeSync(fd));
    const sink = createFileSink({ fd, owned: false, droppedLine });
    sink.write('a\n');
    while (sink.dropped === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await sink.close();
    expect(sink.dropped).toBe(1);
  });
});

describe('createStreamSink', () => {
  it('drops what a stream cannot take any more, and survives its end', () => {
    const stream = new PassThrough();
    const sink = createStreamSink(stream);
    sink.write('a\n');
    stream.destroy(new Error('gone'));
    sink.write('b\n');
    expect(sink.dropped).toBe(1);
  });
});
