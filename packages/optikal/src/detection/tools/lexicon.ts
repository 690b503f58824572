/**
 * The words of tool names and what they say: whether the tool changes something (side, + or −), whose affair it is (account, money), and
 * what it touches. Weights are log-odds set by hand from general tool vocabularies (shells, REST verbs, MCP servers), not fitted; a word
 * that people use both ways has a small weight or none. Stems: `-s`, `-es`, `-ed` and `-ing` are tried too.
 */

export interface WordWeights {
  /** + = changes something, − = only looks. */
  readonly side: number;
  readonly account: number;
  readonly money: number;
  /** `message` is the network where a tool sends it, and an API where it reads or files what came. */
  readonly kind: 'network' | 'file' | 'message' | null;
  /** Takes something out to somebody. */
  readonly sends: boolean;
  /** Text that strangers may have written, where a tool reads it. */
  readonly stranger: boolean;
}

const STATES = new Set(['linked', 'related', 'listed', 'named', 'based']);
const LEXICON = new Map<string, { -readonly [K in keyof WordWeights]: WordWeights[K] }>();

function entry(word: string) {
  let found = LEXICON.get(word);
  if (found === undefined) {
    found = { side: 0, account: 0, money: 0, kind: null, sends: false, stranger: false };
    LEXICON.set(word, found);
  }
  return found;
}

function weigh(field: 'side' | 'account' | 'money', weight: number, words: string): void {
  for (const word of words.split(' ')) entry(word)[field] = weight;
}

function touches(kind: 'network' | 'file' | 'message', words: string): void {
  for (const word of words.split(' ')) entry(word).kind = kind;
}

function sends(words: string): void {
  for (const word of words.split(' ')) entry(word).sends = true;
}

function strangers(words: string): void {
  for (const word of words.split(' ')) entry(word).stranger = true;
}

// Looking.
weigh(
  'side',
  -4,
  'get list read fetch search find query view show lookup describe retrieve inspect summarize summarise analyze analyse explain count',
);
weigh(
  'side',
  -4,
  'browse visit navigate preview peek stat whoami ls cat grep glob head tail diff ping compare calculate compute estimate recommend',
);
weigh(
  'side',
  -3,
  'check match status info information history balance total detail current available screenshot snapshot monitor watch scan parse extract filter',
);
weigh(
  'side',
  -2,
  'open click wait version help log report export select translate convert validate day time today date weather metric summary suggest',
);
weigh(
  'side',
  -2,
  'load plot draw render enumerate discover probe detect measure rank sort audit decode encode hash tokenize classify predict forecast',
);
weigh('side', -4, 'pwd wc du df ps env uname whereis which lsof netstat traceroute');
weigh('side', -1.5, 'verify test ask think');
// Doing.
weigh(
  'side',
  4,
  'create add update write set send put insert append edit modify delete remove move rename copy upload push commit merge publish',
);
weigh(
  'side',
  4,
  'reply forward schedule reschedule cancel archive restore assign deploy rollback install uninstall save submit clear reset drop',
);
weigh(
  'side',
  4,
  'truncate replace patch mkdir rmdir touch kill terminate destroy erase purge revoke grant invite transfer pay buy purchase checkout',
);
weigh(
  'side',
  4,
  'withdraw deposit refund login logout signin signup authenticate authorize register subscribe unsubscribe enable disable upsert rm mv cp',
);
weigh(
  'side',
  3.5,
  'post make book reserve apply start stop restart scale trigger dispatch notify share accept approve reject close reopen resolve',
);
weigh(
  'side',
  3.5,
  'star unstar pin unpin label mark react comment fork clone pull import sync rotate change input type fill press drag join leave block',
);
weigh(
  'side',
  3,
  'init initialize initialise configure setup confirm renew lock unlock freeze unfreeze mount unmount tag untag hide unhide link unlink encrypt',
);
weigh('side', 3, 'activate deactivate release adjust exchange return contact repost fund charge hire rent swap');
weigh(
  'side',
  3,
  'download store generate draft escalate ban mute follow unfollow like connect disconnect attach detach order rebuy place clean toggle',
);
// Who may do what, and as whom.
weigh(
  'account',
  4,
  'password passwd passphrase credential secret token permission privilege role ownership owner collaborator ssh apikey mfa otp acl iam',
);
weigh(
  'account',
  4,
  'login logout signin signup authenticate authorize grant revoke invite invitation impersonate sudo admin administrator',
);
weigh('account', 3, 'account user member membership access share key identity profile auth');
weigh('account', 2, 'verify register group team join leave employee vendor follower');
// Value that changes hands.
weigh('money', 5, 'money payment pay payout withdraw checkout buy purchase transaction wire remit donate');
weigh('money', 3, 'transfer deposit charge refund fund currency crypto wallet tip stake trade swap bid');
weigh('money', 2, 'flight hotel airfare insurance premium');
weigh('money', 2, 'invoice bill subscription order rebuy bank iban billing price');

// What they touch.
touches('network', 'web website webpage page url http https internet link site browser browse visit navigate click api webhook curl rss');
touches('network', 'upload download push pull clone post crawl scrape tweet');
touches('message', 'email mail message dm sms slack channel');
sends('send reply forward post share notify dispatch draft publish broadcast');
touches('file', 'file dir directory folder path disk document fs mkdir rmdir ls cat grep glob node attachment');
// Where strangers write.
strangers(
  'web website webpage page url http https internet link site browse crawl scrape rss news email mail inbox message dm channel issue',
);
strangers('comment review ticket post feed tweet attachment download invoice thread conversation pr pull');

export function weightsOf(word: string): WordWeights | null {
  // What is linked or related is no link, what is listed no list.
  if (STATES.has(word)) return null;
  for (const form of forms(word)) {
    const found = LEXICON.get(form);
    if (found !== undefined) return found;
  }
  return null;
}

function* forms(word: string): Generator<string> {
  yield word;
  if (word.endsWith('ies') && word.length > 4) yield `${word.slice(0, -3)}y`;
  if (word.endsWith('es') && word.length > 4) yield word.slice(0, -2);
  if (word.endsWith('s') && word.length > 3) yield word.slice(0, -1);
  for (const ending of ['ed', 'ing'])
    if (word.endsWith(ending) && word.length > ending.length + 2) {
      yield word.slice(0, -ending.length);
      yield `${word.slice(0, -ending.length)}e`;
    }
}
