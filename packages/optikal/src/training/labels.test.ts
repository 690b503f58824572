import type { Truth } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { indexTruth } from './labels.ts';

const line = (more: Partial<Truth>): Truth => ({
  agent: 'a',
  taskId: null,
  callId: null,
  startMs: 0,
  endMs: 0,
  threat: 'prompt_injection',
  intensity: null,
  campaign: null,
  exposure: 0,
  acted: 0,
  exclude: 0,
  ...more,
});
const labelOf = (lines: Truth[], calls: string[] = ['c1', 'c2'], startMs = 60_000, endMs = 120_000) =>
  indexTruth(lines).windowLabel('default', 'a', startMs, endMs, calls);

describe('the label of a window', () => {
  it('is 2 where a call acted, 1 where one was only exposed, 0 else', () => {
    const exposed = line({ callId: 'c1', exposure: 1 });
    const acted = line({ callId: 'c2', acted: 1, threat: 'data_exfiltration', intensity: 'moderate', campaign: 'k' });
    expect(labelOf([])).toEqual({ label: 0, threat: null, intensity: null, campaign: null, exclude: false });
    expect(labelOf([exposed])).toMatchObject({ label: 1, threat: 'prompt_injection' });
    expect(labelOf([exposed, acted])).toMatchObject({ label: 2, threat: 'data_exfiltration', intensity: 'moderate', campaign: 'k' });
    expect(labelOf([line({ callId: 'c1' })]).label).toBe(0);
  });

  it('comes from the calls that the window holds, whatever the times of their lines say', () => {
    const acted = line({ callId: 'c9', acted: 1, startMs: 70_000, endMs: 70_000 });
    expect(labelOf([acted]).label).toBe(0);
    expect(labelOf([{ ...acted, startMs: 0, endMs: 0 }], ['c9']).label).toBe(2);
  });

  it('comes from the spans that meet it: a start in it or an end in it is enough', () => {
    const span = (startMs: number, endMs: number) => labelOf([line({ acted: 1, startMs, endMs })]).label;
    expect(span(0, 59_999)).toBe(0);
    expect(span(0, 60_000)).toBe(2);
    expect(span(119_999, 500_000)).toBe(2);
    expect(span(120_000, 500_000)).toBe(0);
    expect(span(0, 500_000)).toBe(2);
  });

  it('is doubtful as soon as one of its lines is, whatever else acted', () => {
    expect(labelOf([line({ callId: 'c1', acted: 1 }), line({ callId: 'c2', exclude: 1 })])).toMatchObject({ label: 2, exclude: true });
    expect(labelOf([line({ startMs: 0, endMs: 70_000, exclude: 1 })])).toMatchObject({ label: 0, exclude: true });
  });

  it('belongs to one agent of one tenant', () => {
    const index = indexTruth([line({ callId: 'c1', acted: 1 }), line({ tenant: 'other', agent: 'b', callId: 'c1', acted: 1 })]);
    expect(index.lines).toBe(2);
    expect(index.windowLabel('default', 'b', 0, 1, ['c1']).label).toBe(0);
    expect(index.windowLabel('other', 'b', 0, 1, ['c1']).label).toBe(2);
    expect([index.callLabel('default', 'a', 'c1'), index.callLabel('default', 'a', 'c2'), index.callLabel('other', 'a', 'c1')]).toEqual([
      1, 0, 0,
    ]);
  });
});
