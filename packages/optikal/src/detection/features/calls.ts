/** call1: the row of one call, for the per-call scorer. */
import type { CallFacts } from '../facts.ts';
import { columnsOf, type Row } from './columns.ts';

export const CALL_COLUMNS = columnsOf('call1');
const write = CALL_COLUMNS.group();

const flag = (condition: boolean): number => (condition ? 1 : 0);
const known = (value: number | null | undefined): number => value ?? Number.NaN;

export function callRow(facts: CallFacts): Row {
  const row = new Float64Array(CALL_COLUMNS.length).fill(Number.NaN);
  const { effect, provenance, call } = facts.call;
  write(row, {
    call_side_effect: flag(facts.sideEffect),
    call_account_or_money: flag(effect === 'account' || effect === 'money'),
    call_unknown: flag(effect === 'unknown'),
    call_failed: flag(!call.ok),
    call_role_surprise: facts.roleSurprise,
    call_role_order: facts.roleOrder,
    call_own_surprise: facts.ownSurprise,
    call_own_order: facts.ownOrder,
    call_read_bytes_before: facts.readBytesBefore,
    call_reads_before: facts.readsBefore,
    call_side_effects_before: facts.sideEffectsBefore,
    call_repeats: facts.repeats,
    call_dest_count: known(provenance?.destCount),
    call_dest_from_output: known(provenance?.destOut),
    call_dest_new: known(provenance?.destNew),
    call_values_from_output: known(provenance?.valuesOut),
    call_values_from_latest: known(provenance?.valuesOutLatest),
    call_values_flagged: known(provenance?.valuesFlagged),
    call_words_from_output: known(provenance?.wordsOutShare),
    call_affinity: known(provenance?.affinity),
    call_requested: known(provenance?.requested),
    call_unrequested_side: unrequestedSide(facts),
    call_injection: facts.injection,
    call_since_flagged: closeness(facts),
    call_denied: facts.denied,
    call_risk: facts.risk,
  });
  return row;
}

/** side effect × (1 − requested) × [valuesOut > 0]; NaN where provenance was not computed. */
export function unrequestedSide({ sideEffect, call }: CallFacts): number {
  if (!sideEffect) return 0;
  const requested = known(call.provenance?.requested);
  const valuesOut = known(call.provenance?.valuesOut);
  if (Number.isNaN(valuesOut)) return Number.NaN;
  return valuesOut > 0 ? 1 - requested : 0;
}

/** 1/(1 + calls since the last flagged output); 0 where outputs were checked and none was flagged. */
export function closeness({ sinceFlagged, injection }: CallFacts): number {
  if (!Number.isNaN(sinceFlagged)) return 1 / (1 + sinceFlagged);
  return Number.isNaN(injection) ? Number.NaN : 0;
}
