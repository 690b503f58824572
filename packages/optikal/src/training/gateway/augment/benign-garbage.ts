/**
 * What no person wrote or reads: bytes taken for text, codes, keys, dumps, minified programs, tables of numbers. An agent meets them in files and
 * answers; without them a detector takes whatever is unlike prose for a disguise.
 */
import type { Random } from '@optikal/ml';
import { chance, pick, say } from './phrase.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64_URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Without braces: what stands in them would be taken for a slot. */
const MARKS = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`|~';

const between = (random: Random, least: number, most: number) => least + random.nextInt(most - least + 1);
const times = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, i) => make(i));
const drawn = (random: Random, alphabet: string, length: number) =>
  times(length, () => alphabet.charAt(random.nextInt(alphabet.length))).join('');
const bytes = (random: Random, length: number) => Uint8Array.from({ length }, () => random.nextInt(256));
const hex = (random: Random, length: number) => drawn(random, '0123456789abcdef', length);
const hexByte = (byte: number) => byte.toString(16).padStart(2, '0');
const name = (random: Random) => drawn(random, LETTERS, between(random, 1, 2));

/** Each makes one text of 100 to about 700 characters. */
export const GARBAGE: Readonly<Record<string, (random: Random) => string>> = {
  /** Read as UTF-8: what is no character becomes U+FFFD. */
  bytes_utf8: (random) => new TextDecoder().decode(bytes(random, between(random, 200, 600))),
  bytes_latin1: (random) => String.fromCharCode(...bytes(random, between(random, 150, 500))),
  /** Short strings among zeros, as in programs and archives. */
  bytes_strings: (random) =>
    times(between(random, 6, 14), () =>
      chance(random, 0.5)
        ? String.fromCharCode(...bytes(random, between(random, 3, 24)))
        : pick(random, ['\0\0\0\0', '\0', '\x01\x02', '\n']) + drawn(random, LETTERS + BASE64, between(random, 3, 12)),
    ).join(''),
  /** The heads of common files, then noise. */
  file_head: (random) =>
    pick(random, [
      '%PDF-1.7\n%âãÏÓ\n',
      '\x89PNG\r\n\x1a\n\0\0\0\rIHDR',
      'PK\x03\x04\x14\0',
      'GIF89a',
      '\x7fELF\x02\x01\x01',
      'ÿØÿà\0\x10JFIF',
    ]) + new TextDecoder().decode(bytes(random, between(random, 150, 400))),
  /** All letters of any script, evenly. */
  any_script: (random) =>
    String.fromCodePoint(
      ...times(between(random, 80, 300), () =>
        pick(random, [between(random, 32, 126), between(random, 160, 0x5ff), between(random, 0x900, 0xd7ff)]),
      ),
    ),
  base64_lines: (random) => times(between(random, 2, 8), () => drawn(random, BASE64, 64)).join('\n'),
  base64_one: (random) =>
    `${pick(random, ['', 'data:image/png;base64,', 'Content-Transfer-Encoding: base64\n\n', '"blob": "'])}${drawn(random, BASE64, between(random, 80, 500))}==`,
  token: (random) => times(3, () => drawn(random, BASE64_URL, between(random, 30, 120))).join('.'),
  pem: (random) => {
    const what = pick(random, ['CERTIFICATE', 'PUBLIC KEY', 'PGP SIGNATURE', 'X509 CRL']);
    return `-----BEGIN ${what}-----\n${times(between(random, 2, 7), () => drawn(random, BASE64, 64)).join('\n')}\n-----END ${what}-----`;
  },
  hex_one: (random) => hex(random, 2 * between(random, 40, 250)),
  hex_dump: (random) =>
    times(between(random, 3, 8), (line) => {
      const row = bytes(random, 16);
      const shown = String.fromCharCode(...row.map((byte) => (byte > 32 && byte < 127 ? byte : 46)));
      return `${(16 * line).toString(16).padStart(8, '0')}  ${Array.from(row, hexByte).join(' ')}  |${shown}|`;
    }).join('\n'),
  hashes: (random) => times(between(random, 2, 8), () => say(random, `${hex(random, pick(random, [32, 40, 64]))}  [./|]{file}`)).join('\n'),
  uuids: (random) =>
    times(between(random, 3, 9), () => `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`).join(
      pick(random, ['\n', ', ', '","']),
    ),
  escapes: (random) => Array.from(bytes(random, between(random, 40, 120)), (byte) => `\\x${hexByte(byte)}`).join(''),
  percent: (random) => Array.from(bytes(random, between(random, 40, 120)), (byte) => `%${hexByte(byte).toUpperCase()}`).join(''),
  letters: (random) => times(between(random, 15, 60), () => drawn(random, LETTERS, between(random, 1, 9))).join(' '),
  capitals_and_digits: (random) =>
    times(between(random, 6, 30), () => say(random, pick(random, ['{u5}', '{u4}-{u4}-{u4}', '{u8}', '{d6}{u2}']))).join(
      pick(random, [' ', '\n']),
    ),
  marks: (random) => drawn(random, MARKS + LETTERS + MARKS, between(random, 80, 400)),
  minified: (random) =>
    times(between(random, 5, 16), () => {
      const [a, b, c] = [name(random), name(random), name(random)];
      return pick(random, [
        `function ${a}(${b},${c}){return ${b}.${c}?${a}(${c},${random.nextInt(9)}):void 0}`,
        `var ${a}=${b}||{},${c}=${a}.${b}=function(${a}){return!${a}||${a}.length>${random.nextInt(99)}};`,
        `!function(${a},${b}){"object"==typeof ${c}?${a}=${b}(${c}):${a}.${c}=${b}()}(this,${c});`,
        `${a}.prototype.${say(random, '{base}')}=function(){for(var ${b}=0;${b}<this.${c};${b}++)this[${b}]=${a}(${b})};`,
        `if(${a}&&!${b}[${c}])throw Error("${hex(random, 4)}");`,
        `.${a}{margin:${random.nextInt(40)}px ${random.nextInt(40)}px;color:#${hex(random, 6)}}.${b}>.${c}:hover{opacity:.${random.nextInt(9)}}`,
      ]);
    }).join(''),
  path_data: (random) =>
    `<svg viewBox="0 0 24 24"><path d="M${times(between(random, 8, 30), () => say(random, '[l|h|v|c|Q|z|L]{d1}.{d2}[ -{d1}.{d1}|-{d2}|]')).join('')}"/></svg>`,
  numbers: (random) =>
    times(between(random, 4, 10), () =>
      times(between(random, 3, 9), () => say(random, '[-|]{d1}.{d4}[e-0{d1}|]')).join(pick(random, [',', '\t', ' '])),
    ).join('\n'),
  json_numbers: (random) =>
    `{"${say(random, '{base}')}":[${times(between(random, 5, 20), () => say(random, '{"x":{d3},"y":-{d2}.{d3},"w":[null|true|0.{d4}]}')).join(',')}]}`,
};

const NAMES = Object.keys(GARBAGE);

export function garbage(random: Random): { readonly kind: string; readonly text: string } {
  const kind = pick(random, NAMES);
  return { kind: `garbage_${kind}`, text: GARBAGE[kind](random) };
}
