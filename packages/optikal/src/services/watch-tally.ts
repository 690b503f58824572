/**
 * Alerts by severity, exact over a log of any length: a slice at a time from the newest back, and new ones as they come. What counts is the
 * last revision of an alert: an early one counts until its final one replaces it, a withdrawn one counts as withdrawn.
 */
import { SEVERITIES, type Severity } from '@optikal/contracts';
import type { AlertMark, WatchReader } from '../bus/embedded/watch-reader.ts';

export type AlertTally = Readonly<Record<Severity | 'withdrawn', number>> & {
  /** Revisions that are not counted yet, at most. */
  readonly uncounted: number;
};

export interface Tally {
  /** Grows with each change. */
  readonly seen: number;
  /** The cursor of the newest alert when counting began. */
  readonly newest: number;
  step(): boolean;
  tally(): AlertTally;
}

/** Some milliseconds of work. */
const SLICE = 1000;

export interface Counts {
  add(mark: Omit<AlertMark, 'cursor'>): void;
  tally(): Omit<AlertTally, 'uncounted'>;
}

export function createCounts(): Counts {
  const counts = { low: 0, medium: 0, high: 0, critical: 0, withdrawn: 0 };
  /** Early alerts whose final revision was not there when they were counted. */
  const early = new Map<string, Severity>();
  return {
    add({ id, revision, severity, withdrawn, superseded }) {
      const known = SEVERITIES.find((one) => one === severity);
      if (superseded || known === undefined) return;
      const before = early.get(id);
      if (revision === 2 && before !== undefined) counts[before]--;
      if (revision === 2) early.delete(id);
      else early.set(id, known);
      counts[withdrawn ? 'withdrawn' : known]++;
    },
    tally: () => ({ ...counts }),
  };
}

export function createTally(reader: Pick<WatchReader, 'totals' | 'alertMarks'>): Tally {
  const newest = reader.totals().lastAlert;
  const counts = createCounts();
  let [behind, ahead, seen] = [newest, newest, 0];
  return {
    get seen() {
      return seen;
    },
    newest,
    step() {
      const marks = reader.alertMarks(ahead, Number.MAX_SAFE_INTEGER, SLICE);
      for (const mark of marks) counts.add(mark);
      ahead = marks.at(-1)?.cursor ?? ahead;
      seen += marks.length;
      if (marks.length === SLICE) return true;
      if (behind <= 0) return false;
      for (const mark of reader.alertMarks(Math.max(0, behind - SLICE), behind, SLICE)) counts.add(mark);
      behind = Math.max(0, behind - SLICE);
      seen++;
      return behind > 0;
    },
    tally: () => ({ ...counts.tally(), uncounted: behind }),
  };
}
