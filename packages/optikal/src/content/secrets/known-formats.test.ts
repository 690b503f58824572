import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findKnownSecrets } from './known-formats.ts';
import { SAMPLES } from './test-support/samples.ts';

/** Forms of our own, which secretlint has no rule for or has switched off. */
const OWN = new Set(['jwt', 'google', 'telegram']);

/** What secretlint's own runner finds in a text without a file's name. */
async function byItsRunner(content: string): Promise<string[]> {
  const { messages } = await lintSource({
    source: { content, filePath: 'x', ext: '', contentType: 'text' },
    options: { config: { rules: [{ id: 'preset', rule: creator }] }, noPhysicFilePath: true },
  });
  return messages.map(({ ruleId, range: [start, end] }) => placed(ruleId.replace('@secretlint/secretlint-rule-', ''), start, end)).sort();
}

const byOurs = (content: string) =>
  findKnownSecrets(content)
    .filter(({ what, score }) => !OWN.has(what) && !(what === 'aws' && score < 0.9))
    .map(({ what, start, end }) => placed(what, start, end));

/** It places an AWS secret where the name before it begins: too early, with the right length. */
const placed = (what: string, start: number, end: number) => (what === 'aws' ? `aws ${end - start}` : `${what} ${start}-${end}`);

describe('known formats', () => {
  it("are those that secretlint's own runner finds, at the same places", async () => {
    const text = fc.array(fc.oneof(fc.constantFrom(...SAMPLES.map(([, secret]) => secret)), fc.lorem({ maxCount: 5 })), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom('\n', ' ', '"\n"'), async (parts, gap) => {
        // The rule for packages and .npmrc goes by the name of a file; ours takes every text for both.
        const content = parts.filter((part) => !/_authToken|x-oauth-basic/.test(part)).join(gap);
        expect([...new Set(byOurs(content))].sort()).toEqual([...new Set(await byItsRunner(content))]);
      }),
      { numRuns: 60 },
    );
  });

  it('have a sample of every rule that is asked', () => {
    const asked = creator.rules.map(({ meta }) => meta.id.replace('@secretlint/secretlint-rule-', ''));
    const sampled = new Set(SAMPLES.map(([what]) => what));
    expect(asked.filter((name) => !sampled.has(name))).toEqual(['gcp', 'filter-comments']);
  });

  it('make no sentence of a secret', () => {
    for (const [, secret] of SAMPLES) expect(JSON.stringify(findKnownSecrets(secret))).not.toContain(secret.slice(-12));
  });
});
