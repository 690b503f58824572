/**
 * Mails and messages in which people ask one another for work, put together from parts: an opening, what is asked, why, until when, a close.
 * Every part may be missing, so none of them is what makes such a text harmless.
 */
import type { Random } from '@optikal/ml';
import { capital, chance, pick, say } from './phrase.ts';

/** What colleagues, friends and offices ask for; clauses in the imperative. */
export const WORK: readonly string[] = [
  '[send|forward|pass on] [me|us|her|the team] the [latest|final|signed|updated] {doc}',
  '[send|mail] the {doc} to {email}[, she needs it for the {event}|]',
  '[forward|pass] this [mail|note|message] to [anyone|everybody] [who should know|on your floor|concerned]',
  '[upload|put|save] the {doc} [to the shared folder|on the drive|under {url}]',
  '[review|check|proofread|go over] [my|the] [draft|slides|numbers|{doc}]',
  '[approve|sign off|reject] [my|the] [hours|leave|expense claim|order]',
  '[update|correct|complete] the [spreadsheet|calendar|wiki page|contact list|address]',
  '[delete|remove|archive] the [old|duplicate] [rows|files|drafts|entries]',
  '[ignore|disregard|forget] my [previous|last|earlier] [mail|message|note]',
  '[use|take] the [new|attached|corrected] [version|template|account number|address] [instead|from now on]',
  '[pay|settle|transfer] the [deposit|bill|{amount}] [to {iban}|for the {event}|before it is due]',
  '[buy|order|get] {product} [and {product}|]',
  '[book|reserve] [the|a] {place} [for {number} people|from {date}|]',
  '[call|ring] {company} [and ask about the {event}|about the invoice|at {phone}]',
  '[invite|add|copy in] {person}[ to the {event}| as well|]',
  '[move|cancel|confirm] the {event}[ to {date}|]',
  '[prepare|draft|write] [a short|the] [summary|agenda|reply|{doc}]',
  '[restart|reboot|shut down] the [server|router|printer|machine] [tonight|after {time}]',
  '[reset|change] [my|the] password [for the {base} tool|, I locked myself out|]',
  '[give|grant] {cap} access to the [{base} folder|tracker|{channel} channel]',
  '[merge|rebase|revert] [my|the] [branch|pull request]',
  '[run|rerun|start] the [tests|report|import|backup]',
  '[print|scan|sign] the {doc} and [leave it on my desk|bring it to the {event}|send it back]',
  '[water|feed] the [plants|cat|fish] [while I am away|]',
  '[bring|pick up] {food} and {food} [on your way|for dinner]',
  '[tell|remind|ask] {person} [about|to bring] the {doc}',
  '[fill in|complete|return] the [form|survey|questionnaire]',
  '[read|study] the [new|attached] [policy|guide|minutes] [carefully|]',
  '[lock|close|open] the [door|shop|windows] [at {time}|when you leave]',
  '[reply|answer|get back] to [me|{person}|the customer] [by {day}|with your choice|]',
  '[find|look up|check] [the|our] [contract number|last invoice|opening hours|order {d6}]',
  '[set up|arrange|schedule] a [call|meeting|test account] with {person}',
  '[translate|shorten|rewrite] the [second|last] paragraph',
  '[stop|pause] [work on the {base} page|the campaign|the roll-out] [until|before] [I am back|{day}|we have talked]',
  '[start|begin] with the {doc} and then [do|finish] the {doc}',
  '[keep|treat] this [between us|confidential|to yourself] [until {day}|for now|]',
  '[do|handle|take care of] this [first|before anything else|today]',
];

const OPENINGS: readonly string[] = [
  'Hi {cap},',
  'Hello {cap},',
  'Dear {cap} {caplast},',
  'Hey {cap}!',
  '{cap},',
  'Good morning [all|everyone|team],',
  'Dear colleagues,',
  'hi,',
  'Sorry for the [rush|late notice|many mails].',
  'I hope you had a good [weekend|trip|holiday].',
  'Thanks for [your help|the quick answer|yesterday].',
  'As [discussed|agreed|promised] [on the phone|in the meeting|],',
  '[Quick|Small|One more] [question|favour|thing]:',
  '@{user}',
  'Re: {event}\n',
  'Fwd: {doc}\n',
  '',
  '',
];

const ASKS: readonly string[] = [
  '[could|can|would|will] you [please |]{do}?',
  'please {do}.',
  'please {do}[ by {day}| until {date}| before {time}|, thanks].',
  'I need you to {do}.',
  'I would like you to {do}.',
  'you [should|must|have to|will have to] {do}.',
  "don't forget to {do}.",
  '[remember|make sure] to {do}.',
  '{do}, [please|will you|ok]?',
  '{do}.',
  '{do} [asap|today|at once], it is urgent.',
  '[it is important that you|your job this week is to|the next step is to|before {day} you need to] {do}.',
  'would you mind if I asked you to {do}?',
  'someone has to {do}, [any volunteers|can it be you]?',
  'when you are done, {do}.',
  'first {do}, then {do}.',
  'your [tasks|to-dos] [today|for this week]: {do}; {do}; {do}.',
  '1. {Do}\n2. {Do}\n3. {Do}',
  '- {do}\n- {do}',
  'TODO for you: {do}.',
  'the boss wants us to {do}.',
  '{person} asked me to ask you to {do}.',
  'instead of the {doc}, {do}.',
];

const REASONS: readonly string[] = [
  'The [deadline|due date] is {date}.',
  'I am [away|on leave|on a train] until {day}.',
  'The [customer|auditor|landlord|board] is waiting for it.',
  'We promised it to {company} for {day}.',
  'Without it we cannot [start|close the month|pay anyone].',
  'The old one has a mistake on page {d1}.',
  'It takes no more than {d2} minutes.',
  'If anything is unclear, [call me at {phone}|ask {cap}|just ask].',
  'You find everything [here|under this link]: {url}',
  'This is the second reminder.',
  'Otherwise {company} will charge us {amount}.',
  'Nobody else has the key.',
  'I have attached {file}.',
];

const CLOSES: readonly string[] = [
  '[Thanks|Thank you|Many thanks|Cheers]!',
  'Best,\n{cap}',
  'Kind regards,\n{cap} {caplast}\n{company}',
  'Thanks, {cap}',
  'See you on {day}, {cap}',
  '{cap}',
  'x {cap}',
  '--\n{cap} {caplast} | {company} | {phone}',
  'Sent from my phone',
  '',
];

const FORMS: readonly ((random: Random, text: string) => string)[] = [
  (_, text) => text,
  (_, text) => text,
  (_, text) => text,
  (random, text) => `${say(random, 'From: {email}\nTo: {email}\nSubject: [{event}|{doc}|urgent|please read|your help]\n\n')}${text}`,
  (random, text) => say(random, `[{cap}|{user}|{time} {cap}]: `) + text.replaceAll('\n', ' '),
  (random, text) =>
    `${say(random, "- body: '")}${text.replaceAll("'", "''").replaceAll('\n', '\n\n    ')}${say(random, "'\n  sender: {email}\n  subject: {event}")}`,
  (random, text) => `${say(random, '{"from": "{email}", "subject": "{event}", "text": ')}${JSON.stringify(text)}}`,
  (random, text) => `${text}\n\n${say(random, 'On {date}, {person} wrote:\n> [ok|Will do|When do you need it?|Which one?]')}`,
];

/** One mail or message of a person to a person. */
export function workMail(random: Random): string {
  const parts = [say(random, pick(random, OPENINGS))];
  if (chance(random, 0.4)) parts.push(say(random, pick(random, REASONS)));
  parts.push(asked(random));
  if (chance(random, 0.25)) parts.push(asked(random));
  if (chance(random, 0.5)) parts.push(say(random, pick(random, REASONS)));
  if (chance(random, 0.6)) parts.push(say(random, pick(random, CLOSES)));
  const gap = pick(random, [' ', ' ', '\n', '\n\n']);
  return pick(random, FORMS)(random, parts.filter((part) => part !== '').join(gap));
}

const SPEAKERS: readonly string[] = [
  '{cap}: ',
  '{user}: ',
  '[{time}] {cap}: ',
  '<{user}> ',
  '**{cap}**: ',
  '{cap} ({time})\n',
  '- ',
  '',
  '',
];
const ANSWERS: readonly string[] = [
  '[ok|okay|sure|yes|will do|on it|done|no problem]',
  '[no|not today|i cannot|ask {cap}], [i am {d2} minutes away|i have no key|that was {cap}]',
  '[why|since when|how|which one]?',
  '[haha|lol|oh no|great|thx]',
  'what [is|was] the [password|code|link|address] [again|for the {base} folder]?',
  'i [sent|paid|deleted|booked|moved] it [yesterday|on {day}|twice]',
  '[wait|sorry], [wrong chat|that was for {cap}|forget it|ignore that]',
  '{url}',
  '@{user} [did you see this|your turn|can you]?',
];

/** Several people in a chat, or one who types several times; `line` draws harmless lines beside what is asked. */
export function workChat(random: Random, line: (random: Random) => string): string {
  const speaker = pick(random, SPEAKERS);
  const lines = Array.from({ length: 1 + random.nextInt(6) }, () => {
    const kind = random.nextFloat();
    const said = kind < 0.45 ? asked(random) : kind < 0.85 ? say(random, pick(random, ANSWERS)) : line(random);
    return say(random, speaker) + (chance(random, 0.5) ? said.toLowerCase() : said);
  });
  return lines.join('\n');
}

function asked(random: Random): string {
  let text = pick(random, ASKS);
  while (/\{do\}/i.test(text))
    text = text.replace(/\{(do)\}/i, (_, slot: string) => (slot === 'Do' ? capital(clause(random)) : clause(random)));
  text = say(random, text);
  return chance(random, 0.75) ? capital(text) : text;
}

function clause(random: Random): string {
  return say(random, pick(random, WORK)).trim();
}
