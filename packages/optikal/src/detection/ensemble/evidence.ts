/** The calls that matter in an alert, and what is odd about each in a few words. */
import type { EvidenceCall } from '@optikal/contracts';
import type { CallFacts } from '../facts.ts';
import { FLAGGED_LOGIT } from '../facts.ts';
import type { Bundle } from './bundle.ts';
import type { Rows } from './judge.ts';

const MAX_EVIDENCE = 6;
const MAX_REASONS = 4;
/** −ln of a share of about 2 %: rarer than this is worth a word. */
const RARE_NATS = 4;

export function evidenceOf(bundle: Bundle, calls: readonly CallFacts[], rows: Rows): readonly EvidenceCall[] {
  const base = bundle.bases.find((model) => model.on === 'call');
  const scored = calls.map((facts, i) => ({
    facts,
    score: base === undefined ? null : (base.scorer.score(rows.callRows[i]!) - base.mean) / base.sd,
  }));
  const worst = [...scored].sort((a, b) => (b.score ?? 0) - (a.score ?? 0)).slice(0, MAX_EVIDENCE);
  return scored.filter((call) => worst.includes(call)).map(({ facts, score }) => describe(facts, score));
}

function describe(facts: CallFacts, score: number | null): EvidenceCall {
  const { call, taskId, effect } = facts.call;
  return {
    callId: call.callId,
    taskId: taskId === '' ? null : taskId,
    turn: call.turn,
    timeMs: call.time,
    tool: call.tool,
    effect,
    ok: call.ok,
    score,
    reasons: callReasons(facts).slice(0, MAX_REASONS),
  };
}

/** Plain facts of one call, most telling first. */
export function callReasons(facts: CallFacts): string[] {
  const reasons: string[] = [];
  const { provenance } = facts.call;
  const some = (count: number | null | undefined, one: string, many: string) => {
    if (count !== null && count !== undefined && count > 0) reasons.push(count === 1 ? `1 ${one}` : `${count} ${many}`);
  };
  if (facts.injection >= FLAGGED_LOGIT && facts.sideEffect) reasons.push('after reading a flagged output');
  some(provenance?.destOut, 'destination taken from an output', 'destinations taken from outputs');
  if (facts.denied === 1) reasons.push('forbidden by policy');
  some(provenance?.valuesFlagged, 'value from a flagged output', 'values from flagged outputs');
  if ((provenance?.destOut ?? 0) === 0) some(provenance?.destNew, 'destination new to the agent', 'destinations new to the agent');
  // A read that takes its argument from what was just read is the everyday case: said last.
  if (facts.sideEffect) some(provenance?.valuesOut, 'value taken from an output', 'values taken from outputs');
  if (facts.repeats > 2) reasons.push(`the same call ${facts.repeats + 1} times`);
  if (facts.sideEffect && provenance?.requested === 0) reasons.push('not asked for');
  if (facts.roleOrder > RARE_NATS) reasons.push('a step that its role rarely takes');
  if (facts.newTool === 1) reasons.push('a tool new to the agent');
  if (!facts.sideEffect) some(provenance?.valuesOut, 'value taken from an output', 'values taken from outputs');
  if (!facts.call.call.ok) reasons.push('failed');
  return reasons;
}
