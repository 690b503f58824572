import { describe, expect, test } from 'vitest';
import { parseTruthText } from './truth.ts';

const LINE = {
  agent: 'agent-1',
  taskId: 'task-1',
  callId: null,
  startMs: 1_795_521_600_000,
  endMs: 1_795_521_660_000,
  threat: 'data_exfiltration',
  intensity: 'moderate',
  campaign: null,
  exposure: 1,
  acted: 0,
  exclude: 0,
};

describe('a line of truth', () => {
  test('is taken as it stands', () => {
    expect(parseTruthText(JSON.stringify(LINE))).toEqual({ ok: true, truth: LINE });
    expect(parseTruthText(JSON.stringify({ ...LINE, tenant: 'acme' }))).toMatchObject({ ok: true });
  });

  test.each([
    [{ threat: 'mischief' }, '/threat', /^expected one of credential_abuse, .*found a string of 8 characters$/],
    [{ acted: 2 }, '/acted', /^expected one of 0, 1, found 2$/],
    [{ agent: 'a|b' }, '/agent', /^expected a string of 1 to 128 characters/],
    [{ taskId: undefined }, '/taskId', /^expected the field, found nothing$/],
    [{ startMs: 0 }, '/startMs', /^expected an integer from 946684800000 to 4102444800000, found 0$/],
  ])('with %j is refused at its field', (change, field, message) => {
    expect(parseTruthText(JSON.stringify({ ...LINE, ...change }))).toEqual({ ok: false, field, message: expect.stringMatching(message) });
  });

  test('that is not a JSON object is refused', () => {
    expect(parseTruthText('{"agent"')).toEqual({ ok: false, field: '', message: 'expected one JSON object' });
    expect(parseTruthText('[]')).toEqual({ ok: false, field: '', message: 'expected an object, found an array' });
  });
});
