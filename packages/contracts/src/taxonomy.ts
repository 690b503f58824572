/**
 * The six threats and their tags. Ids checked against MITRE ATLAS 5.6.0, OWASP Agentic 2026 and OWASP LLM 2026/2025; the mapping
 * itself is a judgement. OWASP ASI04, ASI07 and ASI09 (supply chain, inter-agent communication, human trust) are not covered.
 */
export const THREATS = [
  'credential_abuse',
  'data_exfiltration',
  'prompt_injection',
  'resource_abuse',
  'behavioral_drift',
  'privilege_escalation',
] as const;
export type Threat = (typeof THREATS)[number];

export interface TaxonomyTag {
  readonly framework: 'MITRE ATLAS' | 'OWASP Agentic' | 'OWASP LLM';
  readonly id: string;
  readonly edition: string;
}

const atlas = (...ids: string[]): TaxonomyTag[] => ids.map((id) => ({ framework: 'MITRE ATLAS', id: `AML.${id}`, edition: '5.6.0' }));
const agentic = (...ids: string[]): TaxonomyTag[] => ids.map((id) => ({ framework: 'OWASP Agentic', id, edition: '2026' }));
const llm = (id2026: string, id2025: string): TaxonomyTag[] => [
  { framework: 'OWASP LLM', id: id2026, edition: '2026' },
  { framework: 'OWASP LLM', id: id2025, edition: '2025' },
];

export const THREAT_TAGS: Readonly<Record<Threat, readonly TaxonomyTag[]>> = {
  credential_abuse: [...atlas('T0098', 'T0055', 'T0012'), ...agentic('ASI03'), ...llm('LLM02', 'LLM02')],
  data_exfiltration: [...atlas('T0086', 'T0057', 'T0025'), ...agentic('ASI02', 'ASI01'), ...llm('LLM02', 'LLM02')],
  prompt_injection: [...atlas('T0051', 'T0051.001', 'T0080'), ...agentic('ASI01', 'ASI06'), ...llm('LLM01', 'LLM01')],
  resource_abuse: [...atlas('T0034', 'T0034.002', 'T0029'), ...agentic('ASI02', 'ASI08'), ...llm('LLM06', 'LLM10')],
  behavioral_drift: [...atlas('T0080', 'T0081'), ...agentic('ASI10', 'ASI06'), ...llm('LLM05', 'LLM04')],
  privilege_escalation: [...atlas('T0053', 'T0105', 'T0012'), ...agentic('ASI03', 'ASI05'), ...llm('LLM03', 'LLM06')],
};
