/**
 * What is left out of the gateway's texts, in turn: pages, templates, suites, the attacks of e-mails and prompts. A page is never on both sides
 * of a fold, nor is a text; what is judged and what may be learnt from is decided here alone.
 */
import { groupedFolds } from '@optikal/ml';
import { isOfSuite, type LabelledText } from './gateway/texts.ts';

export interface TextFold {
  readonly protocol: 'page' | 'template' | 'suite' | 'train-test';
  /** The template or suite that is left out; of pages the number of the fold. */
  readonly part: string;
  readonly name: string;
  readonly unseenTemplates: readonly string[];
  /** Indices of texts, ascending. */
  readonly train: Int32Array;
  readonly judged: Int32Array;
}

/** Templates left out in turn, where the data have them. */
export const TEMPLATES_LEFT_OUT = ['important_instructions', 'direct', 'ignore_previous'] as const;
/** A text with the marks of its block taken away: judged, never learnt from. */
export const STRIPPED_KIND = 'tool_output_stripped';

const PAGE_FOLDS = 5;
/** Leaving a template out, pages are dealt out too: its twins and copies under other templates are on its page. */
const TEMPLATE_FOLDS = 3;
/** Fewer texts of a template or suite say nothing. */
const LEAST_JUDGED = 10;

export function textFolds(texts: readonly LabelledText[], seed: string): readonly TextFold[] {
  const all = Int32Array.from(texts.keys());
  const pages = unitFolds(texts, PAGE_FOLDS, `${seed}:pages`);
  const pageFolds = Array.from({ length: PAGE_FOLDS }, (_, fold) =>
    foldOf(
      texts,
      { protocol: 'page', part: `${fold + 1}`, name: `pages ${fold + 1} of ${PAGE_FOLDS}`, unseenTemplates: [] },
      (t) => pages[t] === fold,
    ),
  );
  const thirds = unitFolds(texts, TEMPLATE_FOLDS, `${seed}:templates`);
  const known = TEMPLATES_LEFT_OUT.filter((template) => count(texts, (text) => text.template === template) >= LEAST_JUDGED);
  const templateFolds = known.flatMap((template) =>
    Array.from({ length: TEMPLATE_FOLDS }, (_, fold) =>
      foldOf(
        texts,
        {
          protocol: 'template',
          part: template,
          name: `template ${template}, pages ${fold + 1} of ${TEMPLATE_FOLDS}`,
          unseenTemplates: [template],
        },
        // Its own texts, and the clean ones beside which they count.
        (t) => thirds[t] === fold && isPage(texts[t]!) && (texts[t]!.label === 0 || texts[t]!.template === template),
        (t) => thirds[t] !== fold,
      ),
    ),
  );
  const suites = [...new Set(texts.flatMap(({ suite }) => suite?.split('|') ?? []))].sort();
  const suiteFolds = suites
    .filter((suite) => all.filter((t) => isOfSuite(texts[t]!, suite)).length >= LEAST_JUDGED)
    .map((suite) =>
      foldOf(texts, { protocol: 'suite', part: suite, name: `suite ${suite}`, unseenTemplates: [] }, (t) => isOfSuite(texts[t]!, suite)),
    );
  return [...pageFolds, ...templateFolds, ...suiteFolds].filter(({ judged, train }) => judged.length > 0 && train.length > 0);
}

/** Everything of one part of the texts is learnt from, everything of the other judged; texts that both hold are judged only. */
export function trainTestFold(texts: readonly LabelledText[], isTest: (t: number) => boolean): TextFold {
  const judged = indices(texts, isTest);
  const hashes = new Set(Array.from(judged, (t) => texts[t]!.sha256));
  const train = indices(texts, (t) => !isTest(t) && texts[t]!.kind !== STRIPPED_KIND && !hashes.has(texts[t]!.sha256));
  return { protocol: 'train-test', part: 'all', name: 'train, test', unseenTemplates: [], train, judged };
}

/** What a tool returned; the rest are prompts and e-mails of other sources. */
export function isPage({ kind, context: { direction } }: LabelledText): boolean {
  return direction !== 'input' && kind !== 'email';
}

type FoldNames = Pick<TextFold, 'protocol' | 'part' | 'name' | 'unseenTemplates'>;

/** `mayTrain` defaults to whatever is not judged. Texts and pages of what is judged are taken out of it, and templates that are not to be known. */
function foldOf(
  texts: readonly LabelledText[],
  names: FoldNames,
  isJudged: (t: number) => boolean,
  mayTrain: (t: number) => boolean = (t) => !isJudged(t),
): TextFold {
  const judged = indices(texts, isJudged);
  const pages = new Set(Array.from(judged, (t) => texts[t]!.page));
  const hashes = new Set(Array.from(judged, (t) => texts[t]!.sha256));
  const train = indices(texts, (t) => {
    const { page, sha256, kind, template } = texts[t]!;
    const unseen = template !== null && names.unseenTemplates.includes(template);
    return mayTrain(t) && kind !== STRIPPED_KIND && !unseen && !pages.has(page) && !hashes.has(sha256);
  });
  return { ...names, train, judged };
}

/**
 * Pages are dealt out whole. The attacks of e-mails and prompts, and the categories of harmless prompts, are dealt out by their names: none that
 * is judged was learnt from on another page.
 */
function unitFolds(texts: readonly LabelledText[], folds: number, seed: string): Int32Array {
  const of = new Int32Array(texts.length);
  const units = texts.map(unitOf);
  for (const deal of new Set(units.map(([deal]) => deal))) {
    const rows = units.flatMap(([own], t) => (own === deal ? [t] : []));
    const names = rows.map((t) => units[t]![1]);
    const parts = Math.min(folds, new Set(names).size);
    const dealt = parts < 2 ? new Int32Array(rows.length) : groupedFolds(names, parts, `${seed}:${deal}`);
    rows.forEach((t, i) => {
      of[t] = dealt[i]!;
    });
  }
  return of;
}

function unitOf({ kind, label, category, page }: LabelledText): readonly [deal: string, unit: string] {
  const byCategory =
    category !== null && (kind === 'attack_prompt' || kind === 'hard_negative_prompt' || (kind === 'email' && label === 1));
  return byCategory ? [`${kind} ${label}`, category] : ['pages', page];
}

function indices(texts: readonly LabelledText[], keep: (t: number) => boolean): Int32Array {
  return Int32Array.from(texts.keys()).filter(keep);
}

function count(texts: readonly LabelledText[], keep: (text: LabelledText) => boolean): number {
  return texts.reduce((sum, text) => sum + (keep(text) ? 1 : 0), 0);
}
