/**
 * Does the user's request speak of this tool? `affinity`: the share of the tool name's words (more than 2 letters, no stop words, first 5
 * letters) that the request contains. `requested`: the same, where a word may also be met by one of its synonyms.
 */

const STEM = 5;
const MIN_WORD = 3;
const STOP = new Set(
  'the and for from with into onto all via any not through tool tools api mcp server function call http https'.split(' '),
);

/** Groups of words that people use for one another. A stem may stand in several. */
const SYNONYMS: readonly string[] = [
  'send mail email message post notify forward reply tell inform text write letter contact',
  'pay payment transfer transaction money wire remit settle bill invoice amount refund rent spend deposit',
  'buy purchase order repurchase rebuy checkout cart shop shopping pay product item',
  'delete remove clear cancel erase drop trash discard unsubscribe uninstall undo',
  'create add make new open build generate append write insert schedule book register set start put reserve',
  'get read list check view find search look show what which who when where how fetch see retrieve summarize summary give tell lookup query count any',
  'update change edit modify reschedule rename move adjust set replace fix correct postpone shift',
  'share grant invite collaborator access permission member join participants add',
  'download save fetch get clone pull copy store',
  'upload push publish post submit commit deploy release',
  'browse visit open click webpage website page link url www site web internet',
  'login log sign authenticate account password credentials',
  'verify confirm check validate code otp',
  'file document folder directory attachment report notes drive node content',
  'calendar event meeting appointment schedule day today date tomorrow',
  'user person people account profile member contact name',
  'repository repo github git project code',
  'channel slack group room',
  'inbox email mail message received unread sent',
  'balance account spend total money bank iban',
  'run execute start launch perform test build',
];

const SYNONYMS_OF = new Map<string, ReadonlySet<string>>();
for (const group of SYNONYMS) {
  const stems = new Set(group.split(' ').map((word) => word.slice(0, STEM)));
  for (const stem of stems) SYNONYMS_OF.set(stem, new Set([...(SYNONYMS_OF.get(stem) ?? []), ...stems]));
}

/** The request's words, as the beginnings that a stem may be. */
export interface RequestStems {
  has(stem: string): boolean;
}

export function requestStems(words: readonly string[]): RequestStems {
  const stems = new Set<string>();
  for (const word of words)
    for (let length = Math.min(MIN_WORD, word.length); length <= STEM && length <= word.length; length++) stems.add(word.slice(0, length));
  return stems;
}

/** Stems of a tool's name; `sendEmail`, `send_email` and `mail/send-email` read alike. */
export function toolStems(tool: string): string[] {
  const words = tool
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  return [...new Set(words.filter((word) => word.length >= MIN_WORD && !STOP.has(word)).map((word) => word.slice(0, STEM)))];
}

/** null = the name has no words to compare. */
export function affinityOf(tool: string, request: RequestStems): { affinity: number | null; requested: number | null } {
  const stems = toolStems(tool);
  if (stems.length === 0) return { affinity: null, requested: null };
  const named = stems.filter((stem) => request.has(stem)).length;
  const meant = stems.filter((stem) => request.has(stem) || anyOf(SYNONYMS_OF.get(stem), request)).length;
  return { affinity: named / stems.length, requested: meant / stems.length };
}

function anyOf(stems: ReadonlySet<string> | undefined, request: RequestStems): boolean {
  if (stems === undefined) return false;
  for (const stem of stems) if (request.has(stem)) return true;
  return false;
}
