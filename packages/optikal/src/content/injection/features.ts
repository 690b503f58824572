/**
 * What a segment looks like beside its words: who is addressed, what is asked for, on whose authority, and how it differs from the page and
 * from what the user asked. All features lie in 0–1.
 */
import { MEANING } from './lexicon.ts';
import type { Page, PagePart } from './page.ts';
import { UNIT, type Units } from './units.ts';

export const FEATURES = [
  'imperatives',
  'imperative_first',
  'polite_imperatives',
  'imperative_with_destination',
  'transfer_to_destination',
  'assistant',
  'assistant_addressed',
  'authority',
  'override_earlier',
  'override',
  'sequence_and_imperative',
  'secrecy',
  'urgency',
  'secret_and_imperative',
  'answer_and_imperative',
  'you',
  'your_task',
  'me',
  'task_words',
  'greeting',
  'role_marker',
  'label_then_imperative',
  'delimiters',
  'tags',
  'names',
  'code',
  'name_and_imperative',
  'capitals',
  'foreign',
  'foreign_to_page',
  'question',
  'prose',
  'prose_unlike_page',
  'new_words',
  'new_words_and_imperative',
  'hidden',
  'decoded',
  'disguised',
  'joined',
  'first_in_page',
  'last_in_page',
  'alone',
  'mostly_in_request',
  'new_destination_and_imperative',
  'delegated_and_imperative',
  'verbless',
] as const;
export type FeatureName = (typeof FEATURES)[number];
export const FEATURE_COUNT = FEATURES.length;

export function featureIndex(name: FeatureName): number {
  return FEATURES.indexOf(name);
}

/** A segment, and where it was found. */
export interface FeaturePart extends PagePart {
  /** In markup that is not shown. */
  readonly hidden: boolean;
  /** Out of an encoding. */
  readonly decoded: boolean;
}

/** A third of brackets, equals signs and semicolons is code. */
const CODE_FACTOR = 3;
const MOST_CODE = 0.45;
/** Fewer words are no sentence. */
const LEAST_WORDS = 4;

const saturate = (count: number, most: number) => Math.min(count, most) / most;

/** Writes the features of a segment of `page` into `out`. */
export function writeFeatures(part: FeaturePart, page: Page, out: Float64Array | Float32Array): void {
  const { units } = part;
  const seen = countsOf(units);
  const { all } = seen;
  // `import x`, `return y`, `print(z)` are commands to a machine.
  const code = Math.min(1, (CODE_FACTOR * seen.codeMarks) / Math.max(1, units.count));
  const imperatives = code > MOST_CODE ? 0 : seen.imperatives;
  const asks = imperatives > 0 ? 1 : 0;
  const destinations = seen.kinds[UNIT.email]! + seen.kinds[UNIT.url]! + seen.kinds[UNIT.account]!;
  const known = page.compare(part);
  const foreign = units.letters === 0 ? 0 : units.foreign / units.letters;
  const prose = seen.words === 0 ? 0 : seen.words / Math.max(1, units.count - seen.kinds[UNIT.line]!);
  const first = part.start <= page.start;
  const last = part.end >= page.end;
  const alone = first && last ? 1 : 0;
  const both = (...bits: number[]) => (bits.every((bit) => (all & bit) !== 0) ? 1 : 0);
  const values: Readonly<Record<FeatureName, number>> = {
    imperatives: saturate(imperatives, 4),
    imperative_first: asks * seen.imperativeFirst,
    polite_imperatives: asks * saturate(seen.polite, 2),
    imperative_with_destination: asks && destinations > 0 ? 1 : 0,
    transfer_to_destination: seen.transfers > 0 && destinations > 0 ? 1 : 0,
    assistant: both(MEANING.assistant),
    assistant_addressed: seen.assistantAddressed,
    authority: both(MEANING.authority),
    override_earlier: both(MEANING.override, MEANING.earlier),
    override: both(MEANING.override),
    sequence_and_imperative: asks & both(MEANING.sequence),
    secrecy: both(MEANING.secrecy),
    urgency: both(MEANING.urgency),
    secret_and_imperative: asks & both(MEANING.secret),
    answer_and_imperative: asks & both(MEANING.answer),
    you: saturate(seen.you, 3),
    your_task: both(MEANING.you, MEANING.task),
    me: saturate(seen.me, 3),
    task_words: saturate(seen.tasks, 2),
    greeting: both(MEANING.greeting),
    role_marker: seen.role,
    label_then_imperative: asks * seen.labelled,
    delimiters: saturate(seen.runs, 2),
    tags: saturate(seen.kinds[UNIT.tag]!, 4),
    names: saturate(seen.kinds[UNIT.name]!, 4),
    code,
    name_and_imperative: asks && seen.kinds[UNIT.name]! > 0 ? 1 : 0,
    capitals: units.letters === 0 ? 0 : units.capitals / units.letters,
    foreign,
    foreign_to_page: Math.abs(foreign - page.foreign),
    question: seen.questions > 0 ? 1 : 0,
    prose,
    prose_unlike_page: Math.max(0, prose - page.prose),
    new_words: known.newWords,
    new_words_and_imperative: asks * known.newWords,
    hidden: part.hidden ? 1 : 0,
    decoded: part.decoded ? 1 : 0,
    disguised: page.disguised,
    joined: part.joined ? 1 : 0,
    first_in_page: first && !alone ? 1 : 0,
    last_in_page: last && !alone ? 1 : 0,
    alone,
    mostly_in_request: Math.max(0, known.inRequest - 0.6) / 0.4,
    new_destination_and_imperative: asks && page.hasRequest && destinations > 0 && !known.destinationInRequest ? 1 : 0,
    delegated_and_imperative: page.delegated ? asks : 0,
    // English in which nothing could be asked: its small words are there, and no word that can be a command.
    verbless: foreign === 0 && seen.words >= LEAST_WORDS && both(MEANING.form) === 1 && both(MEANING.verb) === 0 ? 1 : 0,
  };
  for (let f = 0; f < FEATURE_COUNT; f++) out[f] = values[FEATURES[f]!];
}

interface Counts {
  all: number;
  readonly kinds: Int32Array;
  words: number;
  imperatives: number;
  imperativeFirst: 0 | 1;
  polite: number;
  transfers: number;
  assistantAddressed: 0 | 1;
  you: number;
  me: number;
  tasks: number;
  role: 0 | 1;
  labelled: 0 | 1;
  runs: number;
  questions: number;
  codeMarks: number;
}

/** Words that name a side of a conversation before a colon or between brackets. */
const ROLES = new Set(['system', 'user', 'assistant', 'human', 'ai', 'inst', 'sys', 'developer', 'im_start']);

function countsOf(units: Units): Counts {
  const { count, kinds, meanings, starts, ends, text } = units;
  const seen: Counts = {
    all: 0,
    kinds: new Int32Array(Object.keys(UNIT).length),
    words: 0,
    imperatives: 0,
    imperativeFirst: 0,
    polite: 0,
    transfers: 0,
    assistantAddressed: 0,
    you: 0,
    me: 0,
    tasks: 0,
    role: 0,
    labelled: 0,
    runs: 0,
    questions: 0,
    codeMarks: 0,
  };
  // A command stands where a sentence may begin: `begins` says so of the next word, `polite` and `labelled` what came before it.
  let begins = true;
  let polite = false;
  let labelled = false;
  let lastMark = 0;
  let lastWord = '';
  let lastMeaning = 0;
  for (let i = 0; i < count; i++) {
    const kind = kinds[i]!;
    seen.kinds[kind]!++;
    if (kind === UNIT.line) continue;
    if (kind === UNIT.mark) {
      const mark = text.charCodeAt(starts[i]!);
      const code = String.fromCharCode(mark);
      if (code === ':' && ROLES.has(lastWord)) seen.role = 1;
      if (mark === lastMark && '=-#*_~`<>|[{!'.includes(code)) seen.runs++;
      if (code === '?') seen.questions++;
      if ('(){}[]=;'.includes(code)) seen.codeMarks++;
      if ('.!?:;-*•>"\'([{|='.includes(code)) {
        begins = true;
        labelled = code === ':';
        polite = false;
      } else if (code === ',' && (lastMeaning & (MEANING.greeting | MEANING.assistant | MEANING.sequence)) !== 0) begins = true;
      lastMark = mark;
      continue;
    }
    lastMark = 0;
    if (kind !== UNIT.word) {
      begins = kind === UNIT.tag || kind === UNIT.element;
      lastMeaning = 0;
      lastWord = '';
      continue;
    }
    const meaning = meanings[i]!;
    seen.words++;
    seen.all |= meaning;
    if (meaning & MEANING.you) seen.you++;
    if (meaning & MEANING.me) seen.me++;
    if (meaning & MEANING.task) seen.tasks++;
    if (meaning & MEANING.transfer) seen.transfers++;
    // `to you, Claude`; `your AI` is an advertisement.
    if (meaning & MEANING.assistant && lastWord === 'you') seen.assistantAddressed = 1;
    if (begins && meaning & MEANING.verb) {
      seen.imperatives++;
      if (polite) seen.polite++;
      if (labelled) seen.labelled = 1;
      if (seen.words === 1) seen.imperativeFirst = 1;
    }
    const opens = (meaning & (MEANING.polite | MEANING.sequence | MEANING.negation)) !== 0;
    if (begins && meaning & MEANING.polite) polite = true;
    begins = opens || (meaning & MEANING.verb) === 0 ? opens : false;
    if (!opens) polite = labelled = false;
    lastMeaning = meaning;
    lastWord = text.slice(starts[i]!, ends[i]!);
  }
  return seen;
}
