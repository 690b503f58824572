/** Bank accounts and cards. */
import type { Found } from '../gateway/found.ts';
import type { Span } from '../injection/contract.ts';
import { isUniform, luhn, mod97 } from './check-digits.ts';
import { isNamed } from './context.ts';
import { matchesIn } from './regions.ts';

/** Length by country: SWIFT IBAN registry, release 99. */
const IBAN_LENGTHS = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 ' +
    'FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 ' +
    'MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ' +
    'SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))] as const),
);
const IBAN = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}/g;
const [SURE, LIKELY] = [0.97, 0.8];

export function findIbans(text: string): Found[] {
  const found: Found[] = [];
  for (const { 0: match, index } of text.matchAll(IBAN)) {
    const length = IBAN_LENGTHS.get(match.slice(0, 2).toUpperCase());
    if (length === undefined) continue;
    // The pattern may have taken the next word too: as many characters as the country has.
    let [end, taken] = [0, 0];
    while (end < match.length && taken < length) if (match[end++] !== ' ' && match[end - 1] !== '-') taken++;
    if (taken < length || /[A-Za-z0-9]/.test(text[index + end] ?? '')) continue;
    const compact = match.slice(0, end).replace(/[ -]/g, '').toUpperCase();
    if (mod97(compact.slice(4) + compact.slice(0, 4)) === 1) found.push({ what: 'iban', score: SURE, start: index, end: index + end });
  }
  return found;
}

/** Groups as they are printed, or none. Not inside a longer number, a decimal or a name. */
const CARD = /(?<![\w.,+-])(?:\d{4}([ -])\d{4}\1\d{4}\1(?:\d{4}\1\d{3}|\d{2,4})|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19})(?![\w-]|\.\d)/g;

export function findCards(text: string, region: Span): Found[] {
  const found: Found[] = [];
  for (const { match, start, end } of matchesIn(text, region, CARD)) {
    const digits = match[0].replace(/\D/g, '');
    if (!isIssued(digits) || isUniform(digits) || !luhn(digits)) continue;
    const grouped = (match[1] ?? match[2]) !== undefined;
    const named = isNamed(text, start, end, /card|visa|master|amex|credit|debit|karte|carte|tarjeta|\bpan\b/i);
    // Thirteen digits that begin with 4 are on every other product of a supermarket (EAN-13).
    if (digits.length === 13 && !named) continue;
    found.push({ what: 'card', score: grouped || named ? SURE : LIKELY, start, end });
  }
  return found;
}

/** First digits and lengths that issuers use (ISO/IEC 7812 ranges as the networks publish them). */
function isIssued(digits: string): boolean {
  const length = digits.length;
  const first = (count: number) => Number(digits.slice(0, count));
  if (digits[0] === '4') return length === 13 || length === 16 || length === 19;
  const [two, three, four] = [first(2), first(3), first(4)];
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return length === 16;
  if (two === 34 || two === 37) return length === 15;
  if (four === 6011 || two === 65 || (three >= 644 && three <= 649) || two === 62) return length >= 16;
  if (four >= 3528 && four <= 3589) return length >= 16;
  if ((three >= 300 && three <= 305) || two === 36 || two === 38 || two === 39) return length === 14;
  return [5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763].includes(four) && (length === 16 || length === 18 || length === 19);
}
