/** What docs/operations.md says about metrics beside its table. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { createMetrics } from './metrics.ts';

const PAGE = new URL('../../../../docs/operations.md', import.meta.url);

it('the rules and the example of docs/operations.md are YAML, and name metrics and labels that exist', () => {
  const page = readFileSync(PAGE, 'utf8');
  const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
  const known = new Map(
    createMetrics({ version: '', routes: [] })
      .describe()
      .map(({ name, labels }) => [name, labels]),
  );
  let named = 0;
  for (const block of blocks) {
    expect(parseAllDocuments(block).flatMap(({ errors }) => errors)).toEqual([]);
    for (const [, name, matcher] of block.matchAll(/\b(optikal_[a-z_]+)(?:\{([a-z]+)=)?/g)) {
      named++;
      expect([...known.keys()], name).toContain(name);
      if (matcher !== undefined) expect(known.get(name!)).toContain(matcher);
    }
  }
  expect(blocks.join('').match(/- alert: /g)).toHaveLength(5);
  expect(named).toBeGreaterThan(5);
});
