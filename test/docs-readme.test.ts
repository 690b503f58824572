/** Nothing is quoted in README.md that does not stand in bench/results; the alert it shows has the form that the program gives. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readResults } from '../bench/support/results.ts';
import { figuresTable, withPart } from '../scripts/readme.ts';

const ROOT = resolve(import.meta.dirname, '..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const part = (name: string) => new RegExp(`<!-- ${name}\\b[^>]*-->\\n([\\s\\S]*?)<!-- /${name} -->`).exec(readme)![1]!;
const results = readResults();
const quoted = part('figures')
  .split('\n')
  .filter((line) => /^\| .*\d/.test(line));

describe('the figures of README.md', () => {
  test('are those of bench/results (else: node scripts/readme.ts --figures)', () => {
    expect(part('figures').trimEnd()).toBe(figuresTable(results));
  });

  test('each name the row they come from, and say what stands there', () => {
    for (const line of quoted) {
      const [, file, work] = /<!-- bench: (\S+) \/ (.+) -->/.exec(line)!;
      const row = results.find(({ name }) => name === file)!.rows.find((found) => found.work === work)!;
      const [value, ...unit] = line.split(' | ')[1]!.split(' ');
      expect(Number(value!.replaceAll(',', ''))).toBe(row.ours);
      expect(unit.join(' ')).toBe(row.unit);
      expect(line).toContain(` | ${row.floor} | ${row.holds === true ? 'yes' : 'no'} | `);
    }
  });

  test('stand in their own part only', () => {
    const prose = readme.replace(/<!-- (figures|capture)\b[\s\S]*?<!-- \/\1 -->/g, '').replace(/```[\s\S]*?```/g, '');
    expect(prose.match(/\d[\d,.]*\s?(%|ms\b|µs\b|s\b|MB\b|GB\b|records|events|rows|windows)|(AUROC|recall)\D{0,20}\d/g)).toBeNull();
  });

  test('come with every row that has a floor, its sizes and its verdict, many of one floor as their worst', () => {
    const row = {
      work: 'rows through the ensemble',
      unit: 'rows/s',
      ours: 21_300,
      spread: 0.1,
      rival: null,
      ratio: null,
      floor: '≥ 20000',
      holds: true,
    };
    const made = figuresTable([{ name: 'score', commit: 'c', machine: 'm', node: 'n', rows: [row, { ...row, floor: null }] }]);
    expect(made.split('\n').slice(2)).toEqual([
      '| rows through the ensemble | 21,300 rows/s | ≥ 20000 | yes | <!-- bench: score / rows through the ensemble -->',
    ]);
    const many = [1, 2, 3, 4].map((ours) => ({ ...row, work: `row ${ours}`, unit: 's', ours, floor: '≤ 9' }));
    const missed = { ...many[0]!, work: 'slow', ours: 10, holds: false };
    const short = figuresTable([{ name: 'score', commit: 'c', machine: 'm', node: 'n', rows: [...many, missed] }]);
    expect(short.split('\n').slice(2)).toEqual([
      '| slow | 10 s | ≤ 9 | no | <!-- bench: score / slow -->',
      '| row 4, the worst of 4 | 4 s | ≤ 9 | yes | <!-- bench: score / row 4 -->',
    ]);
    expect(withPart('a\n<!-- figures: x -->\nold\n<!-- /figures -->\nb', 'figures', 'new')).toBe(
      'a\n<!-- figures: x -->\nnew\n<!-- /figures -->\nb',
    );
  });
});

describe('the alert of README.md', () => {
  test('is one sentence, then signed reasons with the usual beside the seen', () => {
    const text = part('capture').replace(/\n {12}/g, ' ');
    expect(text).toMatch(/^```text\n\d\d:\d\d (low|medium|high|critical) /);
    expect(text).toMatch(/\n {6}\+\d+\.\d\d [^:\n]+: [^\n]+ \(usually [^\n]+\)\n/);
    expect(text).toMatch(/% likely an attack, if .+; id [0-9a-f]{32}\n {6}truth: /);
  });

  test('has its picture', () => {
    const svg = readFileSync(join(ROOT, 'docs/demo.svg'), 'utf8');
    expect(existsSync(join(ROOT, 'docs/demo.svg'))).toBe(true);
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(svg.replaceAll('\u00a0', ' ')).toContain('looks like ');
  });
});
