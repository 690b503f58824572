/** Numbers, times and names as people read them. A number and its unit are held together by a blank that does not break. */

export function percent(share: number | null): string {
  if (share === null) return '–';
  const value = 100 * share;
  if (value === 0 || value === 100) return `${value}\u00a0%`;
  if (value < 10) return `${Number(value.toPrecision(2))}\u00a0%`;
  return `${value > 99 ? value.toFixed(value > 99.9 ? 2 : 1) : value.toFixed(0)}\u00a0%`;
}

export function three(value: number | null): string {
  return value === null || Number.isNaN(value) ? '–' : value.toFixed(3);
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Two digits that count. */
export function rate(value: number): string {
  if (value === 0) return '0';
  return value >= 100 ? whole(value) : String(Number(value.toPrecision(2)));
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)}\u00a0s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)}\u00a0min`;
  if (seconds < 48 * 3600) return `${Number((seconds / 3600).toPrecision(2))}\u00a0h`;
  return `${Number((seconds / 86_400).toPrecision(2))}\u00a0days`;
}

/** `data_exfiltration` → `data exfiltration`; null = all of them. */
export function named(name: string | null): string {
  return name === null ? 'all' : name.replaceAll('_', ' ');
}

const BRIEF: Readonly<Record<string, string>> = {
  credential_abuse: 'cred. abuse',
  data_exfiltration: 'data exfil.',
  prompt_injection: 'prompt inj.',
  resource_abuse: 'res. abuse',
  behavioral_drift: 'behav. drift',
  privilege_escalation: 'priv. escal.',
};

/** A threat where there is little room. */
export function brief(name: string): string {
  return BRIEF[name] ?? short(named(name), 12);
}

export function clock(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 16);
}

export function day(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

export function shortHash(fingerprint: string): string {
  return fingerprint.slice(0, 12);
}

const SEGMENTS = new Intl.Segmenter('en');

/** A name of unknown length, cut in its middle so that both ends stay. */
export function short(text: string, most: number): string {
  const letters = Array.from(SEGMENTS.segment(text), ({ segment }) => segment);
  if (letters.length <= most) return text;
  const end = Math.floor((most - 1) / 2);
  return `${letters.slice(0, most - 1 - end).join('')}…${letters.slice(letters.length - end).join('')}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}
