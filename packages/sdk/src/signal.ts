/** Waiting for something to happen, with a bound and without missing what happens between a look and the wait. */
export class Signal {
  #waiting = new Set<() => void>();
  /** How often it was fired. */
  count = 0;

  /** Wakes everyone who waits. */
  fire(): void {
    this.count++;
    if (this.#waiting.size === 0) return;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  /** Resolves where it was fired since `count` was `seen`, at once if it was, or after `ms`. Where `holds` is false the wait keeps no process alive. */
  wait(seen: number, { ms = null, holds = false }: { ms?: number | null; holds?: boolean } = {}): Promise<void> {
    if (this.count !== seen) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        if (timer !== null) clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = ms === null ? null : setTimeout(done, ms);
      if (!holds) timer?.unref();
      this.#waiting.add(done);
    });
  }
}
