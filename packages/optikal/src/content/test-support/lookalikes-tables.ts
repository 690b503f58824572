/** Tables of a fitted detector on the tests' own texts: false alarms by kind, misses by style of attack and by evasion. */
import type { InjectionDetector, TextContext } from '../injection/contract.ts';
import { EVASIONS } from './evasions.ts';
import { FRESH_ATTACKS, LOOKALIKES } from './lookalikes.ts';
import { CARRIER_PAGES } from './lookalikes-pages.ts';

export interface TableRow {
  readonly name: string;
  readonly found: number;
  readonly of: number;
}

const OUTPUT: TextContext = { direction: 'tool_output', request: null, tool: null };
const INPUT: TextContext = { direction: 'input', request: null, tool: null };
const PAGES = Object.values(CARRIER_PAGES);
/** Harmless texts that are flagged, by kind; what customers type is judged as input too. */
export function falseAlarms(detector: InjectionDetector): TableRow[] {
  const rows = Object.entries(LOOKALIKES).map(([name, texts]) => count(name, texts, (text) => detector.judge(text, OUTPUT).flagged));
  const chat = LOOKALIKES.customer_chat!;
  return [
    ...rows,
    count('customer_chat, typed', chat, (text) => detector.judge(text, INPUT).flagged),
    count('pages of the tests', PAGES, (page) => detector.judge(page, OUTPUT).flagged),
  ];
}

/** Hand-written attacks, each within every quiet page, that are flagged, by style. */
export function recallByStyle(detector: InjectionDetector): TableRow[] {
  const pages = quietPages(detector);
  return Object.entries(FRESH_ATTACKS).map(([name, blocks]) =>
    count(
      name,
      blocks.flatMap((block) => pages.map((page) => within(page, block))),
      (text) => detector.judge(text, OUTPUT).flagged,
    ),
  );
}

/** Plain attacks under each evasion; found = one of the outputs is flagged. */
export function recallByEvasion(detector: InjectionDetector): TableRow[] {
  const payloads = FRESH_ATTACKS.classic!;
  const pages = quietPages(detector);
  return EVASIONS.map(({ name, family, outputs }) => {
    const given = payloads.map((payload, i) => outputs(payload, pages[i % pages.length]!));
    return count(`${family}: ${name}`, given, (texts) => texts.some((text) => detector.judge(text, OUTPUT).flagged));
  });
}

/** Share of pairs of an attack (as it is, without a page) and a harmless text in which the attack has the higher margin; ½ = chance. */
export function rankedRight(detector: InjectionDetector): number {
  const marginsOf = (texts: Readonly<Record<string, readonly string[]>>) =>
    Object.values(texts)
      .flat()
      .map((text) => detector.judge(text, OUTPUT).margin);
  const [attacks, harmless] = [marginsOf(FRESH_ATTACKS), marginsOf(LOOKALIKES)];
  let right = 0;
  for (const attack of attacks) for (const other of harmless) right += attack > other ? 1 : attack === other ? 0.5 : 0;
  return right / (attacks.length * harmless.length);
}

/** Pages that are not flagged without an attack: elsewhere a finding says nothing. All of them where each is flagged. */
function quietPages(detector: InjectionDetector): readonly string[] {
  const quiet = PAGES.filter((page) => !detector.judge(page, OUTPUT).flagged);
  return quiet.length === 0 ? PAGES : quiet;
}

/** In the middle, on a line of its own. */
function within(page: string, block: string): string {
  const at = page.indexOf('\n', page.length / 2);
  return `${page.slice(0, at)}\n${block}${page.slice(at)}`;
}

function count<T>(name: string, items: readonly T[], isFound: (item: T) => boolean): TableRow {
  return { name, found: items.filter(isFound).length, of: items.length };
}
