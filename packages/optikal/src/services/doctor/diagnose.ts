/** All checks, in the order in which they are read: what has to work first comes first. Pure. */
import { checkBundle } from './checks-bundle.ts';
import { checkDataDir } from './checks-data-dir.ts';
import { checkLog } from './checks-log.ts';
import { checkMachine } from './checks-machine.ts';
import { checkServer } from './checks-server.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';

export function diagnose(facts: Facts): Finding[] {
  return [...checkMachine(facts), ...checkDataDir(facts), ...checkLog(facts), ...checkBundle(facts), ...checkServer(facts)];
}
