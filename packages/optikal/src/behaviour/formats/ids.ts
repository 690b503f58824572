/** Foreign names as ids. What is no id already keeps what is readable of it and gets a hash, so that two names never become one. */
import { createHash } from 'node:crypto';
import { ID_REGEX } from '@optikal/contracts';

const HASH_CHARS = 12;
const MAX_ID = 128;
/** Task ids become parts of event ids (at most 256 characters). */
const MAX_TASK_ID = 160;

/** [A-Za-z0-9._:-]{1,128}, the same for the same name on every machine. */
export function agentIdOf(name: string): string {
  if (ID_REGEX.test(name)) return name;
  const kept = name.replace(/[^A-Za-z0-9._:-]+/g, '-').slice(0, MAX_ID - HASH_CHARS - 1);
  return `${kept}-${hash(name)}`;
}

export function taskIdOf(name: string): string {
  return name.length <= MAX_TASK_ID ? name : `${name.slice(0, MAX_TASK_ID - HASH_CHARS - 1)}-${hash(name)}`;
}

function hash(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, HASH_CHARS);
}
