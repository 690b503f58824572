/** docs/messages.md: every message type has a sample, and every sample is accepted. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { ControlSchema, type EventType, parseEvent, parseTruthText, ThreatAlertSchema } from './index.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(ROOT, 'docs/messages.md'), 'utf8');
const samples = [...page.matchAll(/^```jsonc (\S+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, kind, type, text], i) => ({
  title: `${i + 1}: ${kind} ${type ?? ''}`.trim(),
  kind: kind!,
  type: type ?? '',
  value: JSON.parse(plain(text!)) as Record<string, unknown>,
}));

/** JSON without comments and trailing commas; no sample has two slashes inside a string. */
function plain(text: string): string {
  return text.replace(/ *\/\/.*$/gm, '').replace(/,(\s*[}\]])/g, '$1');
}

/** `satisfies` holds the list to the type: one type more or less does not compile. */
const TYPES = Object.keys({
  'argus.agent.metrics.v1': 0,
  'argus.call.provenance.v1': 0,
  'argus.io.validation.v1': 0,
  'argus.security.violations.v1': 0,
  'argus.policy.decisions.v1': 0,
  'argus.agent.lifecycle.v1': 0,
} satisfies Record<EventType, 0>);

const envelope = (type: string, data: unknown) => ({
  specversion: '1.0',
  id: '1',
  source: 'docs',
  type,
  subject: 'support-3',
  time: '2026-01-05T10:00:03Z',
  datacontenttype: 'application/json',
  data,
});

describe('docs/messages.md', () => {
  test('has a heading and a sample for each type of message', () => {
    for (const type of TYPES) {
      expect(page).toContain(`\n## ${type}\n`);
      expect(samples.some((sample) => sample.kind === 'data' && sample.type === type)).toBe(true);
    }
    expect(new Set(samples.map(({ kind }) => kind))).toEqual(new Set(['event', 'data', 'alert', 'control', 'truth']));
  });

  test.each(samples.map((sample) => [sample.title, sample] as const))('sample %s is accepted as it stands', (_, { kind, type, value }) => {
    if (kind === 'event' || kind === 'data') {
      const parsed = parseEvent(kind === 'event' ? value : envelope(type, value));
      expect(parsed.ok ? null : parsed.error).toBeNull();
      expect(parsed).toMatchObject({ unknownFields: 0 });
    } else if (kind === 'truth') expect(parseTruthText(JSON.stringify(value))).toMatchObject({ ok: true });
    else expect([...Compile(kind === 'alert' ? ThreatAlertSchema : ControlSchema).Errors(value)]).toEqual([]);
  });

  test('says what its alert adds up to', () => {
    const alert = samples.find(({ kind }) => kind === 'alert')!.value as unknown as {
      baseValue: number;
      margin: number;
      attributions: { contribution: number }[];
    }; // accepted by the schema above
    expect(alert.attributions.reduce((sum, { contribution }) => sum + contribution, alert.baseValue)).toBeCloseTo(alert.margin, 9);
  });

  test('is where the README points', () => {
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain('(docs/messages.md)');
  });
});
