/** The opt-in messages of agent and model spans: the user's request, and how much the model wrote. */
import { isObject, jsonOrText } from './json.ts';
import { type Attributes, anyAttribute, NAMES } from './otlp-spans.ts';

/** The last text of the user: what this task is about. null = not told. */
export function requestText(attributes: Attributes): string | null {
  const value = jsonOrText(anyAttribute(attributes, NAMES.input));
  if (typeof value === 'string') return value === '' ? null : value;
  const messages = Array.isArray(value) ? value : isObject(value) && Array.isArray(value.messages) ? value.messages : [];
  for (const message of messages.toReversed()) {
    if (!isObject(message) || message.role !== 'user') continue;
    const text = messageText(message);
    if (text !== '') return text;
  }
  return isObject(value) && typeof value.prompt === 'string' ? value.prompt : null;
}

/** The same text and how many messages of the user there were; null = not told. */
export function asked(attributes: Attributes): { readonly text: string; readonly messages: number } | null {
  const text = requestText(attributes);
  if (text === null) return null;
  const value = jsonOrText(anyAttribute(attributes, NAMES.input));
  const list = Array.isArray(value) ? value : isObject(value) && Array.isArray(value.messages) ? value.messages : [];
  const users = list.filter((message) => isObject(message) && message.role === 'user' && messageText(message) !== '');
  return { text, messages: Math.max(1, users.length) };
}

/** Characters of text (not of tool calls) in the output messages; null = not told. */
export function writtenChars(attributes: Attributes): number | null {
  const raw = anyAttribute(attributes, NAMES.output);
  if (raw === undefined) return null;
  const value = jsonOrText(raw);
  if (Array.isArray(value)) return value.reduce<number>((sum, message) => sum + (isObject(message) ? messageText(message).length : 0), 0);
  return typeof raw === 'string' ? raw.length : null;
}

/** The text of the last output message, or what is one text; null = not told. */
export function answerText(attributes: Attributes): string | null {
  const raw = anyAttribute(attributes, NAMES.output);
  const value = jsonOrText(raw);
  if (!Array.isArray(value)) return typeof raw === 'string' && raw !== '' ? raw : null;
  const text = value
    .filter(isObject)
    .map(messageText)
    .findLast((message) => message !== '');
  return text ?? null;
}

/** `parts: [{ type: 'text', content }]` as in the conventions, or `content` as providers have it. */
function messageText(message: Record<string, unknown>): string {
  if (typeof message.content === 'string') return message.content;
  const parts = Array.isArray(message.parts) ? message.parts : Array.isArray(message.content) ? message.content : [];
  return parts
    .flatMap((part) => (isObject(part) && (part.type === undefined || part.type === 'text') ? [part.content ?? part.text] : []))
    .filter((text) => typeof text === 'string')
    .join('\n');
}
