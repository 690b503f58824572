/** Secrets in a text: known forms first, then what looks random beside a word that calls for a secret. */
import { type Found, withoutOverlaps } from '../gateway/found.ts';
import { findRandomSecrets } from './entropy.ts';
import { findKnownSecrets } from './known-formats.ts';

/**
 * In order of the text, none overlapping. Pure, linear in the text; the secrets themselves are not in the result.
 *
 * @example findSecrets('GITHUB_TOKEN=ghp_…'); // [{ what: 'github', score: 0.97, start: 13, end: 53 }]
 */
export function findSecrets(text: string): Found[] {
  return withoutOverlaps([...findKnownSecrets(text), ...findRandomSecrets(text)]);
}
