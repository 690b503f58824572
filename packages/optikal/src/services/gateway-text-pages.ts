/**
 * Which texts are one page: equal words once the injected blocks, numbers and marks of the notation are out, or nearly so. Copies of a page
 * with other dates, another order of fields or a comment more must not stand on both sides of a split.
 */
import { createHash } from 'node:crypto';

/** Words in a row that are compared. */
const SHINGLE_WORDS = 4;
/** One shingle in so many is kept, by its hash: the same ones in every text. */
const KEPT_OF = 4;
/** With fewer kept shingles a text is one page with its equals only. */
const LEAST_SHINGLES = 8;
/** Of the larger text's shingles. */
const NEARLY_ALL = 0.8;
/** Of the smaller text's, where it was cut out of a larger one. */
const CUT_ALL = 0.9;
/** Sources cut texts at 3,000 characters; a block taken out shortens them further. */
const CUT_CHARS: readonly [number, number] = [2400, 3000];
/** A form of fewer words says nothing of a text. */
const LEAST_WORDS = 3;

export interface PageText {
  /** Without its injected blocks. */
  readonly text: string;
  /** Length of the text as it was given. */
  readonly chars: number;
  /** Whether pages that are nearly equal are one too. Bank notices of one form are not: each is a letter of its own. */
  readonly near: boolean;
}

/** For each text the SHA-256 (hex) of its page: of the words of the first text of its group. */
export function pagesOf(texts: readonly PageText[]): readonly string[] {
  const forms = texts.map(({ text }) => normalForm(text));
  const ids = new Map<string, number>();
  const idOf = forms.map((form) => {
    const id = ids.get(form) ?? ids.size;
    ids.set(form, id);
    return id;
  });
  const distinct = [...ids.keys()];
  const cut = new Set(texts.flatMap(({ chars }, i) => (chars >= CUT_CHARS[0] && chars <= CUT_CHARS[1] ? [idOf[i]!] : [])));
  const near = new Set(texts.flatMap((text, i) => (text.near ? [idOf[i]!] : [])));
  const groups = nearGroups(distinct, near, cut);
  const hashes = new Map<number, string>();
  return idOf.map((id) => {
    const group = groups[id]!;
    const hash = hashes.get(group) ?? createHash('sha256').update(distinct[group]!).digest('hex');
    hashes.set(group, hash);
    return hash;
  });
}

/** Lower-case words of letters; a text of numbers or signs is taken as it is, its white space evened out. */
export function normalForm(text: string): string {
  const found = text
    .replaceAll(/\\+[nrtu"']/g, ' ')
    .toLowerCase()
    .match(/\p{L}[\p{L}\p{M}]+/gu);
  return found === null || found.length < LEAST_WORDS ? text.replaceAll(/\s+/g, ' ').trim() : found.join(' ');
}

/** The smallest index of the group of each form. */
function nearGroups(forms: readonly string[], compared: ReadonlySet<number>, cut: ReadonlySet<number>): readonly number[] {
  const parent = forms.map((_, i) => i);
  const find = (i: number): number => {
    let root = i;
    while (parent[root] !== root) root = parent[root]!;
    for (let at = i; at !== root; ) [at, parent[at]] = [parent[at]!, root];
    return root;
  };
  const postings = new Map<number, number[]>();
  const sizes = new Uint32Array(forms.length);
  const shared = new Uint32Array(forms.length);
  forms.forEach((form, i) => {
    if (!compared.has(i)) return;
    const shingles = keptShingles(form);
    if (shingles.size < LEAST_SHINGLES) return;
    sizes[i] = shingles.size;
    const met: number[] = [];
    for (const shingle of shingles) {
      const known = postings.get(shingle);
      if (known === undefined) postings.set(shingle, [i]);
      else {
        for (const j of known) if (shared[j]!++ === 0) met.push(j);
        known.push(i);
      }
    }
    for (const j of met) {
      const small = sizes[i]! < sizes[j]! ? i : j;
      const large = small === i ? j : i;
      const near = shared[j]! >= NEARLY_ALL * sizes[large]! || (cut.has(small) && shared[j]! >= CUT_ALL * sizes[small]!);
      shared[j] = 0;
      if (!near) continue;
      const [a, b] = [find(i), find(j)];
      parent[Math.max(a, b)] = Math.min(a, b);
    }
  });
  return parent.map((_, i) => find(i));
}

/** FNV-1a over the characters of so many words in a row. */
function keptShingles(form: string): ReadonlySet<number> {
  const words = form.split(' ');
  const kept = new Set<number>();
  for (let i = 0; i + SHINGLE_WORDS <= words.length; i++) {
    let hash = 0x811c9dc5;
    for (let w = i; w < i + SHINGLE_WORDS; w++) {
      const word = words[w]!;
      for (let c = 0; c <= word.length; c++) hash = Math.imul(hash ^ (c < word.length ? word.charCodeAt(c) : 32), 0x01000193);
    }
    // FNV's low bits follow the last characters alone; the high ones do not.
    if ((hash >>> 24) % KEPT_OF === 0) kept.add(hash >>> 0);
  }
  return kept;
}
