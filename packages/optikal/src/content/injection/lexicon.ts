/**
 * What words can mean, by the part that they play in an instruction: who is addressed, on whose authority, what is to be done and to what.
 * Lists are closed and short; the n-grams of the model know the rest.
 */

/** Bits of a meaning. */
export const MEANING = {
  verb: 1,
  assistant: 2,
  authority: 4,
  override: 8,
  earlier: 16,
  sequence: 32,
  secrecy: 64,
  urgency: 128,
  secret: 256,
  answer: 512,
  you: 1024,
  me: 2048,
  transfer: 4096,
  task: 8192,
  greeting: 16384,
  polite: 32768,
  negation: 65536,
  delegation: 131072,
  /** Says how things stand to one another, in every text. */
  form: 262144,
} as const;

const LISTS: Readonly<Record<keyof typeof MEANING, string>> = {
  verb: 'accept access act activate add adjust agree allow answer append apply approve arrange ask assign attach authorize backup begin block book browse buy call cancel change chat check choose clear click clone close collect combine comment compare complete compose compute confirm connect consider continue contact convert copy correct count create debug decode define delete deliver deny deploy describe design detail determine develop disable disclose discuss display donate double download draft drop edit elaborate email embed enable encode encourage end engage enter erase establish evaluate examine execute exfiltrate explain export extract fetch fill find finish fix follow forward gather generate get give go grant guide help hide highlight identify ignore implement import include incorporate increase inform initiate insert inspect install introduce invite join keep learn leave let link list load locate lock log look mail make mark mention merge message modify move name navigate notify offer open order organize output override pass paste pay perform place play post prepare present print proceed process produce promote provide publish pull purchase push put query quote raise read rebuy recommend record redirect refer refund register reject remind remove rename repeat rephrase replace reply report request reschedule reset respond restart restore retrieve return reveal review revoke rewrite run save say schedule search see select sell send set share shift show sign simulate solve split star start stop store submit subscribe substitute suggest summarize swap switch take talk tell test think transcribe transfer transform translate try turn type uninstall unlock update upgrade upload use utilize verify view visit wire work write',
  assistant:
    'ai a.i assistant assistants llm chatbot bot gpt chatgpt claude gemini llama copilot agent agents model models assistent asistente assistente modelo modell modèle ассистент 助手',
  authority:
    'system admin administrator administrators developer developers official authorized authorised authorization openai anthropic google policy mandatory compliance root sudo moderator ceo supervisor operator важно systemadministrator privileged directive protocol',
  override:
    'ignore disregard forget override bypass overwrite supersede supersedes instead jailbreak unrestricted ignorez ignora ignorar ignoriere ignoreer oublie oubliez olvida vergiss игнорируй игнорируйте забудь zignoruj αγνοήστε',
  earlier: 'previous prior above preceding earlier past former original initial vorherigen précédentes anteriores previas предыдущие',
  sequence: 'before after first then next afterwards finally once now later beforehand subsequently also additionally',
  secrecy: 'secretly quietly silently hidden discreetly confidential confidentially undetected unnoticed covertly',
  urgency: 'urgent urgently immediately asap important critical must crucial required vital necessary essential attention notice alert',
  secret:
    'password passwords passwort contraseña senha пароль credential credentials token tokens apikey key keys secret secrets ssh pin cvv iban ssn otp 2fa code codes passphrase mot',
  answer: 'answer answers response responses reply replies output outputs respuesta antwort réponse ответ summary summaries',
  you: 'you your yours yourself u du dein deine ihre tu tus usted vous votre ты вы ваш',
  me: 'i me my mine we our us',
  transfer: 'send forward transfer wire pay email mail share upload post submit transmit deliver copy publish push leak exfiltrate message',
  task: 'task tasks instruction instructions prompt prompts command commands request requests rule rules todo anweisungen instrucciones instruções instructions указания инструкции query objective goal',
  greeting: 'hi hello dear regards sincerely cheers best thanks thank greetings',
  polite: 'please kindly bitte',
  delegation:
    'task tasks todo todos instruction instructions action actions step steps requirement requirements follow following asked asks ask told tells according described specified mentioned listed perform execute complete carry suggestions',
  form: "a about above after all also am an and any are as at be because been before being below between both but by can could did do does doing done down during each every few for from had has have he her here hers him his how i if in into is it its it's i'm i'll i've just let like many may maybe me might more most much my need needs of off on once only or other our out over own per same she should since so some such than that the their them then there these they this those through to too under until up upon use used using very via want wants was way we were what when where whether which while who whom whose why will with within would yes you your yours",
  negation: "don't not never no without dont cannot",
};

const MEANINGS = new Map<string, number>();
// Object.entries widens the keys of LISTS to string; they are those of MEANING.
for (const [name, words] of Object.entries(LISTS))
  for (const word of words.split(' ')) MEANINGS.set(word, (MEANINGS.get(word) ?? 0) | MEANING[name as keyof typeof MEANING]);

/** Bits of `MEANING` for a word in lower case; 0 = none that is known. */
export function meaningOf(word: string): number {
  return MEANINGS.get(word) ?? 0;
}
