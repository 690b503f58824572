/** Personal data in a text: what can be told by its form and its check digits, not names and addresses. */
import { type Found, withoutOverlaps } from '../gateway/found.ts';
import { findCards, findIbans } from './accounts.ts';
import { findEmails, findPhones } from './contact.ts';
import { findNationalIds } from './national-ids.ts';
import { numberRegions } from './regions.ts';

/**
 * In order of the text, none overlapping. Pure, linear in the text; the values themselves are not in the result.
 *
 * @example findPersonalData('write to bob@acme.example'); // [{ what: 'email', score: 0.97, start: 9, end: 25 }]
 */
export function findPersonalData(text: string): Found[] {
  const found = [...findEmails(text), ...findIbans(text)];
  for (const region of numberRegions(text))
    found.push(...findCards(text, region), ...findNationalIds(text, region), ...findPhones(text, region));
  return withoutOverlaps(found);
}
