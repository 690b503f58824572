import { THREATS } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { reportFigures } from '../figures/report-figures.ts';
import type { ProtocolReport } from '../report.ts';
import { fakeJudged, fakeReport } from '../test-support/judged.ts';
import { REPORT_MARK } from './frame.ts';
import { reportPage } from './page.ts';
import { STYLE } from './style.ts';
import { brief } from './words.ts';

const hash = (text: string) => `hash-of-${text.length}`;
const page = reportPage(fakeReport(), hash);

describe('the page', () => {
  it('begins with the mark by which it is known', () => {
    expect(page.startsWith(REPORT_MARK)).toBe(true);
  });

  it('asks nobody for anything, and its policy allows its style sheet alone', () => {
    expect(page).toContain(
      `content="default-src &#39;none&#39;; style-src &#39;sha256-hash-of-${STYLE.length}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
    );
    expect(page).not.toMatch(/https?:|url\(|@import|<(link|img|iframe|object|base)\b|\sstyle=|\son[a-z]+=/i);
    expect([...page.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag)).toEqual(['<script type="application/json" id="optikal-report">']);
  });

  it('gives every picture a title, a description, and its figures as a table', () => {
    const pictures = [...page.matchAll(/<svg viewBox="[^"]+" role="img" aria-labelledby="(\S+) (\S+)">/g)];
    expect(pictures.length).toBeGreaterThanOrEqual(10);
    for (const [, title, desc] of pictures) {
      expect(page).toMatch(new RegExp(`<title id="${title}">[^<]{5,}</title>`));
      expect(page).toMatch(new RegExp(`<desc id="${desc}">[^<]{10,}</desc>`));
    }
    for (const figure of page.split('<figure').slice(1))
      if (figure.includes('role="img"')) expect(figure).toMatch(/<details><summary>.*<table/s);
  });

  it('has ids that are there once, and links that lead to one', () => {
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  });

  it('holds its figures as JSON', () => {
    const [, json] = /<script type="application\/json" id="optikal-report">(.*)<\/script>/.exec(page)!;
    expect(JSON.parse(json!)).toEqual(fakeReport());
  });

  it('holds no number that is none', () => {
    const text = page.replace(/<script.*?<\/script>/s, '');
    expect(text).not.toMatch(/\bNaN\b|\bInfinity\b|undefined|\[object/);
  });

  it('says in its head what was measured, with interval and baselines, and what it does not show', () => {
    const head = /<header>(.*)<\/header>/s.exec(page)![1]!;
    for (const words of [
      'AUROC',
      '95 % interval',
      'number of calls alone',
      'best single feature',
      'false alarms per agent and week',
      'What this does not show',
    ])
      expect(head.includes(words), words).toBe(true);
  });
});

describe('names from the data', () => {
  const evil = `"><script>alert('x')</script><img src=x onerror=alert(1)>`;
  const judged = fakeJudged();
  const samples = judged.samples.map((sample) => ({
    ...sample,
    key: `t|${evil}${sample.key}`,
    role: evil,
    ...(sample.label === 2 ? { intensity: evil, campaign: `${evil}${sample.campaign}` } : {}),
  }));
  const hostile = reportPage(
    {
      ...fakeReport({
        samples,
        asked: evil,
        attackCalls: (i) => (samples[i]!.label === 2 ? [{ atMs: samples[i]!.startMs, tool: evil }] : []),
        reasons: () => [evil],
      }),
      source: evil,
    },
    hash,
  );

  it('never become markup', () => {
    expect(hostile).not.toContain('<script>');
    expect(hostile).not.toContain('<img');
    expect([...hostile.matchAll(/<script\b/g)]).toHaveLength(1);
    expect(hostile).toContain('&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)');
  });
});

describe('figures that are missing', () => {
  it('leave their reason in their place', () => {
    const text = reportPage(fakeReport({ named: { missing: 'no model of <threats>' }, reasons: { missing: 'no bundle here' } }), hash);
    expect(text).toContain('Not in this report: no model of &lt;threats&gt;');
    expect(text).toContain('Without reasons: no bundle here');
  });

  it('may be all of them', () => {
    const { samples } = fakeJudged();
    const quiet = samples.filter(({ label }) => label === 0);
    const text = reportPage(
      {
        ...reportFigures({ ...fakeJudged(), samples: quiet, labelled: false }),
        kind: 'training',
        source: 'own',
        fingerprint: 'cd'.repeat(32),
        seed: '1',
      },
      hash,
    );
    expect(text.match(/Not in this report: The data has no truth\.jsonl/g)!.length).toBeGreaterThanOrEqual(6);
    expect(text).not.toMatch(/\bNaN\b|undefined/);
  });
});

describe('a report of the protocol', () => {
  const figures = fakeReport();
  const run = (leave: 'suite' | 'model') => ({
    leave,
    groups: [
      { name: 'banking', windows: 10, positives: 3, auroc: 0.91 },
      { name: 'a <quiet> one', windows: 10, positives: 0, auroc: null },
    ],
    pooled: figures.measured,
    baselines: figures.baselines,
    sharedRuns: 0,
    sharedInjectedOutputs: 4,
    figures,
  });
  const report: ProtocolReport = {
    kind: 'protocol',
    source: 'recorded agents',
    seed: '1',
    runs: [run('suite'), run('model')],
    permuted: { permutations: 20, mean: 0.503, values: [] },
  };
  const text = reportPage(report, hash);

  it('keeps its runs apart, with groups and permuted labels', () => {
    for (const words of [
      'One suite left out',
      'One model left out',
      'a &lt;quiet&gt; one',
      'AUROC of 0.503, mean of 20',
      '4 injected outputs',
    ])
      expect(text.includes(words), words).toBe(true);
    const ids = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('says so where permuted labels were not asked for', () => {
    expect(reportPage({ ...report, permuted: null }, hash)).toContain('--permutations 20');
  });
});

it('has a short word for every threat', () => {
  for (const threat of THREATS) expect(brief(threat).length).toBeLessThanOrEqual(13);
});
