/**
 * Words by which a disguise is recognised: common ones, and those of orders to a machine. Whoever writes `Vtaber nyy` or `1gn0r3` is found
 * because the words are here when it is undone; nothing is judged by them.
 */

const WORDS =
  'about above access account action actions add address admin after again all also always and another answer any api archive are arguments ' +
  'ask assistant attach available bank because been before begin below best block body both but buy calendar call can change channel chat ' +
  'check click code command commands complete confirm contact contacts content contents context continue copy create credentials credit data ' +
  'database debug decode delete directory disable disregard document documents does done download each email emails enable every everything ' +
  'execute export fetch file files find first follow following folder for forget form forward from full get give given grant has have hello help ' +
  'here hidden his history how identity ignore immediately important include information inform input install instead instruction instructions ' +
  'into invite invoice its keep key keys know last latest letter line link list local log login made mail make message messages mode model money ' +
  'more most must name need never new next not note notes nothing now number obey old once one only open operator order original other our ' +
  'out output override owner page passphrase password passwords pay payment people perform permission permissions please policy post present ' +
  'previous print prior private proceed program project prompt prompts provide public purchase read real recipient record records refund remember ' +
  'remove repeat replace reply report repository request requests respond response restrictions reveal role rule rules run safety said same save ' +
  'say search secret secrets security see send sent server session settings share should show shell sign silently site skip some start stop such ' +
  'summary supervisor system take task tasks tell text than that the their them then there these they thing things this time token tokens tool ' +
  'tools transfer transaction translate true under unrestricted until update upload use user username users using value verify very view visit ' +
  'want was way web website what when where which who will with within without word words work write you your';

export const LEXICON: readonly string[] = WORDS.split(' ');

const FNV = 0x01000193;
const SLOTS = 4096;

/** What a word of a text is in the lexicon, as bits. */
export const KNOWN = { plain: 1, rot13: 2, reversed: 4 } as const;

const hashes = new Int32Array(SLOTS);
const kinds = new Uint8Array(SLOTS);
const words: (string | undefined)[] = [];

export function rot13(unit: number): number {
  if (unit >= 0x41 && unit <= 0x5a) return ((unit - 0x41 + 13) % 26) + 0x41;
  return unit >= 0x61 && unit <= 0x7a ? ((unit - 0x61 + 13) % 26) + 0x61 : unit;
}

for (const word of LEXICON) {
  insert(word, KNOWN.plain);
  insert(Array.from(word, (char) => String.fromCharCode(rot13(char.charCodeAt(0)))).join(''), KNOWN.rot13);
  insert(Array.from(word).reverse().join(''), KNOWN.reversed);
}

function insert(word: string, kind: number): void {
  let hash = 0;
  for (let i = 0; i < word.length; i++) hash = hashUnit(hash, word.charCodeAt(i));
  let slot = slotOf(hash);
  while (kinds[slot] !== 0 && words[slot] !== word) slot = (slot + 1) % SLOTS;
  hashes[slot] = hash;
  words[slot] = word;
  kinds[slot] |= kind;
}

/** One more letter, lower case, of a word whose hash begins as 0. */
export function hashUnit(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, FNV) ^ (hash >>> 15);
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 12)) & (SLOTS - 1);
}

/** Bits of `KNOWN` by hash; two words of one hash are taken for one another, which a reading too many is the worst of. */
export function knownByHash(hash: number): number {
  for (let slot = slotOf(hash); kinds[slot] !== 0; slot = (slot + 1) % SLOTS) if (hashes[slot] === hash) return kinds[slot];
  return 0;
}
