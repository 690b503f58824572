import { describe, expect, it } from 'vitest';
import type { Timeline } from '../figures/timelines.ts';
import { timelineCard } from './timeline.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5, 9);

const timeline: Timeline = {
  story: 'caught late',
  agent: 'support-3',
  role: 'support',
  threat: 'data_exfiltration',
  intensity: 'moderate',
  campaign: 'c1',
  threshold: 2,
  firstMs: START + 90_000,
  alertMs: START + 3 * MINUTE + 10_000,
  delaySeconds: 100,
  windows: [
    { startMs: START, margin: null, label: 0, alert: false, calls: [], attention: null },
    { startMs: START + MINUTE, margin: 1, label: 2, alert: false, calls: [{ atMs: START + 90_000, tool: 'export' }], attention: 0.25 },
    { startMs: START + 2 * MINUTE, margin: 3, label: 2, alert: true, calls: [], attention: 0.75 },
  ],
  reasons: ['a reason'],
};
const textOf = (more: Partial<Timeline>, surrogateClock = false) => timelineCard('t', { ...timeline, ...more }, surrogateClock).text;

describe('the timeline of an attack', () => {
  it('tells when it began, when it was found, and by what', () => {
    const text = textOf({});
    for (const words of [
      'first malicious call 09:01',
      'alert 09:03',
      'First alert 2 min after'.replace(' min', '\u00a0min'),
      '<li>a reason</li>',
    ])
      expect(text.includes(words), words).toBe(true);
    expect(text.match(/<rect class="f/g)).toHaveLength(7); // two bars, two of attention, three squares of the legend
  });

  it('shows where the sequence model looked, the most as the longest bar, and has no strip where there is none', () => {
    const heights = (text: string) => [...text.matchAll(/<rect class="f4" [^>]*height="([\d.]+)"><title>(\d\d:\d\d): (\d+)/g)];
    expect(heights(textOf({})).map(([, height, when, share]) => [Number(height), when, share])).toEqual([
      [4.67, '09:01', '25'],
      [14, '09:02', '75'],
    ]);
    const blind = textOf({ windows: timeline.windows.map((own) => ({ ...own, attention: null })) });
    expect(heights(blind)).toEqual([]);
    expect(blind).not.toContain('where the sequence model looked');
  });

  it('points to the left where the attack began before what is shown', () => {
    expect(textOf({ firstMs: START - MINUTE })).toContain('← first malicious call 2026-01-05 08:59');
  });

  it('marks the alert of this attack, not one of another that came before', () => {
    const other = { startMs: START - MINUTE, margin: 5, label: 2, alert: true, calls: [], attention: null } as const;
    const placeOf = (text: string) => Number(/<text class="strong" x="([\d.]+)" y="\d+" text-anchor="\w+">alert 09:03/.exec(text)![1]);
    // One window more in front of it: a bar farther to the right.
    expect(placeOf(textOf({ windows: [other, ...timeline.windows] }))).toBeGreaterThan(placeOf(textOf({})));
    expect(textOf({ windows: [other, ...timeline.windows] }, true)).toContain('First alert in window 2 of');
  });

  it('has no delay where the clock is made up, but the window that alerted', () => {
    const text = textOf({}, true);
    expect(text).toContain('First alert in window 2 of those that acted.');
    expect(text).not.toContain('First alert 2');
  });

  it('says so where nothing was found, and where truth names no attack', () => {
    expect(textOf({ story: 'missed', alertMs: null, delaySeconds: null })).toContain('No window of this attack reached the threshold');
    expect(textOf({ campaign: '' })).toContain('The truth names no campaigns');
    expect(textOf({ reasons: [] })).toContain('No driver found');
  });
});
