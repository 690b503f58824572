/**
 * What a terminal sends, as keys: printable characters as themselves, the others by name in angle brackets. A sequence may come in parts, so
 * what is not whole yet is left over; pasted text is told from typed keys, or a pasted word would be obeyed.
 */

export interface DecodedKeys {
  readonly inputs: readonly ({ readonly kind: 'key'; readonly key: string } | { readonly kind: 'paste'; readonly text: string })[];
  /** The beginning of something longer; `flushed` says what it is when nothing more comes. */
  readonly rest: string;
}

const ESC = '\x1b';
const PASTE_START = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;
/** A paste without an end is no paste. */
const MAX_PASTE = 65_536;

const SEQUENCES: Readonly<Record<string, string>> = {
  '[A': '<up>',
  '[B': '<down>',
  '[C': '<right>',
  '[D': '<left>',
  OA: '<up>',
  OB: '<down>',
  OC: '<right>',
  OD: '<left>',
  '[H': '<home>',
  '[F': '<end>',
  OH: '<home>',
  OF: '<end>',
  '[1~': '<home>',
  '[4~': '<end>',
  '[7~': '<home>',
  '[8~': '<end>',
  '[5~': '<pgup>',
  '[6~': '<pgdn>',
  '[3~': '<delete>',
  '[Z': '<backtab>',
};
const CONTROLS: Readonly<Record<string, string>> = {
  '\r': '<enter>',
  '\n': '<enter>',
  '\t': '<tab>',
  '\x7f': '<backspace>',
  '\b': '<backspace>',
  '\x03': '<ctrl-c>',
  '\x0c': '<ctrl-l>',
  '\x15': '<ctrl-u>',
  '\x17': '<ctrl-w>',
  '\x1a': '<ctrl-z>',
};
/** CSI: parameters and intermediates, then one final byte (ECMA-48, 5.4); SS3: one byte. */
const WHOLE = /^(?:\[[\x20-\x3f]*[\x40-\x7e]|O[\x20-\x7e])/;
const PARTIAL = /^(?:\[[\x20-\x3f]*|O)?$/;

export function decodeKeys(text: string): DecodedKeys {
  const inputs: DecodedKeys['inputs'][number][] = [];
  let rest = text;
  while (rest !== '') {
    if (rest.startsWith(PASTE_START)) {
      const end = rest.indexOf(PASTE_END);
      if (end < 0 && rest.length < MAX_PASTE) return { inputs, rest };
      const stop = end < 0 ? rest.length : end;
      inputs.push({ kind: 'paste', text: rest.slice(PASTE_START.length, stop) });
      rest = rest.slice(end < 0 ? stop : end + PASTE_END.length);
      continue;
    }
    if (rest.startsWith(ESC)) {
      const behind = rest.slice(ESC.length);
      const whole = WHOLE.exec(behind)?.[0];
      if (whole === undefined && PARTIAL.test(behind)) return { inputs, rest };
      // A sequence that nobody knows is swallowed whole; an escape before anything else is the key itself.
      const key = whole === undefined ? '<esc>' : SEQUENCES[whole];
      if (key !== undefined) inputs.push({ kind: 'key', key });
      rest = behind.slice(whole?.length ?? 0);
      continue;
    }
    const character = String.fromCodePoint(rest.codePointAt(0)!); // it is not empty
    rest = rest.slice(character.length);
    const key = CONTROLS[character] ?? (character < ' ' ? undefined : character);
    if (key !== undefined) inputs.push({ kind: 'key', key });
  }
  return { inputs, rest: '' };
}

/** What is left over when nothing more came: a lone escape is the key; half a sequence is nothing. */
export function flushed(rest: string): DecodedKeys['inputs'] {
  return rest === ESC ? [{ kind: 'key', key: '<esc>' }] : [];
}
