/** The one sentence of an alert: who did what after reading what. Counts and names of tools only; nothing of the content. */
import type { EvidenceCall, Threat } from '@optikal/contracts';
import type { Analysis } from '../analyse.ts';
import { FLAGGED_LOGIT } from '../facts.ts';
import { IGNORED_BELOW } from './acted.ts';
import { driversOf, type Explanation } from './attribute.ts';

const THREAT_WORDS: Readonly<Record<Threat, string>> = {
  credential_abuse: 'credential abuse',
  data_exfiltration: 'data exfiltration',
  prompt_injection: 'prompt injection',
  resource_abuse: 'resource abuse',
  behavioral_drift: 'behavioural drift',
  privilege_escalation: 'privilege escalation',
};

export function sentenceOf(
  agent: string,
  role: string | null,
  threat: Threat,
  analysis: Analysis,
  evidence: readonly EvidenceCall[],
  explanation: Explanation,
  acted: number | null,
): string {
  const who = role === null ? agent : `${agent} (${role})`;
  if (acted !== null && acted < IGNORED_BELOW)
    return `${who} read an output that the gateway flagged and did not act on it: looks like an attempt at ${THREAT_WORDS[threat]}.`;
  const decisive = [...evidence].sort((a, b) => (b.score ?? 0) - (a.score ?? 0))[0];
  return `${who} ${deed(analysis, decisive)}${afterWhat(analysis, decisive)}: looks like ${THREAT_WORDS[threat]}${because(evidence, explanation)}.`;
}

function deed({ facts, content }: Analysis, decisive: EvidenceCall | undefined): string {
  if (decisive === undefined) return facts.denied > 0 ? `was denied ${plural(facts.denied, 'action')}` : 'behaved unlike itself';
  const same = content.calls.filter(({ call }) => call.tool === decisive.tool).length;
  const verb = decisive.ok ? 'called' : 'tried to call';
  const times = same > 1 ? ` ${same} times` : '';
  const reason = decisive.reasons.find((text) => !text.startsWith('after reading') && text !== 'failed');
  return `${verb} ${decisive.tool}${times}${reason === undefined ? '' : ` (${reason})`}`;
}

/** What came before the decisive call in its window: a flagged output, else the latest untrusted one, else how much was read. */
function afterWhat({ facts, content }: Analysis, decisive: EvidenceCall | undefined): string {
  if (facts.injectionMax >= FLAGGED_LOGIT) return ' after reading an output that the gateway flagged';
  if (decisive === undefined) return '';
  const at = content.calls.findIndex(({ call }) => call.callId === decisive.callId && call.time === decisive.timeMs);
  const earlier = content.calls.slice(0, at);
  const untrusted = earlier.filter(({ tool }) => tool.untrusted);
  const other = untrusted.findLast(({ call }) => call.tool !== decisive.tool);
  if (other !== undefined) return ` after reading what ${other.call.tool} returned`;
  if (untrusted.length > 0) return ' after reading what it returned';
  const reads = earlier.filter(({ effect }) => effect === 'read').length;
  return reads > 0 ? ` after ${plural(reads, 'read')} in the same minute` : '';
}

/** What the calls do not show by themselves: the windows before, else the strongest feature. */
function because(evidence: readonly EvidenceCall[], explanation: Explanation): string {
  if (explanation.leadUp) return ', and its last windows lead up to it';
  const [top] = driversOf(explanation);
  if (top === undefined || evidence.some((call) => call.reasons.length > 0)) return '';
  return `, mostly by ${top.spec.label}`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
