/**
 * What a description of a tool has no business to say. The rules look for the acts, not for known attacks: secrecy towards the user, files that
 * hold keys, other tools, addresses outside, the conversation. Every pattern is bounded. A weight is how much one sign alone says, 0–1;
 * below ½ it needs another.
 */

export const SIGNS = {
  secrecy: 'asks to keep something from the user',
  sensitive_file: 'names a file that holds keys or passwords',
  other_tools: 'gives orders about tools that are not its own',
  sends_elsewhere: 'sends something to an address of its own',
  asks_for_context: 'asks for the conversation, the system prompt or the list of tools',
  asks_for_secrets: 'asks for a password or key',
  addresses_model: 'speaks to the model as a system or user would',
  hidden_characters: 'holds characters that nobody sees',
  injection: 'reads like an injection',
  changed: 'is another than the one that was known',
  shadowed: 'has the name of a tool of another server',
} as const;
export type Sign = keyof typeof SIGNS;

interface Rule {
  readonly sign: Sign;
  readonly weight: number;
  /** Global, so that every place is found. */
  readonly pattern: RegExp;
  /** Of which texts; default both. */
  readonly kind?: 'text' | 'name';
}

export const RULES: readonly Rule[] = [
  {
    sign: 'secrecy',
    weight: 0.6,
    pattern:
      /\b(?:do not|don['’]?t|never|must not|should not|without|avoid|refrain from)\s{1,3}(?:ever\s|directly\s|explicitly\s)?(?:tell|mention|inform|notif|alert|disclos|let|warn)\w{0,6}\b[^.\n]{0,60}?\b(?:user|human|customer|anyone|them)\b/gi,
  },
  {
    sign: 'secrecy',
    weight: 0.8,
    pattern:
      /\b(?:user|human|customer)s?\s(?:must|should|need|does|do|will|may)\s?n(?:o|['’])t\s(?:know|see|notice|be\s(?:told|informed|aware|shown|notified))\b|\bkeep\s(?:this|it|that)\s(?:a\s)?(?:secret|hidden|confidential|quiet|between\sus)\b|\bhide\s(?:this|it|that)\sfrom\b/gi,
  },
  { sign: 'secrecy', weight: 0.35, pattern: /\b(?:silently|secretly|covertly|unnoticed)\b/gi },
  {
    sign: 'sensitive_file',
    weight: 0.7,
    pattern:
      /(?:~|\/)\/?\.(?:ssh|aws|gnupg|kube|netrc|pgpass|git-credentials|config\/gcloud)\b|\bid_(?:rsa|ed25519|ecdsa)\b|\/etc\/(?:passwd|shadow)\b|\bmcp\.json\b|\blogin\.keychain\b|\bwallet\.dat\b/gi,
  },
  { sign: 'sensitive_file', weight: 0.35, pattern: /(?<![\w.])\.env\b(?!\.example)/gi },
  {
    sign: 'other_tools',
    weight: 0.55,
    pattern:
      /\b(?:before|after|prior to|instead of|whenever|every time|each time|when)\b[^.\n]{0,40}\b(?:any|every|all|each|other|another)\b[^.\n]{0,20}\btools?\b|\bother\stools?\b[^.\n]{0,40}\b(?:must|should|always|never|do not|don['’]?t)\b/gi,
  },
  {
    sign: 'sends_elsewhere',
    weight: 0.55,
    pattern:
      /\b(?:send|forward|upload|post|transmit|bcc|cc|copy|exfiltrate|submit|redirect|deliver)\w{0,3}\b[^\n]{0,80}?(?:https?:\/\/(?!(?:[\w-]{1,63}\.){0,3}example\.)|[\w.+-]{1,64}@(?!example\.)[\w-]{1,63}\.\w)/gi,
  },
  {
    sign: 'sends_elsewhere',
    weight: 0.6,
    pattern:
      /\b(?:all|any|every|each)\s(?:e-?mails?|messages?|payments?|transfers?|transactions?|files?)\s(?:must|should|have to|need to|are to)\b[^.\n]{0,40}\b(?:to|sent)\b/gi,
  },
  {
    sign: 'asks_for_context',
    weight: 0.6,
    kind: 'name',
    pattern:
      /(?:conversation|chat|dialog(?:ue)?|message|tool_?call|prompt)s?[_-]?(?:history|logs?|transcript)|system[_-]?prompt|(?:whole|full|entire)[_-]?(?:context|conversation)|chain[_-]?of[_-]?thought|(?:previous|prior|all)[_-]?messages|(?:available[_-]?)?(?:tools?|functions?)[_-](?:list|definitions)/gi,
  },
  {
    sign: 'asks_for_context',
    weight: 0.6,
    kind: 'text',
    pattern:
      /\b(?:include|provide|pass|copy|paste|insert|put|add|send|append|contents? of)\w{0,4}\b[^.\n]{0,60}\b(?:entire|full|whole|complete|previous|all|current)\b[^.\n]{0,30}\b(?:conversation|chat|dialog(?:ue)?|history|context|system prompt|(?:previous|prior|earlier|your)\s(?:messages|instructions))\b/gi,
  },
  { sign: 'asks_for_context', weight: 0.4, kind: 'text', pattern: /\bsystem[ _-]prompt\b/gi },
  {
    sign: 'asks_for_secrets',
    weight: 0.3,
    kind: 'text',
    pattern:
      /\b(?:pass|provide|include|send|insert|read|put|copy|contents? of)\w{0,3}\b[^.\n]{0,60}\b(?:passwords?|api[_ -]?keys?|credentials?|secrets?|access tokens?|private keys?|ssh keys?)\b/gi,
  },
  {
    sign: 'addresses_model',
    weight: 0.7,
    pattern: /<\/?(?:important|system|instructions?|secret|hidden|admin|critical|information)\b[^>\n]{0,40}>/gi,
  },
  { sign: 'addresses_model', weight: 0.5, pattern: /\[\/?(?:system|inst|admin)\b[^\]\n]{0,20}\]|<\|[a-z_]{2,20}\|>/gi },
  {
    sign: 'addresses_model',
    weight: 0.8,
    pattern:
      /\b(?:ignore|disregard|forget|override)\b[^.\n]{0,30}\b(?:previous|prior|above|earlier|other|all|any|your)\b[^.\n]{0,20}\b(?:instruction|prompt|rule|direction|guideline|message|tool)s?\b/gi,
  },
  {
    sign: 'addresses_model',
    weight: 0.3,
    pattern: /\b(?:otherwise|or else|if you (?:do not|don['’]?t))\b[^.\n]{0,40}\b(?:will|does|can) ?n(?:o|['’])t (?:work|function|run)\b/gi,
  },
  // Tag characters and variation selectors carry whole texts that no screen shows; the others turn text around or split words.
  { sign: 'hidden_characters', weight: 0.7, pattern: /(?:[\u{E0000}-\u{E007F}]|[\u{E0100}-\u{E01EF}]|[\u202A-\u202E\u2066-\u2069])+/gu },
  { sign: 'hidden_characters', weight: 0.5, pattern: /[\u200B\u2060-\u2064\uFEFF]+/gu },
];
