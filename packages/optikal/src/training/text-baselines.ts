/** What a text can be flagged by without learning anything: the words that everybody filters, and the marks of one template. */

export interface TextBaseline {
  readonly name: string;
  /** 1 = flagged. */
  readonly score: (text: string) => 0 | 1;
}

/** The usual list; what README files of prompt filters have in common. */
const KEYWORDS = new RegExp(
  [
    String.raw`(?:ignore|disregard|forget|overlook|override)\s[\s\w]{0,30}(?:previous|prior|above|earlier|all|your)\s[\s\w]{0,20}(?:instruction|prompt|direction|directive|order|rule|command)`,
    String.raw`you are now\b`,
    'system prompt',
    'do anything now',
    'jailbreak',
    String.raw`new instructions?\s*:`,
  ].join('|'),
  'i',
);

export const TEXT_BASELINES: readonly TextBaseline[] = [
  { name: 'keyword list', score: (text) => (KEYWORDS.test(text) ? 1 : 0) },
  { name: 'the string <INFORMATION>', score: (text) => (text.includes('<INFORMATION>') ? 1 : 0) },
];
