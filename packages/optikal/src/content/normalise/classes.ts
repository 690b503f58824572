/** Classes of characters by what a reader sees of them, from the blocks and properties of Unicode. */

export function isBidi(char: number): boolean {
  return (char >= 0x202a && char <= 0x202e) || (char >= 0x2066 && char <= 0x2069);
}

/** Default-ignorable characters (UAX 44), C1 controls, and fillers that show nothing. */
export function isInvisible(char: number): boolean {
  if (char < 0x200b) {
    return (
      (char >= 0x80 && char < 0xa0 && char !== 0x85) ||
      char === 0xad ||
      char === 0x34f ||
      char === 0x61c ||
      char === 0x115f ||
      char === 0x1160 ||
      char === 0x17b4 ||
      char === 0x17b5 ||
      (char >= 0x180b && char <= 0x180f)
    );
  }
  if (char < 0x10000)
    return (
      char <= 0x200f ||
      (char >= 0x202a && char <= 0x202e) ||
      (char >= 0x2060 && char <= 0x206f) ||
      char === 0x3164 ||
      (char >= 0xfe00 && char <= 0xfe0f) ||
      char === 0xfeff ||
      char === 0xffa0 ||
      (char >= 0xfff9 && char <= 0xfffb)
    );
  return (char >= 0x1bca0 && char <= 0x1bca3) || (char >= 0x1d173 && char <= 0x1d17a) || (char >= 0xe0000 && char < 0xe1000);
}

/** Marks that are stacked on Latin letters; those of other scripts are letters to their readers. */
export function isStackingMark(char: number): boolean {
  return (
    (char >= 0x300 && char <= 0x36f) ||
    (char >= 0x483 && char <= 0x489) ||
    (char >= 0x1ab0 && char <= 0x1aff) ||
    (char >= 0x1dc0 && char <= 0x1dff) ||
    (char >= 0x20d0 && char <= 0x20ff) ||
    (char >= 0xfe20 && char <= 0xfe2f)
  );
}

/** Stacking marks, second and third parts of a Korean syllable, voicing marks of kana. */
export function isComposing(char: number): boolean {
  if (char < 0x300) return false;
  return (
    isStackingMark(char) || (char >= 0x1161 && char <= 0x1175) || (char >= 0x11a8 && char <= 0x11c2) || char === 0x3099 || char === 0x309a
  );
}

/** White on black, which NFKC leaves: 🅐 and 🅰. */
export function enclosedLetter(char: number): number | undefined {
  if (char >= 0x1f150 && char <= 0x1f169) return char - 0x1f150 + 0x41;
  if (char >= 0x1f170 && char <= 0x1f189) return char - 0x1f170 + 0x41;
  return undefined;
}

/** Blocks in which something has another form under NFKC; whole alphabets without one are left out to save the question. */
export function hasCompatibility(char: number): boolean {
  if (char < 0x2b0) return char < 0xc0 || (char >= 0x132 && char <= 0x17f) || char >= 0x1c4;
  if (char < 0x1d2c)
    return char < 0x370
      ? char <= 0x2ff || char >= 0x340
      : char < 0x400 || (char >= 0x587 && char <= 0x6ff) || (char >= 0xe33 && char <= 0xf77);
  if (char < 0x2000) return char < 0x1dc0 || char >= 0x1e9a;
  if (char < 0x3041) return char < 0x2fe0 || char >= 0x3000;
  if (char < 0x3400) return char >= 0x309b && (char < 0x30a1 || char >= 0x30ff);
  if (char < 0xf900) return char >= 0xa69c && char < 0xac00;
  return (
    char < 0x10000 || (char >= 0x1d400 && char < 0x1f300) || (char >= 0x1fbf0 && char < 0x1fc00) || (char >= 0x2f800 && char < 0x2fa20)
  );
}

/** Another look of a letter or digit, not another sign. */
export function isStyle(char: number): boolean {
  return (
    (char >= 0x2460 && char < 0x2500) ||
    (char >= 0xff00 && char < 0xff5f) ||
    (char >= 0x1d400 && char < 0x1d800) ||
    (char >= 0x1f100 && char < 0x1f200)
  );
}
