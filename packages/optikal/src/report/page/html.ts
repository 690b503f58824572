/**
 * HTML and SVG as text. Whatever is put into a template is escaped, unless it is markup that came out of a template itself: so a name from the
 * data can never become markup, and nobody has to remember to escape.
 */

export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = Markup | string | number | null | readonly Value[];

/** null is nothing, a list is its items in order. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.map((part, i) => part + (i < values.length ? textOf(values[i]!) : '')).join(''));
}

export const NOTHING: Markup = new Markup('');

function textOf(value: Value): string {
  if (value === null) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  return value.map(textOf).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** Characters that no HTML document may hold, and those that would turn the direction of what follows. */
const UNPRINTABLE = /[^\P{Cc}\n\t\r]|[\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;

export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(UNPRINTABLE, '\ufffd')
    .replace(/[&<>"']/g, (found) => ENTITIES[found]!); // the pattern and the table hold the same five
}

/** JSON inside a script element: nothing in it can end the element or begin a comment. */
export function embeddedJson(value: unknown): Markup {
  return new Markup(
    JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
