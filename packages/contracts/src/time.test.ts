import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTime } from './time.ts';

describe('a time', () => {
  test.each([
    ['2026-11-24T12:00:00Z', Date.UTC(2026, 10, 24, 12)],
    ['2026-11-24t12:00:00z', Date.UTC(2026, 10, 24, 12)],
    ['2026-11-24T12:00:00.5+05:30', Date.UTC(2026, 10, 24, 6, 30, 0, 500)],
    ['2026-11-24T23:30:00-01:00', Date.UTC(2026, 10, 25, 0, 30)],
    ['2026-11-24T12:00:00.123999999Z', Date.UTC(2026, 10, 24, 12, 0, 0, 123)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2000-01-01T00:00:00Z', Date.UTC(2000, 0, 1)],
    ['2099-12-31T23:59:59.999Z', Date.UTC(2100, 0, 1) - 1],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['2017-01-01T00:59:60+01:00', Date.UTC(2017, 0, 1)],
  ])('%s is read', (text, expected) => {
    expect(parseTime(text)).toBe(expected);
  });

  test.each([
    '2026-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-13-10T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:61Z',
    '2026-01-01T12:00:60Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+01:60',
    '2026-01-01T00:00:00',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00Z',
    '2026-01-01T00:00:00.Z',
    '1999-12-31T23:59:59Z',
    '2100-01-01T00:00:00Z',
    '+02026-01-01T00:00:00Z',
    '2026-01-01T00:00:00Z ',
    '',
  ])('`%s` is refused', (text) => {
    expect(parseTime(text)).toBeNull();
  });

  test('is the one that toISOString wrote', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) - 1 }), (timeMs) => {
        expect(parseTime(new Date(timeMs).toISOString())).toBe(timeMs);
      }),
    );
  });
});
