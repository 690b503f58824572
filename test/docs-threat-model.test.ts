/** docs/threat-model.md: each row names tests that exist, by file and title, or says that nothing covers it and why. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const page = readFileSync(join(ROOT, 'docs/threat-model.md'), 'utf8');
const NOT_COVERED = /^not covered: \S.{30,}/;
const NAMED = /\[`([^`]+)`\]\(\.\.\/([^)]+)\): “([^”]+)”/g;
/** Above this the page would be a list of excuses. */
const MOST_UNCOVERED = 10;

/** The rows of the tables with the columns threat, what holds it, covered by; with the section they stand in. */
const rows = page
  .split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const lines = section.split('\n');
    const head = lines.indexOf('| threat | what holds it | covered by |');
    if (head < 0) return [];
    const body = lines.slice(head + 2);
    const end = body.findIndex((line) => !line.startsWith('|'));
    return body.slice(0, end < 0 ? body.length : end).map((line) => {
      const [threat = '', held = '', covered = '', ...rest] = line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim());
      return { section: lines[0] ?? '', threat, held, covered, rest };
    });
  });

/** Whether a file has a test, or a group of tests, of this title: its words in quotes, as the first argument of a call with a function. */
function hasTitle(source: string, title: string): boolean {
  return ["'", '"', '`'].some((quote) => {
    const written = `(${quote}${title}${quote}, `;
    for (let at = source.indexOf(written); at >= 0; at = source.indexOf(written, at + 1)) {
      const rest = source.slice(at + written.length);
      const before = source.slice(Math.max(0, at - 80), at);
      // The call of `test`, or what `test.each(…)` gave.
      if (/^(async\b|\(|\{|function\b)/.test(rest) && /(\b(it|test|describe)(\.\w+)*|\))$/.test(before)) return true;
    }
    return false;
  });
}

describe('the threat model', () => {
  test('has a table for each actor, with rows', () => {
    const actors = [...page.matchAll(/^\| ([a-z ]+) \| [^|]+ \| [^|]+ \|$/gm)].map(([, actor]) => actor!.toLowerCase());
    const sections = new Set(rows.map(({ section }) => section.toLowerCase()));
    expect(sections.size).toBe(7);
    for (const section of sections) expect(actors).toContain(section);
    expect(rows.length).toBeGreaterThan(40);
  });

  test.each(rows.map((row) => [`${row.section}: ${row.threat}`, row] as const))(
    '%s: is covered by tests that exist, or says why not',
    (_, row) => {
      expect(row.rest).toEqual([]);
      expect(row.held.length).toBeGreaterThan(10);
      if (row.covered.startsWith('not covered')) {
        expect(row.covered).toMatch(NOT_COVERED);
        return;
      }
      const named = [...row.covered.matchAll(NAMED)];
      expect(named.length).toBeGreaterThan(0);
      // Nothing stands beside what is named.
      expect(row.covered.replace(NAMED, '').replaceAll('<br>', '').trim()).toBe('');
      for (const [, shown, path, title] of named) {
        expect(shown).toBe(path);
        expect(path).toMatch(/\.test\.ts$/);
        expect(existsSync(join(ROOT, path!)), path).toBe(true);
        expect(hasTitle(readFileSync(join(ROOT, path!), 'utf8'), title!), `${path}: ${title}`).toBe(true);
      }
    },
  );

  test('has few rows that nothing covers', () => {
    expect(rows.filter(({ covered }) => covered.startsWith('not covered')).length).toBeLessThanOrEqual(MOST_UNCOVERED);
  });

  test('is not fooled by a title that is only mentioned', () => {
    const source =
      "test('is real', () => {});\n// it('is a comment'\nexpect(f('is an argument', 3));\nit.each(X)('has %s', async (x) => {});";
    expect(['is real', 'is a comment', 'is an argument', 'has %s', 'is'].map((title) => hasTitle(source, title))).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
  });
});
