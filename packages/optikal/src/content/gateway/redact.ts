/** A text with what was found in it cut out: what stands in its place says what it was. */
import type { Finding } from '../gateway.ts';

/**
 * Each span becomes `[KIND]`; overlapping spans become one, named by the first. Offsets are those of the text that was checked.
 *
 * @example redactText('mail bob@acme.example', findings); // 'mail [pii:email]'
 */
export function redactText(text: string, findings: readonly Pick<Finding, 'kind' | 'span'>[]): string {
  const spans = findings.flatMap(({ kind, span }) => (span === null ? [] : [{ kind, ...span }])).sort((a, b) => a.start - b.start);
  let [result, at] = ['', 0];
  for (const { kind, start, end } of spans) {
    if (start >= at) result += `${text.slice(at, start)}[${kind}]`;
    at = Math.max(at, end);
  }
  return result + text.slice(at);
}
