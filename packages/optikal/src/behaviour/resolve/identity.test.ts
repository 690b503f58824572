import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolverOf, type Sighting } from './identity.ts';

const seen = (agentId: string | null, agentName: string | null, service: string | null = 'shop'): Sighting => ({
  agentId,
  agentName,
  service,
});

describe('which agent it was', () => {
  it('is its id; else its service and name; else its service', () => {
    const resolve = resolverOf([]);
    expect(resolve(seen('clerk-7', 'clerk'))).toEqual({ id: 'clerk-7', role: 'clerk' });
    expect(resolve(seen(null, 'clerk'))).toEqual({ id: 'shop:clerk', role: 'clerk' });
    expect(resolve(seen(null, null))).toEqual({ id: 'shop', role: 'shop' });
    expect(resolve(seen(null, 'clerk', null))).toEqual({ id: 'clerk', role: 'clerk' });
    expect(resolve(seen(null, null, null))).toBeNull();
  });

  it('is one agent under an id here and a name there, where the name has one id', () => {
    const resolve = resolverOf([seen('clerk-7', 'clerk'), seen(null, 'clerk'), seen('clerk-7', null)]);
    expect(resolve(seen(null, 'clerk'))!.id).toBe('clerk-7');
    expect(resolve(seen('clerk-7', null))).toEqual({ id: 'clerk-7', role: 'clerk' });
    expect(resolve(seen(null, null))).toEqual({ id: 'clerk-7', role: 'clerk' });
  });

  it('stays a name of its own where two agents, or agents of two services, have the name', () => {
    const resolve = resolverOf([seen('a', 'clerk'), seen('b', 'clerk'), seen('c', 'clerk', 'bank')]);
    expect(resolve(seen(null, 'clerk'))!.id).toBe('shop:clerk');
    expect(resolve(seen(null, 'clerk', 'bank'))!.id).toBe('c');
    expect(resolve(seen(null, 'clerk', null))!.id).toBe('clerk');
    expect(resolve(seen(null, null))!.id).toBe('shop');
  });

  it('does not depend on the order of the sightings', () => {
    const one = fc.record({
      agentId: fc.constantFrom(null, 'i', 'j'),
      agentName: fc.constantFrom(null, 'n', 'm'),
      service: fc.constantFrom(null, 's', 't'),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), one, (sightings, asked) => {
        expect(resolverOf(sightings.toReversed())(asked)).toEqual(resolverOf(sightings)(asked));
      }),
    );
  });
});
