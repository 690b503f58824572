import { FEATURE_SETS } from '@optikal/contracts';
import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { PLANE_NAMES, type Planes, planesOf } from '../detection/ensemble/planes.ts';
import { newProfile } from '../detection/profile.ts';
import { callOf, callsOf, decisionOf, registered, verdictOf } from '../detection/test-support/events.ts';
import { look } from '../detection/test-support/windows.ts';
import { withPlanes } from './mask.ts';

type Events = Parameters<typeof look>[0];
const ALL: Planes = { behaviour: true, provenance: true, content: true, authority: true };
const TOOLS = ['read', 'fetch', 'send', 'pay'];

/** Windows of one to five calls, their verdicts and decisions; what is not kept is not sent. */
function windowOf(seed: string, keep: Planes): Events {
  const random = createRandom(seed);
  const events: Events[number][] = [registered(0, 'clerk')];
  const count = 1 + random.nextInt(5);
  for (let i = 0; i < count; i++) {
    const tool = TOOLS[random.nextInt(TOOLS.length)]!;
    const valuesFlagged = random.nextInt(2);
    const provenance = {
      valuesOut: random.nextInt(3),
      valuesOutLatest: 0,
      destCount: random.nextInt(2),
      destOut: random.nextInt(2),
      destNew: 1,
      wordsOutShare: 0.5,
      affinity: 0.5,
      requested: random.nextInt(2),
      valuesFlagged: keep.content ? valuesFlagged : null,
    };
    const more = { turn: i, callId: `c${i}`, outBytes: random.nextInt(900), argBytes: 3 };
    const [score, risk] = [random.nextFloat(), random.nextFloat()];
    if (keep.behaviour) events.push(callsOf([callOf(1000 + i, tool, keep.provenance ? { ...more, provenance } : more)]));
    // Without a call to belong to, a verdict is of its task.
    if (keep.content) events.push(verdictOf(1000 + i, { callId: keep.behaviour ? `c${i}` : null, score }));
    if (keep.authority) events.push(decisionOf(1000 + i, { callId: `c${i}`, decision: 'forbid', riskScore: risk }));
  }
  return events;
}

const named = (set: 'fused1' | 'call1', row: Float64Array) => Object.fromEntries(FEATURE_SETS[set].map(({ name }, i) => [name, row[i]]));

describe('a window with planes missing', () => {
  const sets = [0, 1, 2, 3, 4, 5, 6, 7].map(
    (bits): Planes => ({
      behaviour: true,
      provenance: (bits & 1) > 0,
      content: (bits & 2) > 0,
      authority: (bits & 4) > 0,
    }),
  );

  it('is the window that an agent without them would have had', () => {
    for (const keep of sets)
      for (let i = 0; i < 12; i++) {
        const whole = look(windowOf(`w${i}`, ALL), { profile: newProfile() });
        const without = look(windowOf(`w${i}`, keep), { profile: newProfile() });
        const masked = withPlanes({ ...whole, callLabels: whole.callRows.map(() => 0) }, keep);
        expect(named('fused1', masked.row)).toEqual(named('fused1', without.row));
        expect(masked.callRows.map((row) => named('call1', row))).toEqual(without.callRows.map((row) => named('call1', row)));
        expect(masked.sequence).toEqual(without.sequence);
      }
  });

  it('says which planes it has, and keeps what it had', () => {
    const whole = look(windowOf('w', ALL), { profile: newProfile() });
    const sample = { ...whole, callLabels: whole.callRows.map(() => 0 as const) };
    for (const keep of sets) expect(planesOf(withPlanes(sample, keep).row)).toEqual(keep);
    expect(withPlanes(sample, ALL)).toMatchObject({ row: whole.row, callRows: whole.callRows, sequence: whole.sequence });
    expect(planesOf(whole.row)).toEqual(ALL);
  });

  it('has no calls without behaviour, and only what verdicts and decisions say', () => {
    const whole = look(windowOf('w3', ALL), { profile: newProfile() });
    const masked = withPlanes({ ...whole, callLabels: whole.callRows.map(() => 1) }, { ...ALL, behaviour: false });
    expect([masked.callRows, masked.callLabels]).toEqual([[], []]);
    expect(planesOf(masked.row)).toEqual({ behaviour: false, provenance: false, content: true, authority: true });
    const told = FEATURE_SETS.fused1.filter((_, i) => !Number.isNaN(masked.row[i]!)).map(({ plane }) => plane);
    expect(new Set(told)).toEqual(new Set(['content', 'authority', 'behaviour'])); // `history` is of the habit, not of the window
    expect(
      FEATURE_SETS.fused1.filter(({ plane }, i) => plane === 'behaviour' && !Number.isNaN(masked.row[i]!)).map(({ name }) => name),
    ).toEqual(['history']);
    expect(PLANE_NAMES.filter((name) => planesOf(masked.row)[name])).toEqual(['content', 'authority']);
  });
});
