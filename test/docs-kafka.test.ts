/** docs/kafka.md and the code say the same of topics and rights. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { operationsOf, PUBLIC_TOPICS, TOPICS, type TopicSpec } from '../packages/optikal/src/bus/kafka/topics.ts';

const page = readFileSync(join(resolve(import.meta.dirname, '..'), 'docs/kafka.md'), 'utf8');
const rows = (heading: string) =>
  page
    .split(`\n## ${heading}\n`)[1]
    .split('\n## ')[0]
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| topic |') && !line.startsWith('| resource |'))
    .map((line) =>
      line
        .slice(2, -2)
        .split(' |')
        .map((cell) => cell.trim()),
    );

describe('docs/kafka.md', () => {
  test('has every topic with its partitions, retention and limit', () => {
    const partitions = { any: 'any', log: 'of the log', one: 'one' };
    const kept = ({ retentionMs }: TopicSpec) => (retentionMs === null ? 'the last of each key' : `${retentionMs / 86_400_000} days`);
    expect(rows('Topics')).toEqual(
      TOPICS.map((spec) => [
        `\`${spec.name}\``,
        partitions[spec.partitions],
        kept(spec),
        `${spec.maxMessageBytes / 1_048_576} MiB`,
        spec.about,
      ]),
    );
  });

  test('has the rights of each role on each topic', () => {
    const told = new Map(rows('Rights').map(([name, , ...rest]) => [name.replaceAll('`', ''), rest]));
    for (const { name } of TOPICS) {
      const isPublic = PUBLIC_TOPICS.some((topic) => topic.name === name);
      const cells = told.get(isPublic ? 'the six public topics' : name);
      expect(cells?.slice(0, 3), name).toEqual((['router', 'api', 'detector'] as const).map((role) => operationsOf(role, name).join(', ')));
    }
    expect(PUBLIC_TOPICS).toHaveLength(6);
  });
});
