import { describe, expect, it } from 'vitest';
import { alertRow, T0 } from '../bus/test-support/samples.ts';
import { alertLine } from './alert-event.ts';

describe('alertLine', () => {
  const body = `{"b":1e21,"a":"ü\\u2028é","windowEndMs":${T0 + 60_000}}`;
  const row = alertRow('0f', { revision: 2, key: 'acme|agent-1', body });

  it('wraps the body in an envelope, in one line', () => {
    const line = alertLine(row, 7);
    const { data, ...envelope } = JSON.parse(line);
    expect(envelope).toEqual({
      specversion: '1.0',
      id: '0f.2',
      source: 'optikal',
      type: 'argus.threat.alerts.v1',
      subject: 'agent-1',
      time: new Date(T0 + 60_000).toISOString(),
      tenant: 'acme',
      datacontenttype: 'application/json',
      cursor: '7',
    });
    expect(data.windowEndMs).toBe(T0 + 60_000);
    expect(line).not.toContain('\n');
  });

  it('keeps the bytes of the body', () => {
    expect(alertLine(row, 7).endsWith(`,"data":${body}}`)).toBe(true);
  });

  it('has no cursor where none is given', () => {
    expect(JSON.parse(alertLine(row))).not.toHaveProperty('cursor');
  });

  it('takes the length of the window where the body does not name its end', () => {
    expect(JSON.parse(alertLine(alertRow('0f'))).time).toBe(new Date(T0 + 60_000).toISOString());
  });
});
