/**
 * Which agent a span is of, where spans name it by different parts of its name: an id here, a name there, elsewhere the service alone. Names are
 * brought together only where there is one answer: two agents must never become one, as each hides in the other's habits. The process
 * (`service.instance.id`) is no part of the name: an agent that restarts is the same agent.
 */
import { agentIdOf } from '../formats/ids.ts';

/** What a span and its resource say. */
export interface Sighting {
  readonly agentId: string | null;
  readonly agentName: string | null;
  /** `service.namespace/service.name`, or the name alone. */
  readonly service: string | null;
}

export interface Identity {
  readonly id: string;
  readonly role: string | null;
}

/** null where neither agent nor service is named. */
export type ResolveIdentity = (sighting: Sighting) => Identity | null;

/**
 * From all sightings, in any order, what each is a sighting of: by its agent id; else by service and name, as the only id that was seen with
 * them where there is one; else by the service, as its only agent where it has one.
 *
 * @example
 * const resolve = resolverOf(spans.map(sightingOf));
 * resolve({ agentId: null, agentName: 'clerk', service: 'shop' })?.id; // 'clerk-7', where no other clerk of the shop was seen
 */
export function resolverOf(sightings: Iterable<Sighting>): ResolveIdentity {
  const idsByName = new Map<string, Set<string>>();
  const agentsByService = new Map<string, Set<string>>();
  const namesById = new Map<string, string>();
  const all = [...sightings];
  for (const { agentId, agentName, service } of all) {
    if (agentId === null || agentName === null) continue;
    add(idsByName, nameKey(service, agentName), agentIdOf(agentId));
    // The first in order of the alphabet: the same whatever the order of the sightings.
    const known = namesById.get(agentId);
    if (known === undefined || agentName < known) namesById.set(agentId, agentName);
  }
  const byName = (service: string | null, name: string): string =>
    only(idsByName.get(nameKey(service, name))) ?? agentIdOf(service === null ? name : `${service}:${name}`);
  for (const { agentId, agentName, service } of all)
    if (service !== null && (agentId !== null || agentName !== null))
      add(agentsByService, service, agentId === null ? byName(service, agentName!) : agentIdOf(agentId)); // one of them is not null
  const rolesOf = new Map<string, string>();
  for (const [id, name] of namesById) rolesOf.set(agentIdOf(id), name);
  return ({ agentId, agentName, service }) => {
    if (agentId !== null) return { id: agentIdOf(agentId), role: agentName ?? namesById.get(agentId) ?? service };
    if (agentName !== null) return { id: byName(service, agentName), role: agentName };
    if (service === null) return null;
    const agent = only(agentsByService.get(service));
    return agent === undefined ? { id: agentIdOf(service), role: service } : { id: agent, role: rolesOf.get(agent) ?? service };
  };
}

function nameKey(service: string | null, name: string): string {
  return `${service ?? ''}\n${name}`;
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key) ?? new Set<string>();
  map.set(key, known.add(value));
}

function only(values: ReadonlySet<string> | undefined): string | undefined {
  return values?.size === 1 ? [...values][0] : undefined;
}
