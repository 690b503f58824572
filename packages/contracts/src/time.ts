/** RFC 3339 date-times, strictly: `Date.parse` takes 30 February for 2 March and an hour 24 for the next day. */

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const EARLIEST_MS = 946_684_800_000;
const LATEST_MS = 4_102_444_800_000;

/**
 * Milliseconds since 1970 of a date-time from 2000 to 2099, fractions cut to milliseconds; null for anything else. A leap second
 * (23:59:60 UTC) is the first moment of the next day, as in POSIX time.
 */
export function parseTime(text: string): number | null {
  const parts = RFC3339.exec(text);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  const offsetHour = Number(parts[9] ?? 0);
  const offsetMinute = Number(parts[10] ?? 0);
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return null;
  const offsetMs = (parts[8] === '-' ? -1 : 1) * (offsetHour * 60 + offsetMinute) * MINUTE_MS;
  const timeMs = Date.UTC(year, month - 1, day, hour, minute, second) - offsetMs + Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  if (second === 60 && timeMs % DAY_MS >= 1000) return null;
  return timeMs >= EARLIEST_MS && timeMs < LATEST_MS ? timeMs : null;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
