/** A bus that tells what goes through it: how long commits take, what they hold, and whether the disk takes it. Nothing else changes. */
import { type Bus, BusError, type Commit, type LogEntry } from '../bus/index.ts';

export interface BusObserver {
  committed(partition: number, commit: Commit, seconds: number): void;
  /** An append went through. */
  appended(entries: readonly LogEntry[]): void;
  /** The disk has become full, or has space again. */
  diskFull(full: boolean): void;
  /** No broker answers any more, or one does again. */
  brokerAway(away: boolean): void;
}

export function observeBus(bus: Bus, observer: BusObserver): Bus {
  const full = turning((now) => observer.diskFull(now));
  const away = turning((now) => observer.brokerAway(now));
  const watched = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const done = await work();
      full(false);
      away(false);
      return done;
    } catch (error) {
      if (error instanceof BusError && error.code === 'disk_full') full(true);
      if (error instanceof BusError && error.code === 'broker_unavailable') away(true);
      throw error;
    }
  };
  return {
    partitions: bus.partitions,
    findsDuplicates: bus.findsDuplicates,
    join: (onAssigned) => bus.join(onAssigned),
    async append(entries) {
      const outcomes = await watched(() => bus.append(entries));
      observer.appended(entries);
      return outcomes;
    },
    async commit(lease, commit) {
      const startMs = performance.now();
      await watched(() => bus.commit(lease, commit));
      observer.committed(lease.partition, commit, (performance.now() - startMs) / 1000);
    },
    lease: (partition) => watched(() => bus.lease(partition)),
    read: (lease, next, options) => bus.read(lease, next, options),
    loadState: (lease, keys) => bus.loadState(lease, keys),
    readAt: (lease, offsets) => bus.readAt(lease, offsets),
    alerts: (after, options) => bus.alerts(after, options),
    positions: () => bus.positions(),
    close: () => bus.close(),
  };
}

/** Tells of changes alone. */
function turning(tell: (now: boolean) => void): (now: boolean) => void {
  let before = false;
  return (now) => {
    if (now === before) return;
    before = now;
    tell(now);
  };
}
