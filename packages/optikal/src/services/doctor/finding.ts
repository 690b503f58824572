/** What a check says: what was found, why it matters, and the command that mends it. And how sizes, times and paths read in it. */

export interface Finding {
  readonly check: string;
  /** warn = it works, and somebody should look; fail = it does not work, or it is not safe. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly why: string;
  /** A command line to run as it stands; null where nothing has to be done. */
  readonly mend: string | null;
}

export interface Check {
  readonly ok: (found: string) => Finding;
  readonly warn: (found: string, mend: string) => Finding;
  readonly fail: (found: string, mend: string) => Finding;
}

/** Far above any finding of ours; a damaged file can make SQLite say more. */
const MAX_CHARS = 1000;

/** One check: its name and why it matters, said once. */
export function check(name: string, why: string): Check {
  const made = (status: Finding['status']) => (found: string, mend?: string) => ({
    check: name,
    status,
    found: visible(found),
    why,
    mend: mend === undefined ? null : visible(mend),
  });
  return { ok: made('ok'), warn: made('warn'), fail: made('fail') };
}

/** Findings repeat what files and servers say: what would drive or fool a terminal is spelled out. */
function visible(text: string): string {
  return text.slice(0, MAX_CHARS).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

/** A path as a word of a shell's command line. */
export function quoted(path: string): string {
  return /^[A-Za-z0-9_./:@%+,=-]+$/.test(path) && !path.startsWith('-') ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** A file of a directory, as a path that reads well whatever the directory was given as. */
export function within(folder: string, name: string): string {
  return `${folder.replace(/(?<=.)\/+$/, '')}/${name}`;
}

/** Puts something out of the way, and loses nothing. */
export function moveAside(path: string, suffix: string): string {
  const plain = path.replace(/(?<=.)\/+$/, '');
  return `mv ${quoted(plain)} ${quoted(`${plain}.${suffix}`)}`;
}

/** `400 B`, `12 kB`, `3.4 GB`. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `40 s`, `12 min`, `5 h`, `3.5 days`. */
export function span(ms: number): string {
  const seconds = Math.abs(ms) / 1000;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  const days = seconds / 86_400;
  return `${days < 10 ? Number(days.toFixed(1)) : Math.round(days)} days`;
}

/** `3 %`, `0.4 %`, `below 0.1 %`. */
export function percent(share: number): string {
  const value = 100 * share;
  if (value === 0) return '0 %';
  if (value < 0.1) return 'below 0.1 %';
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} %`;
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
}

export function instant(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16)}Z`;
}
