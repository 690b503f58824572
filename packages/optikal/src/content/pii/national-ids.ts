/**
 * National ids: the form, the check digit, and where both together are met by chance, a word nearby that names the id. One line a country;
 * what has neither a check digit nor a form of its own is not looked for.
 */
import type { Found } from '../gateway/found.ts';
import type { Span } from '../injection/contract.ts';
import { isUniform, luhn, mod11And10, mod97, verhoeff, weighted } from './check-digits.ts';
import { isNamed } from './context.ts';
import { matchesIn } from './regions.ts';

interface NationalId {
  readonly what: string;
  /** Bounded; not inside a longer number or name. */
  readonly pattern: RegExp;
  /** Letters in capitals and digits, nothing else. */
  readonly valid: (compact: string) => boolean;
  readonly words: RegExp;
  /** Whether form and check digit say enough where no word names it. */
  readonly alone: (match: string) => boolean;
}

const never = () => false;
const always = () => true;
const separated = (match: string) => /[ .-]/.test(match);
const bounded = (body: string) => new RegExp(`(?<![\\w.,+/=#-])(?:${body})(?![\\w-]|[.,]\\d)`, 'g');

const IDS: readonly NationalId[] = [
  {
    // SSA: no area 000, 666, 900–999, no group 00, no serial 0000; two numbers that adverts made famous.
    what: 'us_ssn',
    pattern: bounded('\\d{3}-\\d{2}-\\d{4}|\\d{3} \\d{2} \\d{4}|\\d{9}'),
    valid: (id) => !/^(?:000|666|9)|^...00|0000$|^(?:078051120|219099999|123456789)$/.test(id) && !isUniform(id),
    words: /\bssn\b|social[ _-]?security|\bss#/i,
    alone: (match) => match.includes('-'),
  },
  {
    // HMRC NIM39110. No check digit.
    what: 'uk_nino',
    pattern: bounded('[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\\d{2} ?\\d{2} ?\\d{2} ?[A-D]'),
    valid: (id) => !/^(?:BG|GB|KN|NK|NT|TN|ZZ)/.test(id),
    words: /\bnino?\b|national[ _-]?insurance/i,
    alone: (match) => match.split(' ').length === 5,
  },
  {
    what: 'uk_nhs',
    pattern: bounded('\\d{3}[ -]?\\d{3}[ -]?\\d{4}'),
    valid: (id) => !isUniform(id) && (11 - (weighted(id, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === Number(id[9]),
    words: /\bnhs\b/i,
    alone: never,
  },
  {
    // BZSt: of the first ten digits one comes twice or three times, the others once at most.
    what: 'de_tax_id',
    pattern: bounded('[1-9]\\d{10}|[1-9]\\d \\d{3} \\d{3} \\d{3}'),
    valid: (id) => hasOneRepeat(id.slice(0, 10)) && mod11And10(id),
    words: /steuer|\bid-?nr|\btin\b|tax[ _-]?id/i,
    alone: separated,
  },
  {
    what: 'fr_nir',
    pattern: bounded('[12] ?\\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\\d) ?(?:\\d{2}|2[AB]) ?\\d{3} ?\\d{3} ?\\d{2}'),
    // Corsica: 2A counts as 19, 2B as 18.
    valid: (id) => 97 - mod97(id.slice(0, 13).replace('2A', '19').replace('2B', '18')) === Number(id.slice(13)),
    words: /\bnir\b|s[ée]curit[ée] sociale|insee|num[ée]ro de s[ée]cu/i,
    alone: separated,
  },
  {
    what: 'es_dni',
    pattern: bounded('\\d{8}-?[A-HJ-NP-TV-Z]|[XYZ]-?\\d{7}-?[A-HJ-NP-TV-Z]'),
    valid: (id) => 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(id.slice(0, -1).replace(/^[XYZ]/, (x) => String('XYZ'.indexOf(x)))) % 23] === id.at(-1),
    words: /\bdni\b|\bnie\b|\bnif\b|documento|identidad/i,
    alone: (match) => /^[XYZ]/.test(match),
  },
  {
    what: 'it_codice_fiscale',
    pattern: bounded('[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]'),
    valid: isCodiceFiscale,
    words: /codice fiscale/i,
    alone: always,
  },
  {
    what: 'nl_bsn',
    pattern: bounded('\\d{9}|\\d{4}[. ]\\d{2}[. ]\\d{3}'),
    valid: (id) => !isUniform(id) && weighted(id, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0,
    words: /\bbsn\b|burgerservice|sofi/i,
    alone: never,
  },
  {
    what: 'be_national',
    pattern: bounded('\\d{2}[.]\\d{2}[.]\\d{2}-\\d{3}[.]\\d{2}|\\d{11}'),
    // Born from 2000 on: a 2 before the nine digits.
    valid: (id) => [id.slice(0, 9), `2${id.slice(0, 9)}`].some((body) => 97 - (Number(body) % 97) === Number(id.slice(9))),
    words: /rijksregister|registre national|national number/i,
    alone: separated,
  },
  {
    what: 'ch_ahv',
    pattern: bounded('756[.]\\d{4}[.]\\d{4}[.]\\d{2}|756\\d{10}'),
    // EAN-13.
    valid: (id) => weighted(id, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0,
    words: /\bahv\b|\bavs\b/i,
    alone: separated,
  },
  {
    what: 'pl_pesel',
    pattern: bounded('\\d{11}'),
    valid: (id) => !isUniform(id) && weighted(id, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0,
    words: /pesel/i,
    alone: never,
  },
  {
    what: 'br_cpf',
    pattern: bounded('\\d{3}[.]\\d{3}[.]\\d{3}-\\d{2}|\\d{11}'),
    valid: (id) => !isUniform(id) && cpfDigit(id, 9) === Number(id[9]) && cpfDigit(id, 10) === Number(id[10]),
    words: /\bcpf\b/i,
    alone: separated,
  },
  {
    what: 'in_aadhaar',
    pattern: bounded('[2-9]\\d{3}([ -])\\d{4}\\1\\d{4}(?! ?\\d)|[2-9]\\d{11}'),
    valid: (id) => !isUniform(id) && verhoeff(id),
    words: /aadh?aa?r|uidai|आधार/i,
    alone: never,
  },
  {
    what: 'ca_sin',
    pattern: bounded('[1-79]\\d{2}([ -]?)\\d{3}\\1\\d{3}'),
    valid: (id) => !isUniform(id) && luhn(id),
    words: /\bsin\b|social insurance/i,
    alone: never,
  },
];

const [NAMED, ALONE] = [0.95, 0.8];

export function findNationalIds(text: string, region: Span): Found[] {
  const found: Found[] = [];
  for (const { what, pattern, valid, words, alone } of IDS) {
    for (const { match, start, end } of matchesIn(text, region, pattern)) {
      if (!valid(match[0].replace(/[^A-Z0-9]/g, ''))) continue;
      const named = isNamed(text, start, end, words);
      if (named || alone(match[0])) found.push({ what, score: named ? NAMED : ALONE, start, end });
    }
  }
  return found;
}

function hasOneRepeat(digits: string): boolean {
  const counts = Array.from({ length: 10 }, (_, digit) => digits.split(String(digit)).length - 1);
  const repeated = counts.filter((count) => count > 1);
  return repeated.length === 1 && repeated[0]! <= 3;
}

function cpfDigit(digits: string, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (length + 1 - i) * Number(digits[i]);
  return ((10 * sum) % 11) % 10;
}

/** D.M. 23 December 1976: what a character at an odd place (the first, the third, …) counts; 0–9 and then A–Z. */
const ODD_DIGITS = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
const ODD_LETTERS = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

function isCodiceFiscale(code: string): boolean {
  let sum = 0;
  for (let i = 0; i < 15; i++) {
    const value = Number.parseInt(code[i]!, 36);
    const rank = value < 10 ? value : value - 10;
    sum += i % 2 === 1 ? rank : value < 10 ? ODD_DIGITS[rank]! : ODD_LETTERS[rank]!;
  }
  return String.fromCharCode(65 + (sum % 26)) === code[15];
}
