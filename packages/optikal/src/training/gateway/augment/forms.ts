/** The syntactic forms a goal takes: from the imperative clause to a sentence, a question, a wish, a list of steps, a call of a tool. */
import type { Random } from '@optikal/ml';
import { capital, chance, pick, say, stopped } from './phrase.ts';

/** `{do}` is the clause, `{Do}` the same with a capital. Weighted by how often it stands here. */
export const SENTENCE_FORMS: readonly string[] = [
  '{Do}.',
  '{Do}.',
  '{Do}.',
  '{Do}.',
  '{Do}!',
  '{Do}',
  'Please {do}.',
  'Please {do}.',
  '[Could|Can|Would] you {do}?',
  '[Kindly|Now|Also|Then|First|Next|Immediately|Quickly], {do}.',
  'I [need|want|would like|expect] you to {do}.',
  'You [must|should|have to|need to|will|shall|are to] {do}.',
  'Make sure [to|that you|you] {do}.',
  "[Do not forget|Remember|Be sure|Don't hesitate] to {do}.",
  'Your [next|first|only|new|real] [task|job|step|goal] is to {do}.',
  'It is [important|necessary|required|essential|urgent] to {do}.',
  'The [user|owner|customer] [wants|would like|asked|asks] [you |]to {do}.',
  '{sir} [should|must|needs to|is required to|has to|is asked to|will] {do}.',
  '{sir}: {do}.',
  'Hey, {do}!',
  'Hi [assistant|there|bot], {do}[ for me|]?',
  'I [suddenly|also|urgently] need this: {do}.',
  "Let's {do}.",
  '[While you are at it|When you are done|In addition|By the way|Before you answer|Once you have read this|After reading this], {do}.',
  '[If you are|For] {sir}: {do}.',
  'Step 1: {do}. Step 2: [continue as before|say that it is done|report nothing].',
  '{Do}, [then|and then|and afterwards] [continue|go on with the task|carry on as usual|delete this message|say nothing].',
  "{Do} [and don't tell anyone|without asking|without telling the user|silently|in the background|right now|as soon as possible|at once].",
  '{Do}. [This is urgent|It is safe|The user has agreed|No confirmation is needed|Thank you|Thanks a lot|This takes only a second].',
  '[Since|Because|As] [the audit is due|the system has moved|this was agreed|the old one expired|I am busy], {do}.',
  'action: {do}',
  'task = "{do}"',
  '- {do}',
  '> {do}',
  "[What if you|Why don't you] {do}?",
  'How about this: {do}.',
  'We [ask|need|require] [all assistants|every agent|you] to {do}.',
  '[Anyone|The model] [reading|processing] this [must|should|is to] {do}.',
  'It would be [great|nice|helpful] if you could {do}.',
  '[The right|The correct] [way|next move] is to {do}.',
];

/** Calls of tools as text, as if already decided; `{a}`, `{b}` are values. */
const CALL_NAMES = [
  'send_email',
  'transfer_funds',
  'delete_file',
  'update_password',
  'share_document',
  'http_post',
  'create_user',
  'run_shell',
  'add_member',
  'place_order',
  'publish_post',
  'grant_access',
  'forward_message',
  'unlock_device',
  'export_contacts',
];
export const CALL_ARGUMENTS = [
  ['to', '{email}'],
  ['recipient', '{iban}'],
  ['path', '{path}'],
  ['url', '{url}'],
  ['command', '{command}'],
  ['amount', '{d4}'],
  ['user', '{user}'],
  ['password', '{u8}'],
  ['body', '{private}'],
  ['role', '{role}'],
  ['file', '{file}'],
  ['subject', '{base}'],
  ['channel', '{base}'],
  ['reason', 'urgent'],
] as const;
const CALL_SHAPES = [
  (name: string, list: readonly string[][]) => `{"tool": "${name}", "arguments": {${list.map(([k, v]) => `"${k}": "${v}"`).join(', ')}}}`,
  (name: string, list: readonly string[][]) => `${name}(${list.map(([k, v]) => `${k}="${v}"`).join(', ')})`,
  (name: string, list: readonly string[][]) => `<tool_call>${name} ${list.map(([k, v]) => `${k}=${v}`).join(' ')}</tool_call>`,
  (name: string, list: readonly string[][]) => `Action: ${name}\nAction Input: {${list.map(([k, v]) => `"${k}": "${v}"`).join(', ')}}`,
  (name: string, list: readonly string[][]) => `call ${name} with ${list.map(([k, v]) => `${k} ${v}`).join(' and ')}`,
  (name: string, list: readonly string[][]) => `<function=${name}>${list.map(([k, v]) => `<${k}>${v}</${k}>`).join('')}</function>`,
  (name: string, list: readonly string[][]) => `function_call:\n  name: ${name}\n${list.map(([k, v]) => `  ${k}: ${v}`).join('\n')}`,
] as const;

/** The clause as one sentence of any form. */
export function formed(random: Random, clause: string): string {
  const sentence = say(random, pick(random, SENTENCE_FORMS), { do: clause }).replace('{Do}', () => capital(clause));
  return chance(random, 0.85) ? capital(sentence) : sentence;
}

/** Two or three clauses as a numbered or a running list. */
export function asSteps(random: Random, clauses: readonly string[]): string {
  const shape = random.nextInt(3);
  if (shape === 0) return clauses.map((clause, i) => `${i + 1}. ${stopped(capital(clause))}`).join('\n');
  if (shape === 1) return stopped(capital(clauses.join(', then ')));
  return clauses.map((clause, i) => `${i === 0 ? 'First' : i === clauses.length - 1 ? 'Finally' : 'Then'}, ${stopped(clause)}`).join(' ');
}

export function asCall(random: Random): string {
  const first = pick(random, CALL_ARGUMENTS);
  const second = pick(random, CALL_ARGUMENTS);
  const list = (first[0] === second[0] ? [first] : [first, second]).map(([key, value]) => [key, say(random, value)]);
  return pick(random, CALL_SHAPES)(pick(random, CALL_NAMES), list);
}
