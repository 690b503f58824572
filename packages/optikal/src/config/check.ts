/** Whether a value may be that of a setting; and the text of an environment variable as a value. */
import type { ConfigErrorCode } from './errors.ts';
import type { Setting, SettingValue } from './table.ts';

/** Beyond this a found value is cut: it may be anything. */
const SHOWN_CHARS = 64;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export type Checked =
  | { readonly ok: true; readonly value: SettingValue }
  | { readonly ok: false; readonly code: ConfigErrorCode; readonly message: string };

export function checkValue(setting: Setting, value: unknown): Checked {
  const refused = (code: ConfigErrorCode): Checked => ({
    ok: false,
    code,
    message: `expected ${setting.expected} for \`${setting.path}\`, found ${shown(value)}`,
  });
  if (value === null) return setting.nullable ? { ok: true, value } : refused('setting_type');
  const { schema, kind } = setting;
  if (kind === 'whole' || kind === 'number') {
    if (typeof value !== 'number' || (kind === 'whole' && Number.isFinite(value) && !Number.isInteger(value)))
      return refused('setting_type');
    const within =
      Number.isFinite(value) &&
      value >= (schema.minimum ?? value) &&
      value <= (schema.maximum ?? value) &&
      (schema.exclusiveMinimum === undefined || value > schema.exclusiveMinimum) &&
      (schema.exclusiveMaximum === undefined || value < schema.exclusiveMaximum);
    return within ? { ok: true, value } : refused('setting_range');
  }
  if (kind === 'switch') return typeof value === 'boolean' ? { ok: true, value } : refused('setting_type');
  if (typeof value !== 'string') return refused('setting_type');
  if (kind === 'choice') return schema.enum!.includes(value) ? { ok: true, value } : refused('setting_range'); // a choice has its list
  const within = value.length >= schema.minLength! && value.length <= schema.maxLength! && new RegExp(schema.pattern!).test(value); // texts have all three
  return within ? { ok: true, value } : refused('setting_range');
}

/** The text of a variable, as the kind of its setting reads it; a text that is none of it stays a text, and is refused as one. */
export function valueOfText(setting: Setting, text: string): SettingValue {
  if (setting.nullable && text === 'null') return null;
  if ((setting.kind === 'whole' || setting.kind === 'number') && NUMBER.test(text)) return Number(text);
  if (setting.kind === 'switch' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `\`${plain(value)}\``;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  return `\`${String(value)}\``;
}

/** What someone wrote, short and without control characters: it is shown on a terminal. */
export function plain(text: string): string {
  const clean = text.toWellFormed().replace(/\p{Cc}/gu, '?');
  return clean.length > SHOWN_CHARS ? `${clean.slice(0, SHOWN_CHARS)}…` : clean;
}
