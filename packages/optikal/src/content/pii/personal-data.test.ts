import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPersonalData } from './personal-data.ts';

const seen = (text: string) => findPersonalData(text).map(({ what, start, end }) => [what, text.slice(start, end)]);

describe('personal data', () => {
  it('is found where it stands, each thing once', () => {
    const text = 'Bob (bob.olive+x@mail.acme.example, +49 30 901820) paid with 4111 1111 1111 1111 from DE89 3704 0044 0532 0130 00.';
    expect(seen(text)).toEqual([
      ['email', 'bob.olive+x@mail.acme.example'],
      ['phone', '+49 30 901820'],
      ['card', '4111 1111 1111 1111'],
      ['iban', 'DE89 3704 0044 0532 0130 00'],
    ]);
  });

  it.each([
    [
      'iban',
      [
        'GB29NWBK60161331926819',
        'FR14 2004 1010 0505 0001 3M02 606',
        'NO9386011117947',
        'MT84MALT011000012345MTLCAST001S',
        'nl91abna0417164300',
      ],
    ],
    ['card', ['378282246310005', '6011-1111-1111-1117', '5555 5555 5555 4444', '30569309025904', '3782 822463 10005', '2223003122003222']],
    [
      'phone',
      ['+1 (415) 555-2671', '+442079460958', '(212) 456-7890', '212-456-7890', '01 42 68 53 00', 'call 030/1234567', '+91 98765 43210'],
    ],
    ['email', ['a@b.co', 'JOHN.DOE@EXAMPLE.ORG', 'first_last%tag@sub.domain.example']],
    ['us_ssn', ['536-90-4399', 'SSN: 536904399', 'social security number 536 90 4399']],
    ['uk_nino', ['AB 12 34 56 C', 'NINO AB123456C', 'National Insurance: JG 103759A']],
    ['uk_nhs', ['NHS number 943 476 5919']],
    ['de_tax_id', ['Steuer-ID 86095742719', '86 095 742 719']],
    ['fr_nir', ['1 85 05 78 006 084 91', 'NIR 185057800608491', '2 84 12 2A 004 003 93']],
    ['es_dni', ['DNI 12345678Z', 'X1234567L', 'NIE: Y-7654321-G']],
    ['it_codice_fiscale', ['RSSMRA85T10A562S', 'codice fiscale MRTMTT91D08F205J']],
    ['nl_bsn', ['BSN 111222333', 'burgerservicenummer: 123456782']],
    ['be_national', ['85.07.30-033.28', 'rijksregisternummer 85073003328']],
    ['ch_ahv', ['756.9217.0769.85', 'AHV 7569217076985']],
    ['pl_pesel', ['PESEL 44051401359']],
    ['br_cpf', ['529.982.247-25', 'CPF 52998224725']],
    ['in_aadhaar', ['Aadhaar 2341 2341 2346', 'UIDAI: 234123412346']],
    ['ca_sin', ['SIN 130 692 544', 'social insurance number 130692544']],
  ])('%s in the forms that people write', (what, texts) => {
    for (const text of texts)
      expect(
        seen(`Here: ${text}, and so on`).map(([kind]) => kind),
        text,
      ).toEqual([what]);
  });

  it('is not what only looks like it', () => {
    for (const text of [
      // Wrong check digits, lengths, prefixes.
      'DE89370400440532013001 US133000000121212121212 GB29NWBK6016133192681 XX8937040044',
      '4111111111111112 1234567812345670 9999 9999 9999 9995 4111-1111 1111-1111 4444444444444444',
      '000-12-3456 666-12-3456 912-34-5678 536-00-4399 536-90-0000 078-05-1120',
      'BG 12 34 56 A, AB123456C, GB123456A',
      '1 85 13 78 006 084 91 and 85.07.30-033.29 and 756.9217.0769.84 and 529.982.247-26',
      'RSSMRA85T10A562T ABCDEF12A34B567C',
      // Times, versions, addresses of machines, orders, hashes, coordinates, prices, sizes.
      '2026-11-30T12:34:56.789Z 1767225600000 1767225600000000 2024-01-05 10:00:00 20240105100000',
      'v10.4.212-3456 192.168.100.200 10.0.0.1:8080 2001:0db8:85a3:0000:0000:8a2e:0370:7334 00:1B:44:11:3A:B7',
      'order 100-2000-30000, invoice 2024-000123456, SKU-4006381333931, EAN 4006381333931, ISBN 978-3-16-148410-0',
      'tracking 1Z999AA10123456784, tweet 1234567890123456789, 536904399, 12345678Z, 111222333, 44051401359',
      'd41d8cd98f00b204e9800998ecf8427e 550e8400-e29b-41d4-a716-446655440000 da39a3ee5e6b4b0d3255bfef95601890afd80709',
      '52.520008, 13.404954 and 3.14159265358979 and 1,234,567,890.00 and 0.4111111111111111',
      '1e+10 x+12345678901 1+1=2 C++ 2024/11/30 +5 +1234 12+3456789012',
      'icon@2x.png lib@1.2.3 @channel git@github.com:owner/name.git a@b user@localhost me @ home',
      'phone 12, call 5 people, contact 2024, tel 0123',
    ])
      expect(seen(text), text).toEqual([]);
  });

  it('overlaps nowhere, stays within the text, and does not change with what stands around it', () => {
    const piece = fc.constantFrom(
      '4111 1111 1111 1111',
      'a@b.co',
      '+49 30 901820',
      'DE89370400440532013000',
      '536-90-4399',
      '12',
      'AB',
      'x',
      '-',
      '.',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.constantFrom(' ', '\n', ''), (pieces, gap) => {
        const text = pieces.join(gap);
        let last = 0;
        for (const { start, end, score } of findPersonalData(text)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(score > 0.5 && score <= 1).toBe(true);
          last = end;
        }
        const moved = findPersonalData(`words before\n\n${text}\n\nand after`);
        expect(moved.map(({ start }) => start - 14)).toEqual(findPersonalData(text).map(({ start }) => start));
      }),
    );
  });

  it('is looked for in a megabyte made to be slow without end: a quadratic step would take minutes', () => {
    for (const unit of [
      '1',
      '1 ',
      '4111 ',
      '+1',
      '+1 2 3 ',
      '0',
      '(0',
      'a@',
      'a.',
      '@a.',
      'a-',
      'A',
      'AB12 ',
      'DE89 ',
      '0.',
      '01 23 45 67 ',
      '1-',
    ])
      expect(findPersonalData(unit.repeat(1_000_000 / unit.length)).length).toBeLessThanOrEqual(200_000);
  });
});
