/**
 * Texts of the tests only, written by hand and apart from what the detector learns from: harmless ones that look like attacks, by kind, and
 * attacks that no generator knows. A test holds that they share no six words in a row with it.
 */
import { FRESH_ATTACKS } from './lookalikes-attacks.ts';
import { CHAT_TEXTS } from './lookalikes-chat.ts';
import { CODE_TEXTS } from './lookalikes-code.ts';
import { DOCS_TEXTS } from './lookalikes-docs.ts';
import { LOG_TEXTS } from './lookalikes-logs.ts';
import { MAIL_TEXTS } from './lookalikes-mail.ts';
import { MULTILINGUAL_TEXTS } from './lookalikes-multilingual.ts';
import { SECURITY_TEXTS } from './lookalikes-security.ts';
import { WORKSHEET_TEXTS } from './lookalikes-worksheets.ts';

/** Harmless, at least thirty a kind. */
export const LOOKALIKES: Readonly<Record<string, readonly string[]>> = {
  security_training: SECURITY_TEXTS,
  code: CODE_TEXTS,
  mail: MAIL_TEXTS,
  customer_chat: CHAT_TEXTS,
  docs: DOCS_TEXTS,
  logs: LOG_TEXTS,
  worksheets: WORKSHEET_TEXTS,
  multilingual: MULTILINGUAL_TEXTS,
};

export { FRESH_ATTACKS };
