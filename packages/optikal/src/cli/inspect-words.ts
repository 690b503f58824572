/** What `inspect` says of a text and of tools, for people. */
import type { Checked, Finding } from '../content/gateway.ts';
import type { Direction } from '../content/injection/contract.ts';
import { textsOf } from '../content/tool-poisoning/definitions.ts';
import { SIGNS } from '../content/tool-poisoning/signs.ts';
import type { InspectedTools } from '../services/inspect.ts';
import type { Colors } from './io.ts';
import { type MarkedLine, markedLines } from './marked-lines.ts';
import { number, percent } from './quantity.ts';
import { harmless } from './watch/text.ts';

const DIRECTION_WORDS: Readonly<Record<Direction, string>> = { input: 'user input', tool_output: 'tool output', output: 'agent output' };
const FAMILY_WORDS: Readonly<Record<string, string>> = {
  prompt_injection: 'reads like an injection',
  secret_leak: 'a secret',
  pii: 'personal data',
};
/** Findings of a text that are shown with their lines; the others are counted. */
const MAX_SHOWN = 12;

export function textWords(text: string, { verdict, score, findings }: Checked, direction: Direction, colors: Colors): string[] {
  const { bold, red, green, dim } = colors;
  const paint = verdict === 'allow' ? green : red;
  const sure =
    score === null
      ? 'nobody looked for injections, since there is no detector (--bundle)'
      : `probability of an injection ${percent(score)}`;
  return [
    `${bold(paint(verdict))} as ${DIRECTION_WORDS[direction]}; ${sure}${findings.length === 0 ? '; nothing found' : ''}`,
    ...findings
      .slice(0, MAX_SHOWN)
      .flatMap((finding) => [
        `${wordsOf(finding)} ${dim(percent(finding.score))}`,
        ...(finding.span === null ? [] : placeWords(text, finding.span, colors)),
      ]),
    ...(findings.length > MAX_SHOWN ? [dim(`… and ${number(findings.length - MAX_SHOWN)} findings more`)] : []),
  ];
}

function wordsOf({ kind }: Finding): string {
  const [family = '', what] = kind.split(':');
  return `${FAMILY_WORDS[family] ?? family}${what === undefined ? '' : ` (${what.replaceAll('_', ' ')})`}`;
}

export function toolWords({ tools, definitions, changes }: InspectedTools, colors: Colors): string[] {
  const { bold, red, dim } = colors;
  const poisoned = tools.filter((tool) => tool.poisoned);
  const lines = tools.flatMap(({ server, tool, score, findings, poisoned: bad }, i) => {
    if (!bad) return [];
    const texts = new Map(textsOf(definitions[i]!.definition).map(({ pointer, text, kind }) => [`${kind} ${pointer}`, text]));
    return [
      `${bold(red(harmless(server === null ? tool : `${server}/${tool}`)))} ${dim(percent(score))}`,
      ...findings.slice(0, MAX_SHOWN).flatMap(({ sign, where, span }) => {
        const text = texts.get(`text ${where}`) ?? texts.get(`name ${where}`);
        return [
          `  ${SIGNS[sign]} ${dim(`at ${harmless(where)}`)}`,
          ...(span === null || text === undefined ? [] : placeWords(text, span, colors).map((line) => `  ${line}`)),
        ];
      }),
    ];
  });
  const known =
    changes === null
      ? ''
      : `; against the known ones ${number(changes.changed.length)} changed, ${number(changes.added.length)} new, ${number(changes.removed.length)} gone`;
  return [...lines, `${number(tools.length)} tools, ${number(poisoned.length)} poisoned${known}`];
}

function placeWords(text: string, span: { readonly start: number; readonly end: number }, colors: Colors): string[] {
  const { lines, more } = markedLines(text, span);
  return [...lines.map((line) => lineWords(line, colors)), ...(more > 0 ? [colors.dim(`     … and ${number(more)} lines more`)] : [])];
}

/** Marked by colour on a terminal, by arrows elsewhere. */
function lineWords({ line, pieces }: MarkedLine, { dim, inverse, isColorSupported }: Colors): string {
  const shown = pieces.map(({ text, marked }) => (marked ? (isColorSupported ? inverse(text) : `>>${text}<<`) : text)).join('');
  return `${dim(`${String(line).padStart(4)} |`)} ${shown}`;
}
