/** The agents of a partition that have an open window: counted as they are committed, so that a reader beside it need not read the state of all. */
import type { Lease, StateChange } from '../contract.ts';

export class OpenAgents {
  private readonly keys: Set<string>;

  constructor(due: Lease['due']) {
    this.keys = new Set(due.map(({ key }) => key));
  }

  /** How many they will be; nothing changes yet. Of two changes of one agent the later one holds. */
  countAfter(state: readonly StateChange[]): number {
    const last = new Map(state.map(({ key, dueMs }) => [key, dueMs !== null]));
    let count = this.keys.size;
    for (const [key, isOpen] of last) if (isOpen !== this.keys.has(key)) count += isOpen ? 1 : -1;
    return count;
  }

  /** What is durable. */
  keep(state: readonly StateChange[]): void {
    for (const { key, dueMs } of state)
      if (dueMs === null) this.keys.delete(key);
      else this.keys.add(key);
  }
}
