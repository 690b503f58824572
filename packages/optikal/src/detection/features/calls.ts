/** call1: the row of one call, for the per-call scorer. */
import type { CallFacts } from '../facts.ts';
import { columnsOf, known, type Row } from './columns.ts';

export const CALL_COLUMNS = columnsOf('call1');
const SIDE_EFFECT = CALL_COLUMNS.at('call_side_effect');
const ACCOUNT_OR_MONEY = CALL_COLUMNS.at('call_account_or_money');
const UNKNOWN = CALL_COLUMNS.at('call_unknown');
const FAILED = CALL_COLUMNS.at('call_failed');
const ROLE_SURPRISE = CALL_COLUMNS.at('call_role_surprise');
const ROLE_ORDER = CALL_COLUMNS.at('call_role_order');
const OWN_SURPRISE = CALL_COLUMNS.at('call_own_surprise');
const OWN_ORDER = CALL_COLUMNS.at('call_own_order');
const READ_BYTES_BEFORE = CALL_COLUMNS.at('call_read_bytes_before');
const READS_BEFORE = CALL_COLUMNS.at('call_reads_before');
const SIDE_EFFECTS_BEFORE = CALL_COLUMNS.at('call_side_effects_before');
const REPEATS = CALL_COLUMNS.at('call_repeats');
const DEST_COUNT = CALL_COLUMNS.at('call_dest_count');
const DEST_FROM_OUTPUT = CALL_COLUMNS.at('call_dest_from_output');
const DEST_NEW = CALL_COLUMNS.at('call_dest_new');
const VALUES_FROM_OUTPUT = CALL_COLUMNS.at('call_values_from_output');
const VALUES_FROM_LATEST = CALL_COLUMNS.at('call_values_from_latest');
const VALUES_FLAGGED = CALL_COLUMNS.at('call_values_flagged');
const WORDS_FROM_OUTPUT = CALL_COLUMNS.at('call_words_from_output');
const AFFINITY = CALL_COLUMNS.at('call_affinity');
const REQUESTED = CALL_COLUMNS.at('call_requested');
const UNREQUESTED_SIDE = CALL_COLUMNS.at('call_unrequested_side');
const INJECTION = CALL_COLUMNS.at('call_injection');
const SINCE_FLAGGED = CALL_COLUMNS.at('call_since_flagged');
const DENIED = CALL_COLUMNS.at('call_denied');
const RISK = CALL_COLUMNS.at('call_risk');

const flag = (condition: boolean): number => (condition ? 1 : 0);

/** Into a row of NaN. */
export function writeCall(row: Row, facts: CallFacts): void {
  const { effect, provenance, call } = facts.call;
  row[SIDE_EFFECT] = flag(facts.sideEffect);
  row[ACCOUNT_OR_MONEY] = flag(effect === 'account' || effect === 'money');
  row[UNKNOWN] = flag(effect === 'unknown');
  row[FAILED] = flag(!call.ok);
  row[ROLE_SURPRISE] = facts.roleSurprise;
  row[ROLE_ORDER] = facts.roleOrder;
  row[OWN_SURPRISE] = facts.ownSurprise;
  row[OWN_ORDER] = facts.ownOrder;
  row[READ_BYTES_BEFORE] = facts.readBytesBefore;
  row[READS_BEFORE] = facts.readsBefore;
  row[SIDE_EFFECTS_BEFORE] = facts.sideEffectsBefore;
  row[REPEATS] = facts.repeats;
  row[DEST_COUNT] = known(provenance?.destCount);
  row[DEST_FROM_OUTPUT] = known(provenance?.destOut);
  row[DEST_NEW] = known(provenance?.destNew);
  row[VALUES_FROM_OUTPUT] = known(provenance?.valuesOut);
  row[VALUES_FROM_LATEST] = known(provenance?.valuesOutLatest);
  row[VALUES_FLAGGED] = known(provenance?.valuesFlagged);
  row[WORDS_FROM_OUTPUT] = known(provenance?.wordsOutShare);
  row[AFFINITY] = known(provenance?.affinity);
  row[REQUESTED] = known(provenance?.requested);
  row[UNREQUESTED_SIDE] = unrequestedSide(facts);
  row[INJECTION] = facts.injection;
  row[SINCE_FLAGGED] = closeness(facts);
  row[DENIED] = facts.denied;
  row[RISK] = facts.risk;
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
