/**
 * Characters that stand for others. Look-alikes follow Unicode's confusables (UTS 39), cut to the letters in which texts are disguised in
 * practice; everything with a compatibility mapping (full-width, mathematical, circled) is left to NFKC (UAX 15).
 */

/** Pairs: the look-alike, the Latin letter. At a glance the same: a word may be written in these alone. */
const STRICT =
  'аaсcԁdеeһhіiјjӏlоoрpԛqѕsуyхxԝwѵvАAВBСCЕEНHІIЈJКKМMОOРPԚQЅSТTХXУYҮYԜWѴVΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXϹCοoνvαaρpιiϲcϳj' +
  'օoսuոnհhզqցgյjՏSՕOᎪAᏴBᏟCᎠDᎬEᏀGᎻHᎥiᎫJᏦKᏞLᎷMᏢPᏒRᏚSᎢTᏙVᎳWᏃZ';
/** Alike only beside Latin letters. */
const LOOSE = 'кkтtмmвbнhпnгrиuьbэeёeєeҡkԍgυuκkτtεeηnγyχxωwσoβbμuςcδdλlπnθoщwшwцuчyлnяrжx';

/** What NFKC leaves alone: small capitals, open letters of phonetic alphabets. */
const STYLED = 'ᴀaʙbᴄcᴅdᴇeꜰfɢgʜhɪiᴊjᴋkʟlᴍmɴnᴎnᴏoᴘpꞯqʀrꜱsᴛtᴜuᴠvᴡwʏyᴢzɑaɡgıiȷjꓐBꓑPꓒdꓓDꓔTꓖGꓗKꓙJꓚCꓜZꓝFꓟMꓠNꓡLꓢSꓣRꓦVꓧHꓪWꓫXꓬYꓮAꓰEꓲIꓳOꓴU';

/** `text` is key, value, key, value, one UTF-16 unit each. */
export function pairs(text: string): Map<number, number> {
  const map = new Map<number, number>();
  for (let i = 0; i + 1 < text.length; i += 2) map.set(text.charCodeAt(i), text.charCodeAt(i + 1));
  return map;
}

export const STRICT_LOOKALIKES: ReadonlyMap<number, number> = pairs(STRICT);
export const LOOSE_LOOKALIKES: ReadonlyMap<number, number> = pairs(LOOSE);
export const STYLED_LETTERS: ReadonlyMap<number, number> = pairs(STYLED);

/** Punctuation that has one plain form. */
export const PLAIN_FORMS: ReadonlyMap<number, number> = new Map(
  [
    ['\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63', '-'],
    ['\u2018\u2019\u201a\u201b\u2032\u02bc', "'"],
    ['\u201c\u201d\u201e\u201f\u2033', '"'],
    ['\u2044\u2215', '/'],
    ['\u2028\u2029\u0085\u000b\u000c', '\n'],
    ['\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u00a0\u2800', ' '],
  ].flatMap(([from, to]) => Array.from(from!, (char) => [char.charCodeAt(0), to!.charCodeAt(0)] as const)),
);

/** HTML's named characters that matter to a reader; the others stay as they are written. */
export const ENTITIES: ReadonlyMap<string, number> = new Map(
  (
    'amp& lt< gt> quot" apos\' nbsp\u00a0 Tab\t NewLine\n excl! num# dollar$ percnt% lpar( rpar) ast* plus+ comma, period. sol/ colon: semi; ' +
    'equals= quest? commat@ lsqb[ lbrack[ bsol\\ rsqb] rbrack] Hat^ lowbar_ grave` lcub{ lbrace{ verbar| vert| rcub} rbrace} hyphen- dash- ' +
    'ndash– mdash— lsquo‘ rsquo’ ldquo“ rdquo” bull• hellip… copy© reg® trade™ euro€ pound£ laquo« raquo» shy\u00ad zwnj\u200c zwj\u200d ' +
    'ZeroWidthSpace\u200b NoBreak\u2060 ensp\u2002 emsp\u2003 thinsp\u2009 middot· deg° sect§ para¶ times× rarr→ larr← ' +
    'aacuteá eacuteé iacuteí oacuteó uacuteú agraveà egraveè igraveì ograveò ugraveù acircâ ecircê icircî ocircô ucircû auml\u00e4 euml\u00eb ' +
    'iuml\u00ef ouml\u00f6 uuml\u00fc Auml\u00c4 Ouml\u00d6 Uuml\u00dc szligß ccedilç ntildeñ oslashø aringå aeligæ atildeã otildeõ iexcl¡ iquest¿'
  )
    .split(/(?<=[^A-Za-z]) (?=[A-Za-z])/)
    .map((entry) => [entry.slice(0, -1), entry.charCodeAt(entry.length - 1)] as const),
);
