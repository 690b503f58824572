/** E-mail addresses and phone numbers. */
import type { Found } from '../gateway/found.ts';
import type { Span } from '../injection/contract.ts';
import { isNamed } from './context.ts';
import { matchesIn } from './regions.ts';

/** RFC 5321 lengths; a quoted local part is not looked for. Both are read from the `@`, so that words without one cost nothing. */
const LOCAL = /[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,63})$/;
const MAX_LOCAL = 64;
const DOMAIN = /(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])/y;
/** `icon@2x.png`, `lib@next.js`: names of files and packages. */
const FILE_ENDING = /\.(?:png|jpe?g|gif|svg|webp|ico|css|js|ts|mjs|cjs|json|html?|md|py|whl|tgz|zip|gz)$/i;
/** `git@github.com:owner/name`: nobody's address. */
const NOBODY = /^(?:git|svn|hg)@/i;

export function findEmails(text: string): Found[] {
  const found: Found[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    DOMAIN.lastIndex = at + 1;
    const domain = DOMAIN.exec(text)?.[0];
    const local = domain === undefined ? undefined : LOCAL.exec(text.slice(Math.max(0, at - MAX_LOCAL), at))?.[0];
    if (domain === undefined || local === undefined) continue;
    const address = `${local}@${domain}`;
    if (!FILE_ENDING.test(address) && !NOBODY.test(address))
      found.push({ what: 'email', score: 0.97, start: at - local.length, end: at + 1 + domain.length });
  }
  return found;
}

/** ITU-T E.164 country codes of one and two digits; all others have three. */
const SHORT_CODES = new Set(
  '1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98'.split(
    ' ',
  ),
);
const THREE_DIGIT_CODES = /^(?:2[1-69]\d|3[578]\d|42\d|5[09]\d|6[789]\d|8[058]\d|9[679]\d)/;
const INTERNATIONAL = /(?<![\w+./=-])\+[1-9](?:[ .()\-/]{0,2}\d){7,14}(?![\w]|\.\d)/g;
/** North America: area and exchange begin with 2–9 and are not N11. French pairs. Both are told by their form. */
const BY_FORM =
  /(?<![\w+./=#-])(?:(?:1[ .-])?(?:\([2-9](?!11)\d{2}\) ?|[2-9](?!11)\d{2}([ .-]))[2-9](?!11)\d{2}(?:\1|-)\d{4}|0[1-9](?:[ .]\d{2}){4})(?![\w-]|\.\d)/g;
/** Elsewhere a leading 0 and 9 to 11 digits in groups: only where it is called a phone. */
const NATIONAL = /(?<![\w+./=#-])\(?0(?:[ ()\-/]{0,2}\d){8,11}(?![\w-]|\.\d)/g;
const PHONE_WORDS =
  /phone|\btel\b|\btel[.:]|mobile|\bcell\b|\bcall\b|\bfax\b|whatsapp|\bsms\b|telefon|handy|téléphone|teléfono|telefono|móvil|portable|contact/i;

export function findPhones(text: string, region: Span): Found[] {
  const found: Found[] = [];
  const take = (pattern: RegExp, score: number, holds: (digits: string, at: Span) => boolean) => {
    for (const { match, start, end } of matchesIn(text, region, pattern))
      if (holds(match[0].replace(/\D/g, ''), { start, end })) found.push({ what: 'phone', score, start, end });
  };
  take(INTERNATIONAL, 0.9, (digits) => digits.length >= 9 && digits.length <= 15 && hasCountryCode(digits));
  take(BY_FORM, 0.8, () => true);
  take(NATIONAL, 0.7, (digits, at) => digits.length >= 9 && digits.length <= 12 && isNamed(text, at.start, at.end, PHONE_WORDS));
  return found;
}

function hasCountryCode(digits: string): boolean {
  return SHORT_CODES.has(digits.slice(0, 1)) || SHORT_CODES.has(digits.slice(0, 2)) || THREE_DIGIT_CODES.test(digits);
}
