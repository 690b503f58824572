import { describe, expect, test, vi } from 'vitest';
import { EVENT_ERRORS, type EventErrorCode } from './errors.ts';
import { toCloudEvent } from './event.ts';
import { MAX_EVENT_BYTES } from './ids.ts';
import { RAW_METRICS } from './metrics.ts';
import { type ParseResult, parseEvent, parseEventText } from './parse.ts';
import { CALL, LIFECYCLES, METRICS, TYPES, wire, wireWith } from './test-support/messages.ts';

const METRICS_TYPE = 'argus.agent.metrics.v1';

function refused(result: ParseResult): { code: EventErrorCode; field: string; message: string } {
  if (result.ok) throw new Error('expected a refusal');
  return result.error;
}

function accepted(result: ParseResult): Extract<ParseResult, { ok: true }> {
  if (!result.ok) throw new Error(`expected an event, found ${JSON.stringify(result.error)}`);
  return result;
}

describe('the mark of a wrong clock', () => {
  test.each([
    [true, true],
    ['true', true],
    [false, undefined],
    ['false', undefined],
    [undefined, undefined],
  ])('%s is read as %s', (skewed, expected) => {
    const { event, unknownFields } = accepted(parseEvent(wire(METRICS_TYPE, { skewed })));
    expect([event.skewed, 'skewed' in event, unknownFields]).toEqual([expected, expected !== undefined, 0]);
    expect(parseEvent(toCloudEvent(event))).toEqual({ ok: true, event, unknownFields: 0 });
  });

  test('is refused where it is neither true nor false', () => {
    expect(refused(parseEvent(wire(METRICS_TYPE, { skewed: 'yes' })))).toMatchObject({ code: 'envelope_invalid', field: '/skewed' });
  });
});

describe('an event', () => {
  test.each(TYPES)('of type %s is taken as it stands', (type) => {
    const message = wire(type);
    expect(accepted(parseEventText(JSON.stringify(message)))).toEqual({
      ok: true,
      unknownFields: 0,
      event: {
        id: 'event-1',
        source: 'asr/host-1',
        type,
        tenant: 'acme',
        agent: 'agent-1',
        timeMs: Date.UTC(2026, 10, 24, 12, 1, 0, 250),
        session: 'session-1',
        task: 'task-1',
        correlation: '0af7651916cd43dd8448eb211c80319c',
        sequence: '00017',
        data: message.data,
      },
    });
  });

  test.each(LIFECYCLES.map((data) => [data.kind, data] as const))('of the lifecycle kind %s is taken', (_, data) => {
    expect(accepted(parseEvent(wire('argus.agent.lifecycle.v1', { data }))).event.data).toEqual(data);
  });

  test.each(RAW_METRICS.map(({ name }) => name))('may leave %s unobserved', (name) => {
    const { event } = accepted(parseEvent(wireWith(METRICS_TYPE, { metrics: { ...METRICS, [name]: null } })));
    expect(event.data).toMatchObject({ metrics: { [name]: null } });
  });

  test('without the optional attributes has nulls and the default tenant', () => {
    const { tenant: _t, sessionid: _s, taskid: _k, correlationid: _c, sequence: _q, datacontenttype: _d, ...bare } = wire(METRICS_TYPE);
    expect(accepted(parseEvent(bare)).event).toMatchObject({
      tenant: 'default',
      session: null,
      task: null,
      correlation: null,
      sequence: null,
    });
  });

  test('of one moment is taken', () => {
    expect(parseEvent(wireWith(METRICS_TYPE, { windowEndMs: 1_795_521_600_000 })).ok).toBe(true);
  });

  test('belongs to the tenant of the credential', () => {
    const { tenant: _, ...silent } = wire(METRICS_TYPE);
    expect(accepted(parseEvent(silent, 'beta')).event.tenant).toBe('beta');
    expect(accepted(parseEvent(wire(METRICS_TYPE), 'acme')).event.tenant).toBe('acme');
  });

  test('has equal bytes whatever the order of its fields', () => {
    const message = wire(METRICS_TYPE);
    const turned = { ...message, data: Object.fromEntries(Object.entries(message.data).reverse()) };
    expect(JSON.stringify(accepted(parseEvent(turned)).event)).toBe(JSON.stringify(accepted(parseEvent(message)).event));
  });
});

describe('the correlation', () => {
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const of = (traceparent: unknown, correlationid?: string): unknown =>
    accepted(parseEvent(wire(METRICS_TYPE, { traceparent, correlationid }))).event.correlation;

  test('comes from traceparent where none is given', () => {
    expect(of(`00-${trace}-b7ad6b7169203331-01`)).toBe(trace);
    expect(of(`cc-${trace}-b7ad6b7169203331-01-what-the-future-adds`)).toBe(trace);
    expect(of(`00-${trace}-b7ad6b7169203331-01`, 'own')).toBe('own');
  });

  test.each([
    ['the version ff', `ff-${trace}-b7ad6b7169203331-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['a span id of zeros', `00-${trace}-${'0'.repeat(16)}-01`],
    ['more behind version 00', `00-${trace}-b7ad6b7169203331-01-more`],
    ['upper case', `00-${trace.toUpperCase()}-b7ad6b7169203331-01`],
    ['no string', 7],
  ])('does not come from a traceparent with %s', (_, traceparent) => {
    expect(of(traceparent)).toBeNull();
  });
});

describe('a refusal', () => {
  const deep = `{"a":${'['.repeat(40)}${']'.repeat(40)}}`;
  const cases: readonly (readonly [EventErrorCode, string, () => ParseResult])[] = [
    ['invalid_json', '', () => parseEventText('{"specversion": ')],
    ['too_large', '', () => parseEventText(' '.repeat(MAX_EVENT_BYTES + 1))],
    ['too_deep', '', () => parseEventText(deep)],
    ['not_an_object', '', () => parseEventText('[1]')],
    ['not_an_object', '', () => parseEvent(null)],
    ['envelope_invalid', '/specversion', () => parseEvent(wire(METRICS_TYPE, { specversion: '0.3' }))],
    ['envelope_invalid', '/id', () => parseEvent(wire(METRICS_TYPE, { id: '' }))],
    ['envelope_invalid', '/id', () => parseEvent(wire(METRICS_TYPE, { id: 'x'.repeat(257) }))],
    ['envelope_invalid', '/source', () => parseEvent(wire(METRICS_TYPE, { source: 5 }))],
    ['envelope_invalid', '/sessionid', () => parseEvent(wire(METRICS_TYPE, { sessionid: 'a\u001b[2Jb' }))],
    ['envelope_invalid', '/taskid', () => parseEvent(wire(METRICS_TYPE, { taskid: 'lone \ud800' }))],
    ['envelope_invalid', '/sequence', () => parseEvent(wire(METRICS_TYPE, { sequence: 17 }))],
    ['agent_id_invalid', '/subject', () => parseEvent(wire(METRICS_TYPE, { subject: 'acme|agent' }))],
    ['agent_id_invalid', '/subject', () => parseEvent(wire(METRICS_TYPE, { subject: 'a'.repeat(129) }))],
    ['agent_id_invalid', '/subject', () => parseEvent(wire(METRICS_TYPE, { subject: undefined }))],
    ['tenant_id_invalid', '/tenant', () => parseEvent(wire(METRICS_TYPE, { tenant: 'a|b' }))],
    ['tenant_forbidden', '/tenant', () => parseEvent(wire(METRICS_TYPE), 'beta')],
    ['time_invalid', '/time', () => parseEvent(wire(METRICS_TYPE, { time: '2026-02-30T00:00:00Z' }))],
    ['time_invalid', '/time', () => parseEvent(wire(METRICS_TYPE, { time: 1_795_521_600_000 }))],
    ['unknown_type', '/type', () => parseEvent(wire(METRICS_TYPE, { type: 'argus.agent.mood.v1' }))],
    ['unknown_type', '/type', () => parseEvent(wire(METRICS_TYPE, { type: 'constructor' }))],
    ['unknown_version', '/type', () => parseEvent(wire(METRICS_TYPE, { type: 'argus.agent.metrics.v2' }))],
    [
      'metric_out_of_range',
      '/data/metrics/hour_of_day',
      () => parseEvent(wireWith(METRICS_TYPE, { metrics: { ...METRICS, hour_of_day: 24 } })),
    ],
    ['too_many_calls', '/data/calls', () => parseEvent(wireWith(METRICS_TYPE, { calls: Array.from({ length: 513 }, () => CALL) }))],
    ['data_invalid', '/data/windowEndMs', () => parseEvent(wireWith(METRICS_TYPE, { windowEndMs: 1_795_521_599_999 }))],
    ['data_invalid', '/data/calls/0/tool', () => parseEvent(wireWith(METRICS_TYPE, { calls: [{ ...CALL, tool: 'lone \udc00' }] }))],
    ['data_invalid', '/data/metrics/error_count', () => parseEvent(wireWith(METRICS_TYPE, { metrics: { ...METRICS, error_count: '3' } }))],
    ['data_invalid', '/data/kind', () => parseEvent(wire('argus.agent.lifecycle.v1', { data: { kind: 'sleeps' } }))],
    ['data_invalid', '/data', () => parseEvent(wire(METRICS_TYPE, { data: undefined }))],
  ];

  test.each(cases)('%s names the field `%s`', (code, field, parse) => {
    expect(refused(parse())).toMatchObject({ code, field });
  });

  test('exists for each code that parsing can produce', () => {
    const later = ['duplicate_id_conflict', 'clock_ahead', 'open_windows_exceeded', 'window_records_exceeded', 'key_mismatch'];
    expect(new Set([...cases.map(([code]) => code), ...later])).toEqual(new Set(Object.keys(EVENT_ERRORS)));
  });

  test.each(RAW_METRICS.map((metric) => [metric.name, metric] as const))(
    'of %s outside its range names range and value',
    (name, metric) => {
      for (const value of [metric.minimum - 0.5, metric.maximum + 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        const error = refused(parseEvent(wireWith(METRICS_TYPE, { metrics: { ...METRICS, [name]: value } })));
        expect(error).toEqual({
          code: 'metric_out_of_range',
          field: `/data/metrics/${name}`,
          message: `expected ${metric.minimum} to ${metric.maximum}, found ${value}`,
        });
      }
    },
  );

  test('of a line of 10 MB does not read it', () => {
    const read = vi.spyOn(JSON, 'parse');
    const scan = vi.spyOn(String.prototype, 'charCodeAt');
    try {
      expect(refused(parseEventText('x'.repeat(10_000_000))).code).toBe('too_large');
      expect(read).not.toHaveBeenCalled();
      expect(scan).not.toHaveBeenCalled();
    } finally {
      read.mockRestore();
      scan.mockRestore();
    }
  });

  test('of size counts bytes, not characters', () => {
    const filled = (char: string, bytesEach: number): string => {
      const text = JSON.stringify(wire(METRICS_TYPE, { note: '' }));
      return text.replace('"note":""', `"note":"${char.repeat(Math.floor((MAX_EVENT_BYTES - text.length) / bytesEach))}"`);
    };
    for (const [char, bytesEach] of [
      ['a', 1],
      ['é', 2],
      ['€', 3],
      ['😀', 4],
    ] as const) {
      expect(parseEventText(filled(char, bytesEach)).ok, char).toBe(true);
      expect(refused(parseEventText(`${filled(char, bytesEach)}${' '.repeat(4)}`)).code, char).toBe('too_large');
    }
  });

  test('of depth comes from brackets alone, not from those in strings', () => {
    const inText = wire(METRICS_TYPE, { note: `${'['.repeat(100)}\\"${'{'.repeat(100)}` });
    expect(parseEventText(JSON.stringify(inText)).ok).toBe(true);
    expect(refused(parseEventText('['.repeat(200_000))).code).toBe('too_deep');
  });
});

describe('unknown fields', () => {
  const CANARY = 'canary-7f3a';

  test('are dropped and counted, wherever they stand', () => {
    const message = wireWith(METRICS_TYPE, {
      metrics: { ...METRICS, mood: CANARY },
      calls: [{ ...CALL, args: { to: CANARY, cc: CANARY } }],
      raw: [CANARY],
    });
    const { event, unknownFields } = accepted(parseEvent({ ...message, prompt: CANARY, data_base64: CANARY }));
    // args is one field, whatever it holds.
    expect(unknownFields).toBe(5);
    expect(JSON.stringify(event)).not.toContain('canary');
  });

  test('of a variant or of a nullable object are dropped too', () => {
    const lifecycle = parseEvent(wire('argus.agent.lifecycle.v1', { data: { kind: 'retire', taskId: CANARY, requestChars: 3 } }));
    expect(accepted(lifecycle)).toMatchObject({ unknownFields: 2, event: { data: { kind: 'retire' } } });
    const calls = [{ ...CALL, provenance: { ...CALL.provenance, text: CANARY } }];
    expect(JSON.stringify(accepted(parseEvent(wireWith(METRICS_TYPE, { calls }))).event)).not.toContain('canary');
  });

  test('named like parts of a prototype change nothing', () => {
    const text = JSON.stringify(wire(METRICS_TYPE)).replace(
      '"data":{',
      '"data":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},',
    );
    const { event, unknownFields } = accepted(
      parseEventText(text.replace('{"specversion"', '{"__proto__":{"tenant":"evil"},"specversion"')),
    );
    expect(unknownFields).toBe(3);
    expect(event.tenant).toBe('acme');
    expect(Object.getPrototypeOf(event.data)).toBe(Object.prototype);
    expect(Object.keys(event.data)).not.toContain('__proto__');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('and content in the wrong place are never quoted by a refusal', () => {
    const results = [
      parseEventText(`{"${CANARY}`),
      parseEvent(wire(METRICS_TYPE, { type: CANARY })),
      parseEvent(wire(METRICS_TYPE, { subject: `${CANARY} |` })),
      parseEvent(wire(METRICS_TYPE, { time: CANARY })),
      parseEvent(wireWith(METRICS_TYPE, { metrics: CANARY })),
      parseEvent(wireWith(METRICS_TYPE, { metrics: { ...METRICS, error_count: CANARY } })),
      parseEvent(wireWith(METRICS_TYPE, { calls: [{ ...CALL, argHmac: CANARY }] })),
      parseEvent(wire('argus.agent.lifecycle.v1', { data: { kind: CANARY } })),
    ];
    for (const result of results) expect(JSON.stringify(refused(result))).not.toContain('canary');
  });
});
