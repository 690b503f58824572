/** Names that are no setting: what was probably meant, and what no configuration may hold. */
import { distance } from 'fastest-levenshtein';
import { SECTIONS, SETTINGS } from './table.ts';

/** Names that objects have of themselves; a careless merge would follow them into every object of the process. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
const SECRET = /key|token|secret|passw|credential/i;

export const isForbidden = (name: string): boolean => FORBIDDEN.has(name);
/** A name under which someone keeps a secret. */
export const isSecretName = (path: string): boolean => SECRET.test(path.slice(path.lastIndexOf('.') + 1));

/** The nearest of the names, where one is near enough to be meant. */
export function nearest(name: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let least = (name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3))) + 1;
  for (const candidate of names) {
    const away = distance(name.toLowerCase(), candidate.toLowerCase());
    if (away < least) [best, least] = [candidate, away];
  }
  return best;
}

const PATHS = [...SETTINGS, ...SECTIONS].map(({ path }) => path).filter((path) => path !== '');

/** The path that a wrong one was probably meant to be: near as a whole, or with a last name that is right somewhere else. */
export function nearestPath(path: string): string | null {
  const last = lastName(path);
  return nearest(path, PATHS) ?? PATHS.find((known) => lastName(known) === last) ?? null;
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1).toLowerCase();
}
