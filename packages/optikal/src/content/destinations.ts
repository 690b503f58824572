/**
 * Where a call points to: e-mail addresses, http(s) or www URLs, account numbers of two letters and eight or more digits. Lower case; the
 * scheme and a trailing slash are dropped, since a model adds and drops them at will. Every pattern is bounded, so the time is linear.
 */

const EMAIL = /[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}/g;
const URL_LIKE = /(?:https?:\/\/|(?<![a-z0-9.])www\.)[^\s"'`<>()[\]{}|\\^]{1,2048}/g;
const ACCOUNT = /(?<![a-z0-9])[a-z]{2}\d{8,}/g;
const MAX_DESTINATIONS = 256;

export function destinationsOf(text: string): string[] {
  const lower = text.toLowerCase();
  const found = new Set<string>();
  const take = (pattern: RegExp, tidy: (match: string) => string) => {
    for (const match of lower.matchAll(pattern)) {
      if (found.size >= MAX_DESTINATIONS) return;
      const value = tidy(match[0]);
      if (value !== '') found.add(value);
    }
  };
  if (lower.includes('@')) take(EMAIL, (match) => match.replace(/^[.%+-]+|[.-]+$/g, ''));
  if (lower.includes('://') || lower.includes('www.')) take(URL_LIKE, tidyUrl);
  take(ACCOUNT, (match) => match);
  return [...found];
}

function tidyUrl(url: string): string {
  let end = url.length;
  while (end > 0 && '.,;:!?/*_~'.includes(url[end - 1]!)) end--;
  return url.slice(0, end).replace(/^https?:\/\//, '');
}
