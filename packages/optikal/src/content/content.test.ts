import { parseEvent, toCloudEvent } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { destinationsOf } from './destinations.ts';
import { argHmac, argHmacs } from './fingerprint.ts';
import { leavesOf } from './leaves.ts';
import { affinityOf, requestStems, toolStems } from './request.ts';
import { oracleScore, scoredEvents, validationEvents } from './validations.ts';
import { wordsOf } from './words.ts';

describe('words', () => {
  it('ignore case and punctuation, and read decimals as numbers', () => {
    expect(wordsOf("Pay 98.70 (or 100.00) to 'Élan', 192.168.1.1")).toEqual(['pay', '98.7', 'or', '100', 'to', 'élan', '192.168', '1.1']);
  });
});

describe('destinations', () => {
  it('are addresses, URLs without their scheme, and account numbers, each once, in lower case', () => {
    const text =
      'Mail Bob.Olive@Gmail.com, see https://www.A.example/x?y=1. and www.a.example/x?y=1 or CH9300762011623852957; GB29NWBK6016';
    expect(destinationsOf(text)).toEqual(['bob.olive@gmail.com', 'www.a.example/x?y=1', 'ch9300762011623852957']);
  });

  it('are not words with an at sign or seven digits', () => {
    expect(destinationsOf('a @ b, @channel, us1234567, xus12345678, awww.nice')).toEqual([]);
  });
});

describe('leaves of arguments', () => {
  it('are short strings and numbers of two digits; of longer strings only what looks like a value', () => {
    const args = { a: 'file.txt', n: 5, m: 42, flag: true, deep: [{ x: 'Apple Street 1' }], one: 'x', url: 'https://a.example/p' };
    expect(leavesOf(args).values).toEqual(['42', 'file.txt', 'Apple Street 1', 'a.example/p']);
    const long = 'Dear Bob, please look at /home/me/report.pdf and at order P045, then write to eve@evil.example or www.evil.example today';
    expect(leavesOf({ long }).values).toEqual(['eve@evil.example', 'www.evil.example', '/home/me/report.pdf', 'P045']);
    expect(leavesOf({ long }).long).toEqual([long]);
  });

  it('are at most 20 of a longer string', () => {
    expect(leavesOf(Array.from({ length: 50 }, (_, i) => `id${i}`).join(' ')).values).toHaveLength(20);
  });

  it('survive a cut in an escape, a key and a number', () => {
    expect(leavesOf('{"a": "one\\ntwo", "b": "cut here \\u00e').texts).toEqual(['one\ntwo', 'cut here']);
    expect(leavesOf('{"a": 123, "b": 45').values).toEqual(['123']);
    expect(leavesOf('{"a": "x1", "key').texts).toEqual(['x1']);
  });
});

describe('a request', () => {
  const ask = (tool: string, request: string) => affinityOf(tool, requestStems(wordsOf(request)));
  it('names a tool by the first five letters of its words, or by a synonym', () => {
    expect(toolStems('mail/sendEmail_to-the_user')).toEqual(['mail', 'send', 'email', 'user']);
    expect(ask('send_email', 'Send an e-mail to Bob')).toEqual({ affinity: 0.5, requested: 1 });
    expect(ask('schedule_transaction', 'Pay the rent on Monday')).toEqual({ affinity: 0, requested: 0.5 });
    expect(ask('delete_file', 'Remove the old report')).toEqual({ affinity: 0, requested: 1 });
    expect(ask('git_star', 'What is the weather?')).toEqual({ affinity: 0, requested: 0 });
    expect(ask('on', 'Turn it on')).toEqual({ affinity: null, requested: null });
  });
});

describe('the keyed hash of arguments', () => {
  it('is HMAC-SHA-256 of the canonical JSON, cut to 32 hex characters', () => {
    // printf '{"a":1,"b":[2]}' | openssl dgst -sha256 -hmac key
    expect(argHmac('key', { b: [2], a: 1 })).toBe('def2db1299e5d92500570e75d28d2380');
    expect(argHmac('key', { a: 1, b: [2] })).toBe(argHmac('key', { b: [2], a: 1 }));
    expect(argHmac('other', { a: 1, b: [2] })).not.toBe(argHmac('key', { a: 1, b: [2] }));
  });

  it('takes whatever an agent sends, and null for what was not observed', () => {
    const hashes = argHmacs('key', [{ args: undefined }, { args: 'cut {"a' }, { args: { s: '\ud800' } }, { args: null }]);
    expect(hashes[0]).toBeNull();
    for (const hash of hashes.slice(1)) expect(hash).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('verdicts on a recorded task', () => {
  const task = {
    agent: 'a-1',
    session: 's0',
    taskId: 't0',
    calls: [
      { callId: 't0.c0', timeMs: 1767225600000, output: 'hostile' },
      { callId: 't0.c1', timeMs: 1767225601000, output: null },
      { callId: 't0.c2', timeMs: 1767225602000, output: 'fine' },
    ],
  };

  it('stand a millisecond after each call that has an output', () => {
    const events = scoredEvents(task, (callId) => oracleScore(new Set(['t0.c0']), callId));
    expect(events.map((event) => [event.id, event.timeMs, event.data])).toMatchObject([
      ['t0.c0:output', 1767225600001, { callId: 't0.c0', verdict: 'block', score: 0.98, direction: 'tool_output' }],
      ['t0.c2:output', 1767225602001, { callId: 't0.c2', verdict: 'allow', score: 0.02 }],
    ]);
    for (const event of events) expect(parseEvent(toCloudEvent(event))).toMatchObject({ ok: true, unknownFields: 0 });
    expect(scoredEvents(task, () => null)).toEqual([]);
    expect(scoredEvents(task, () => 0.5)[0]!.data).toMatchObject({
      verdict: 'block',
      findings: [{ kind: 'prompt_injection', score: 0.5 }],
    });
  });

  it('come from any detector, and say nothing where it did not look', () => {
    const events = validationEvents(task, (_, output) => (output === 'fine' ? null : { verdict: 'redact', score: 0.7 }));
    expect(events).toHaveLength(1);
    expect(JSON.stringify(events)).not.toContain('hostile');
  });
});
