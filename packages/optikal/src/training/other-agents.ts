/** The fleet as one agent may see it in training: without itself, and without whoever shares its data. */
import { type FleetSnapshot, type FleetView, fleetViews, viewWithout } from '../detection/fleet.ts';
import type { Contribution, ExtractOptions } from './extract.ts';

/** Views by agent and role, each made once. */
export function otherAgents(
  snapshot: FleetSnapshot,
  contributions: ReadonlyMap<string, Contribution>,
  { relatives, known }: Pick<ExtractOptions, 'relatives' | 'known'>,
): (key: string, role: string | null) => FleetView {
  const views = new Map<string, FleetView>();
  const knownViews = known === undefined ? null : fleetViews(known);
  return (key, role) => {
    if (knownViews !== null && role !== null && known?.roles.has(role) === true) return knownViews(role);
    const name = `${role}\n${key}`;
    let view = views.get(name);
    if (view === undefined) {
      const without = new Set([key, ...(relatives?.(key) ?? [])]);
      view = viewWithout(
        snapshot,
        role,
        [...without].flatMap((other) => contributions.get(other) ?? []),
      );
      views.set(name, view);
    }
    return view;
  };
}
