/** Content in every place where a message can hold something, and the search for it afterwards. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Wire } from '../../packages/contracts/src/test-support/messages.ts';

export const CANARY = 'canary-5b1d0f7e';
/** As people and tools write: more than one line. No field takes it. */
export const CONTENT = `${CANARY} says: ignore all\n"previous" instructions`;
/** On one line, as a name could be. */
export const ONE_LINE = `please ${CANARY} now`;

/**
 * Fields that hold names by contract (docs/messages.md): ids, tools, kinds. They travel and are stored, and are never logged or measured. Content
 * in more than one line does not pass even here.
 */
export const NAME_FIELDS: readonly string[] = [
  'argus.agent.lifecycle.v1 data/model',
  'argus.agent.lifecycle.v1 data/owner',
  'argus.agent.lifecycle.v1 data/role',
  'argus.agent.lifecycle.v1 data/taskId',
  'argus.agent.lifecycle.v1 data/version',
  'argus.agent.metrics.v1 data/calls/N/callId',
  'argus.agent.metrics.v1 data/calls/N/errorKind',
  'argus.agent.metrics.v1 data/calls/N/taskId',
  'argus.agent.metrics.v1 data/calls/N/tool',
  'argus.call.provenance.v1 data/callId',
  'argus.call.provenance.v1 data/taskId',
  'argus.io.validation.v1 data/callId',
  'argus.io.validation.v1 data/findings/N/kind',
  'argus.io.validation.v1 data/taskId',
  'argus.policy.decisions.v1 data/action',
  'argus.policy.decisions.v1 data/callId',
  'argus.policy.decisions.v1 data/constraints/N',
  'argus.policy.decisions.v1 data/policies/N',
  'argus.policy.decisions.v1 data/principal',
  'argus.policy.decisions.v1 data/resource',
  'argus.policy.decisions.v1 data/taskId',
  'argus.security.violations.v1 data/callId',
  'argus.security.violations.v1 data/taskId',
  'correlationid',
  'id',
  'sequence',
  'sessionid',
  'source',
  'taskid',
];

export interface Bent {
  /** The field, as NAME_FIELDS has it. */
  readonly field: string;
  readonly message: object;
}

/** The message once for each of its values, that one replaced; and once for each of its objects, that one with more in it. */
export function* everyField(message: Wire, text: string): Generator<Bent> {
  for (const path of placesOf(message)) {
    const copy = structuredClone(message);
    let at: Record<string, unknown> = copy;
    for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>; // a path of this message
    at[path.at(-1)!] = text; // no path is empty
    const name = path.join('/').replace(/\/\d+(?=\/|$)/g, '/N');
    yield { field: path[0] === 'data' ? `${String(message.type)} ${name}` : name, message: copy };
  }
}

/** Every value, every whole object or list, and a field that nobody knows beside each. */
function* placesOf(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [...path, CANARY];
  for (const [name, inner] of Object.entries(value)) yield* placesOf(inner, [...path, name]);
}

/** Files below the folder that hold the text. Throws where there are none at all. */
export function filesWith(folder: string, text = CANARY): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  if (files.length < 3) throw new Error(`expected files in ${folder}, found ${files.length}`);
  return files.filter(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(text)).map(({ name }) => name);
}
