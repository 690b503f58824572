/** Dates that change what people do: public holidays of a site, and the days around the end of a month. Days are local midnights as UTC. */

const DAY_MS = 86_400_000;

/** Month (1 = January) and day; the third says where, by the site's offset from UTC in hours (none = everywhere). */
const FIXED: readonly (readonly [month: number, day: number, offsets?: readonly number[]])[] = [
  [1, 1],
  [1, 26, [5.5]],
  [5, 1, [0, 1, 2]],
  [7, 4, [-5]],
  [8, 15, [1, 5.5]],
  [12, 24, [0, 1, 2]],
  [12, 25],
  [12, 26, [0, 1, 2]],
  [12, 31, [0, 1, 2]],
];
/** Easter is kept by the European sites: Good Friday and Easter Monday, in days after Easter Sunday. */
const EASTER_DAYS = [-2, 1];
/** Working days before and after the turn of a month that belong to its close. */
const CLOSE_BEFORE = 2;
const CLOSE_AFTER = 2;

export type Close = 'month_end' | 'quarter_end';

export function isHoliday(localMs: number, utcOffsetHours: number): boolean {
  const date = new Date(localMs);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth() + 1;
  const day = date.getUTCDate();
  if (FIXED.some(([m, d, offsets]) => m === month && d === day && (offsets === undefined || offsets.includes(utcOffsetHours)))) return true;
  if (utcOffsetHours === -5) return month === 11 && weekdayOf(localMs) === 3 && day >= 22 && day <= 28;
  if (utcOffsetHours === 5.5) return false;
  const today = Math.floor(localMs / DAY_MS);
  return EASTER_DAYS.some((days) => today === easterSunday(year) + days);
}

/** The last two working days of a month and the first two of the next, or null. */
export function closeOf(localMs: number): Close | null {
  const today = Math.floor(localMs / DAY_MS);
  if (!isWorkingDay(today)) return null;
  const date = new Date(localMs);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  const first = Date.UTC(year, month, 1) / DAY_MS;
  const next = Date.UTC(year, month + 1, 1) / DAY_MS;
  // The close of the month that ends belongs to that month, also where it reaches into the next.
  if (workingDays(today, next) <= CLOSE_BEFORE) return (month + 1) % 3 === 0 ? 'quarter_end' : 'month_end';
  if (workingDays(first, today + 1) <= CLOSE_AFTER) return month % 3 === 0 ? 'quarter_end' : 'month_end';
  return null;
}

/** Monday 0; 1970-01-01 was a Thursday. */
export function weekdayOf(localMs: number): number {
  return (Math.floor(localMs / DAY_MS) + 3) % 7;
}

/** Day number of Easter Sunday: Meeus, Jones and Butcher's rule for the Gregorian calendar. */
export function easterSunday(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const month = Math.floor((h + l - 7 * m + 114) / 31);
  const day = ((h + l - 7 * m + 114) % 31) + 1;
  return Date.UTC(year, month - 1, day) / DAY_MS;
}

function isWorkingDay(day: number): boolean {
  return (day + 3) % 7 < 5;
}

/** In [from, to). */
function workingDays(from: number, to: number): number {
  let count = 0;
  for (let day = from; day < to; day++) if (isWorkingDay(day)) count++;
  return count;
}
