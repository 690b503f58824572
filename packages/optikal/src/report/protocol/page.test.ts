import { describe, expect, it } from 'vitest';
import type { ProtocolRow } from '../../training/protocol-rows.ts';
import type { ShareRow } from '../../training/text-protocol-rows.ts';
import { REPORT_MARK } from '../page/frame.ts';
import { protocolPage } from './page.ts';
import type { ProtocolPage } from './report.ts';
import { nameOf, textPage } from './text-page.ts';

const EVIL = `"><script>alert('x')</script><img src=x>`;

const row = (more: Partial<ProtocolRow> = {}): ProtocolRow => ({
  protocol: 'template',
  level: 'text',
  plane: null,
  cell: 'tool_output|direct',
  against: 'benign',
  auroc: 0.9876,
  aurocInterval: [0.91, 0.995],
  ap: 0.5,
  recallAt01: 0.25,
  recallAt001: null,
  realisedFpr: 0.011,
  n: 1200,
  positives: 30,
  ...more,
});

const share = (more: Partial<ShareRow> = {}): ShareRow => ({
  protocol: 'page',
  cell: 'tool_output',
  what: 'flagged',
  share: 0.004,
  interval: [0, 0.02],
  floor: { protocol: 'page', cell: 'tool_output', what: 'flagged', most: 0.01, aim: 0.005 },
  n: 792,
  pages: 600,
  baselines: [0.001, 0],
  ...more,
});

const behind = share({
  protocol: 'template',
  cell: 'tool_output_composed|direct',
  what: 'missed',
  share: 0.4,
  floor: { protocol: 'template', cell: 'tool_output_composed|direct', what: 'missed', most: 0.25, aim: 0.1 },
});
const curve = {
  name: 'email',
  auroc: 0.75,
  points: [
    [0, 0],
    [0.5, 0.5],
    [1, 1],
  ] as const,
};
const facts = { source: 'data', seed: '1', folds: 19, texts: 3000, pages: 700 };
const figuresOf = (shares: readonly ShareRow[]) => ({
  rows: [row()],
  baselines: [{ ...row(), baseline: 'keyword list' }],
  shares,
  curves: [curve],
});

describe('the page of a text protocol', () => {
  const report = textPage(figuresOf([share(), behind]), facts);
  const page = protocolPage(report, () => 'hash');

  it('is a report: by its mark, without a script, its figures as JSON', () => {
    expect(page.startsWith(REPORT_MARK)).toBe(true);
    expect([...page.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag)).toEqual(['<script type="application/json" id="optikal-report">']);
    expect(page).not.toMatch(/https?:|url\(|@import|\sstyle=|\son[a-z]+=/i);
    const [, json] = /<script type="application\/json" id="optikal-report">(.*)<\/script>/.exec(page)!;
    expect(JSON.parse(json!)).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it('says how many shares keep their floors, and which are behind', () => {
    expect(report.lead).toBe(
      '19 gateways were fitted and judged 3,000 texts on 700 pages that they had not seen. 1 of 2 shares keep their floors; behind are composed, direct (missed 40\u00a0%, template left out).',
    );
    expect(textPage(figuresOf([share()]), facts).lead).toMatch(/All 1 shares keep their floors\.$/);
  });

  it('draws a floor where the share has one, and a mark for each baseline', () => {
    const [first] = report.sections[0]!.cards;
    expect(first).toMatchObject({
      form: 'marks',
      range: [0, 0.1],
      lines: [{ name: 'outputs', values: [0.004, 0.001, 0], floor: { value: 0.01, side: 'most' } }],
    });
    expect(page).toContain('outputs: at most 1\u00a0%');
    expect(page.match(/<title>outputs, keyword list: /g)).toHaveLength(1);
  });

  it('has a picture for each card of shares and one for the curves, each with its figures as a table, and each id once', () => {
    expect(page.match(/role="img"/g)).toHaveLength(3);
    for (const figure of page.split('<figure').slice(1)) if (figure.includes('role="img"')) expect(figure).toMatch(/<details>.*<table/s);
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  });

  it('holds no number that is none, where figures are missing too', () => {
    const empty = row({ auroc: null, aurocInterval: null, ap: null, recallAt01: null, realisedFpr: null });
    const bare: ProtocolPage = { ...report, rows: [empty], baselines: [], shares: [] };
    for (const one of [page, protocolPage(bare, () => 'hash')])
      expect(one.replace(/<script.*?<\/script>/s, '')).not.toMatch(/\bNaN\b|\bInfinity\b|undefined|\[object/);
  });

  it('never lets a name become markup', () => {
    const hostile = textPage(figuresOf([share({ cell: EVIL, floor: null })]), { ...facts, source: EVIL });
    const text = protocolPage({ ...hostile, rows: [row({ cell: EVIL })] }, () => 'hash');
    expect(text).not.toContain('<img');
    expect([...text.matchAll(/<script\b/g)]).toHaveLength(1);
  });
});

describe('the name of a cell', () => {
  it('has kind and template; of a suite the template only, as there is little room', () => {
    expect(nameOf('tool_output|important_instructions')).toBe('outputs, important');
    expect(nameOf('banking: tool_output_composed|ignore_previous')).toBe('banking: ignore');
    expect(nameOf('banking: recorded_output|important_instructions')).toBe('banking: recorded');
    expect(nameOf('new_kind')).toBe('new kind');
  });
});
