/**
 * Deliberate defects, to prove that the crash tests would find them: OPTIKAL_MUTANT is read here (and by both buses for
 * `offset_before_alerts`), by nothing else. Unset, nothing changes.
 */
import { hash } from 'node:crypto';
import { alertId } from '../detection/alert-id.ts';
import type { Bundle } from '../detection/ensemble/bundle.ts';
import type { ModelStoreOptions } from './model-store.ts';

/** A score that depends on chance: a margin that a replay cannot give again. */
function jittered(bundle: Bundle): Bundle {
  return { ...bundle, bases: bundle.bases.map((base) => ({ ...base, mean: base.mean + (Math.random() - 0.5) * 0.1 * base.sd })) };
}

export function mutated(options: ModelStoreOptions, mutant: string | undefined): ModelStoreOptions {
  if (mutant === 'unseeded_choice') return { ...options, load: (fingerprint) => jittered(options.load(fingerprint)) };
  if (mutant === 'fingerprint_in_id')
    return {
      ...options,
      nameAlert: (subject, bundle) => hash('sha256', `${bundle.fingerprint} ${alertId(subject)}`).slice(0, 32),
    };
  // A name that nobody knows must not pass for a defect that no test noticed.
  if (mutant !== undefined && mutant !== '' && mutant !== 'offset_before_alerts')
    throw new Error(`OPTIKAL_MUTANT: expected one of offset_before_alerts, unseeded_choice, fingerprint_in_id; found \`${mutant}\``);
  return options;
}
