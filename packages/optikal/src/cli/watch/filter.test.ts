import { describe, expect, test } from 'vitest';
import { type Filter, matches, parseFilter, parseSince } from './filter.ts';
import { entry, T0 } from './test-support/samples.ts';

function filter(text: string): Filter {
  const parsed = parseFilter(text);
  if ('wrong' in parsed) throw new Error(parsed.wrong);
  return parsed.filter;
}

describe('a filter', () => {
  const alert = entry(60, { agent: 'Support-3', tenant: 'acme' });
  test.each([
    ['', true],
    ['SEND_EMAIL', true],
    ['send_email search_web', true],
    ['send_email nowhere', false],
    ['data exfiltration', true],
    [alert.id, true],
    ['agent:support', true],
    ['agent:sales', false],
    ['tenant:acme', true],
    ['tenant:acm', false],
    ['threat:exfil', true],
    ['threat:data-exfiltration', true],
    ['threat:drift', false],
    ['severity:medium', true],
    ['severity:crit', false],
    ['since:2026-01-05T09:59', true],
    ['since:2026-01-05T10:01', false],
    ['since:2026-01-05', true],
    ['since:2026-01-05T12:01+02:00', false],
    ['severity:high agent:support since:2h send', true],
    ['other:thing', false],
  ])('%j on an alert: %s', (text, expected) => {
    expect(matches(alert, filter(text), T0 + 7_200_000)).toBe(expected);
  });

  test('counts a span back from the log clock, and takes all while there is none', () => {
    expect(matches(alert, filter('since:1h'), alert.windowEndMs + 3_600_000)).toBe(false);
    expect(matches(alert, filter('since:1h'), alert.windowEndMs + 3_599_999)).toBe(true);
    expect(matches(alert, filter('since:1h'), null)).toBe(true);
  });

  test.each([
    ['severity:loud', 'severity is one of low, medium, high, critical'],
    ['threat:weather', /^threat is one of credential_abuse, /],
    ['since:yesterday', /^since: 30m/],
    ['since:2026-13-45', /^since: 30m/],
    ['agent:', 'agent: needs a value'],
  ])('refuses %s with what it expects', (text, wrong) => {
    expect(parseFilter(text)).toEqual({ wrong: expect.stringMatching(wrong) });
  });

  test('reads spans and moments', () => {
    expect(['30s', '5m', '2h', '1d'].map(parseSince)).toEqual([30_000, 300_000, 7_200_000, 86_400_000].map((agoMs) => ({ agoMs })));
    expect(parseSince('2026-01-05T09:00Z')).toEqual({ timeMs: T0 });
    expect(['', '5', 'm', '5y', 'today'].map(parseSince)).toEqual([null, null, null, null, null]);
  });
});
