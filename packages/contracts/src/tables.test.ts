/** The tables that others build on: features, metrics, taxonomy, published schemas. */
import { describe, expect, test } from 'vitest';
import { FEATURE_SETS } from './features.ts';
import { EVENT_SCHEMAS, PUBLISHED_SCHEMAS } from './messages.ts';
import { RAW_METRIC_NAMES, RAW_METRICS, RawMetricsSchema } from './metrics.ts';
import { THREAT_TAGS, THREATS } from './taxonomy.ts';

describe('the feature table', () => {
  test('has the 18 features of core18 as the first columns of fused1', () => {
    expect(FEATURE_SETS.core18).toHaveLength(18);
    expect(FEATURE_SETS.fused1.slice(0, 18)).toEqual(FEATURE_SETS.core18);
  });

  test.each(Object.entries(FEATURE_SETS))('%s names each feature once and says what it is', (_, features) => {
    const names = features.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const feature of features) {
      expect(feature.name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(feature.formula.length, feature.name).toBeGreaterThan(0);
      expect(feature.why.length, feature.name).toBeGreaterThan(0);
      expect(feature.label, feature.name).toMatch(/\S.*[^.]$/);
      expect(['behaviour', 'content', 'authority']).toContain(feature.plane);
      expect([-1, 0, 1]).toContain(feature.monotone);
    }
  });

  test('has one word for each unit', () => {
    const units = new Set(Object.values(FEATURE_SETS).flatMap((features) => features.map(({ unit }) => unit)));
    expect([...units].sort()).toEqual(
      // biome-ignore format: one list
      ['', 'GB', 'calls', 'decisions', 'destinations', 'findings', 'flag', 'ln bytes', 'ln minutes', 'ln ms', 'logit', 'nats', 'per min', 's', 'sd', 'share', 'tasks', 'texts', 'turns', 'values', 'violations'],
    );
  });

  test('gives one feature one meaning across sets', () => {
    const call = new Set(FEATURE_SETS.call1.map(({ name }) => name));
    expect(FEATURE_SETS.fused1.filter(({ name }) => call.has(name))).toEqual([]);
  });
});

describe('the raw metrics', () => {
  test('are eleven, each with one wire name, one alias and a range', () => {
    expect(RAW_METRICS).toHaveLength(11);
    expect(Object.keys(RawMetricsSchema.properties)).toEqual(RAW_METRIC_NAMES);
    const words = RAW_METRICS.flatMap(({ name, alias }) => (name === alias ? [name] : [name, alias]));
    // response_time is an alias only; nothing else may be called twice.
    expect(new Set(words).size).toBe(words.length);
    for (const { minimum, maximum } of RAW_METRICS) expect(minimum).toBeLessThan(maximum);
  });
});

describe('the taxonomy', () => {
  test.each(THREATS)('tags %s in each framework, with its edition and no tag twice', (threat) => {
    const tags = THREAT_TAGS[threat];
    expect(new Set(tags.map(({ framework }) => framework))).toEqual(new Set(['MITRE ATLAS', 'OWASP Agentic', 'OWASP LLM']));
    const keys = tags.map(({ framework, id, edition }) => `${framework} ${edition} ${id}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { framework, id } of tags) {
      const form = { 'MITRE ATLAS': /^AML\.T\d{4}(\.\d{3})?$/, 'OWASP Agentic': /^ASI(0[1-9]|10)$/, 'OWASP LLM': /^LLM(0[1-9]|10)$/ }[
        framework
      ];
      expect(id).toMatch(form);
    }
  });
});

describe('the published schemas', () => {
  test('hold every message type, each named with its major version', () => {
    expect(Object.keys(PUBLISHED_SCHEMAS)).toEqual(expect.arrayContaining(Object.keys(EVENT_SCHEMAS)));
    for (const name of Object.keys(PUBLISHED_SCHEMAS)) expect(name).toMatch(/^(argus|optikal)(\.[a-z]+)+\.v1$/);
  });
});
