/** Waiting for "something new" with a time limit: what a read of an empty log and a poll for alerts hang on. */

export class Signal {
  private readonly waiters = new Set<() => void>();

  private ended = false;

  /** Resolves at the next `notify`, or after maxWaitMs. */
  wait(maxWaitMs: number): Promise<void> {
    if (this.ended) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.waiters.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, maxWaitMs);
      this.waiters.add(wake);
    });
  }

  notify(): void {
    for (const wake of this.waiters) wake();
  }

  /** Nothing will come any more: nobody waits from now on. */
  end(): void {
    this.ended = true;
    this.notify();
  }
}
