/** The span under both of its names. */
import { describe, expect, it } from 'vitest';
import { simulateFleet } from './index.ts';
import { resolveFleetOptions } from './options.ts';

const fleet = { agents: 3, seed: 1 };

describe('the span of a fleet', () => {
  it('is the same as days and as temporalSpanDays', () => {
    expect(resolveFleetOptions({ ...fleet, temporalSpanDays: 2.5 })).toEqual(resolveFleetOptions({ ...fleet, days: 2.5 }));
    expect([...simulateFleet({ ...fleet, temporalSpanDays: 0.2 }).events()]).toEqual([...simulateFleet({ ...fleet, days: 0.2 }).events()]);
  });

  it('is refused twice, not at all, or out of range under the name that was used', () => {
    expect(() => resolveFleetOptions({ ...fleet, days: 1, temporalSpanDays: 1 })).toThrow(
      new RangeError('expected `days` or `temporalSpanDays`, found both (1 and 1)'),
    );
    expect(() => resolveFleetOptions(fleet)).toThrow(new RangeError('expected `days`, found none'));
    expect(() => resolveFleetOptions({ ...fleet, temporalSpanDays: 400 })).toThrow(
      new RangeError('expected `temporalSpanDays` from 0.001 to 366, found 400'),
    );
  });
});
