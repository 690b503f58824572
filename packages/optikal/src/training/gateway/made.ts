/** The made-up texts that stand beside the prepared ones: attacks, and harmless look-alikes over their clean pages. */
import { augmentTexts } from './augment/index.ts';
import type { LabelledText } from './texts.ts';

/** Pages of one suite that things are spliced into, at most: a suite of many recordings is not all that pages look like. */
const PAGES_OF_SUITE = 400;

export function made(
  texts: readonly LabelledText[],
  { seed, attackCount, benignCount }: { readonly seed: string; readonly attackCount: number; readonly benignCount: number },
): readonly LabelledText[] {
  return augmentTexts(carriers(texts), { seed, count: attackCount, benignCount });
}

/** One text a page, at most so many a suite, those of all suites alike. */
function carriers(texts: readonly LabelledText[]): readonly LabelledText[] {
  const pages = new Set<string>();
  const counts = new Map<string, number>();
  return texts.filter(({ label, context, page, suite }) => {
    if (label === 1 || context.direction === 'input' || pages.has(page)) return false;
    pages.add(page);
    const count = counts.get(suite ?? '') ?? 0;
    counts.set(suite ?? '', count + 1);
    return count < PAGES_OF_SUITE;
  });
}
