/**
 * The way of an event from the caller to the transport: memory → (spool) → one batch in flight. INVARIANT: what lies in the spool is older
 * than what waits in memory, and the batch in flight is older than both; so the order of each agent is kept. A batch taken from memory is put
 * into the spool before anything behind it.
 *
 * Events go to the spool while the transport fails, while a batch in flight is not answered, or where memory is half full; what is drained
 * goes on in memory. Delivery: at least once. Full: the spool admits a class up to its limit (worth.ts), and memory, where the spool can't be
 * written, gives up the oldest of the least worth. Both are counted.
 */
import type { OnWarning, Tally } from './counters.ts';
import { TransportError } from './errors.ts';
import { MemoryQueue, type Waiting } from './memory-queue.ts';
import type { Resolved } from './options.ts';
import { outgoingOf, payloadOf } from './payload.ts';
import { Signal } from './signal.ts';
import type { Place } from './spool/position.ts';
import type { Spool } from './spool/spool.ts';
import type { OutgoingEvent } from './transport.ts';
import { type ByClass, limitsOf } from './worth.ts';

interface Flight {
  readonly events: readonly OutgoingEvent[];
  /** How many records of the spool they are, unreadable ones included. */
  readonly records: number;
  /** The same where they came from memory and the spool does not hold them. */
  held: readonly Waiting[] | null;
  /** The place after them in the spool, where it holds them. */
  place: Place | null;
}

const SPOOL_EVENTS = 2000;
const SPOOL_BYTES = 1_048_576;
const SPOOL_AGAIN_MS = 1000;
const REFUSED_AGAIN_MS = 10_000;

export class Pump {
  readonly #options: Resolved;
  readonly #spool: Spool | null;
  readonly #tally: Tally;
  readonly #warn: OnWarning;
  readonly #heard: (serverMs: number) => void;
  readonly #memory: MemoryQueue;
  readonly #limits: ByClass;
  readonly #work = new Signal();
  readonly #spill = new Signal();
  readonly #progress = new Signal();
  readonly #stop = new AbortController();
  readonly #done: Promise<unknown>;
  #flight: Flight | null = null;
  /** Taken from memory, on the way to the disk. */
  #writing: readonly Waiting[] = [];
  /** The spool is being given the batch in flight too: until it has it, nobody may settle that batch. */
  #holding = false;
  #spooled = 0;
  #loaded = false;
  #failing = false;
  #spoolFailing = false;
  /** Callers of `persist` who wait. */
  #persisting = 0;

  constructor(options: Resolved, spool: Spool | null, tally: Tally, warn: OnWarning, heard: (serverMs: number) => void) {
    this.#options = options;
    this.#spool = spool;
    this.#tally = tally;
    this.#warn = warn;
    this.#heard = heard;
    this.#memory = new MemoryQueue(options.worth);
    this.#limits = limitsOf(options.worth, options.spool?.maxBytes ?? 0);
    this.#done = this.#run();
  }

  get waiting(): number {
    return this.#memory.count + this.#writing.length + (this.#flight?.held?.length ?? 0) + this.#spooled;
  }

  get spooled(): number {
    return this.#spooled;
  }

  get memoryBytes(): number {
    return this.#memory.bytes;
  }

  /** Synchronous and small: a place in the queue, and at most a few others given up for it. */
  offer(event: Waiting): void {
    this.#memory.push(event);
    this.#tally.produced++;
    this.#makeRoom();
    this.#work.fire();
    if (this.#mustSpill()) this.#spill.fire();
  }

  /** Resolves when nothing waits (true), what earlier processes left behind included, or after `ms` (false). */
  flush(ms: number): Promise<boolean> {
    return this.#until(() => this.#loaded && this.waiting === 0, ms);
  }

  /** Resolves when all that waits lies in the spool, durable whatever the policy (true), or after `ms` (false). */
  async persist(ms: number): Promise<boolean> {
    if (this.#spool === null) return this.flush(ms);
    this.#persisting++;
    this.#spill.fire();
    try {
      if (!(await this.#until(() => this.#loaded && this.waiting === this.#spooled, ms))) return false;
      await this.#spool.sync();
      return true;
    } catch {
      return false;
    } finally {
      this.#persisting--;
    }
  }

  /** Ends both ways. What waits in memory then is dropped and counted. */
  async end(): Promise<void> {
    this.#stop.abort();
    this.#work.fire();
    this.#spill.fire();
    this.#progress.fire();
    await this.#done;
    for (let event = this.#memory.evict(); event !== null; event = this.#memory.evict()) this.#drop(event);
    await this.#spool?.close();
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #run(): Promise<void> {
    if (this.#spool !== null) {
      try {
        this.#spooled = await this.#spool.load();
        this.#tally.recovered = this.#spooled;
      } catch (error) {
        this.#warn('spool_failing', { reason: reasonOf(error) });
      }
      const { segments, bytes, tornBytes } = this.#spool.damage;
      if (segments + tornBytes > 0) this.#warn('spool_damaged', { segments, bytes, tornBytes });
    }
    this.#loaded = true;
    this.#progress.fire();
    await Promise.all([this.#sendAll(), this.#spool === null ? null : this.#spoolAll(this.#spool)]);
  }

  async #sendAll(): Promise<void> {
    while (!this.#stopped) {
      const seen = this.#work.count;
      const flight = await this.#next();
      if (flight === null) {
        await this.#work.wait(seen);
        continue;
      }
      // A batch that is not answered must not keep the events behind it in memory, and is told as a failure is.
      const timer = setTimeout(() => this.#fail('transport_unavailable', 'no answer'), this.#options.stallMs);
      timer.unref();
      const refused = await this.#deliver(flight.events);
      clearTimeout(timer);
      await this.#settle(flight, refused);
    }
  }

  async #next(): Promise<Flight | null> {
    const { batchEvents, batchBytes, lingerMs } = this.#options;
    if (this.#spool !== null && this.#spooled > 0) {
      const batch = await this.#spool.read(batchEvents, batchBytes);
      const events = (batch?.payloads ?? []).map(outgoingOf).filter((event) => event !== null);
      this.#lose(batch === null ? this.#spooled : batch.lost + batch.payloads.length - events.length);
      if (batch === null || events.length === 0) {
        if (batch !== null) await this.#spool.advance(batch.next, batch.payloads.length);
        return this.#next();
      }
      return this.#take({ events, records: batch.payloads.length, held: null, place: batch.next });
    }
    if (this.#writing.length > 0 || this.#memory.count === 0) return null;
    if (lingerMs > 0 && this.#memory.count < batchEvents) {
      await pause(lingerMs, this.#stop.signal);
      if (this.#spooled > 0 || this.#writing.length > 0 || this.#stopped) return this.#stopped ? null : this.#next();
    }
    const held = this.#memory.take(batchEvents, batchBytes);
    return held.length === 0 ? null : this.#take({ events: held, records: held.length, held, place: null });
  }

  #lose(count: number): void {
    if (count === 0) return;
    this.#spooled -= count;
    this.#tally.lost += count;
    this.#warn('spool_damaged', { lost: count });
    this.#progress.fire();
  }

  /** In the same turn in which its events left the queue: nobody may look between. */
  #take(flight: Flight): Flight {
    this.#flight = flight;
    return flight;
  }

  /** Sends until it is taken; the number of those refused for good, or null where the pump was stopped first. */
  async #deliver(events: readonly OutgoingEvent[]): Promise<number | null> {
    const { transport, retryMs, retryMaxMs } = this.#options;
    for (let waitMs = retryMs; !this.#stopped; waitMs = Math.min(retryMaxMs, 2 * waitMs)) {
      try {
        const { refused = [], serverTimeMs = null } = await orStopped(transport.send(events, this.#stop.signal), this.#stop.signal);
        if (serverTimeMs !== null) this.#heard(serverTimeMs);
        if (this.#failing) this.#warn('transport_recovered', {});
        this.#failing = false;
        for (const { code } of refused) this.#warn('event_refused', { code });
        return refused.length;
      } catch (error) {
        if (this.#stopped) return null;
        this.#tally.retries++;
        const isOurs = error instanceof TransportError;
        if (isOurs && error.code === 'batch_too_large') {
          if (events.length > 1) return this.#deliverHalves(events);
          this.#warn('event_refused', { code: error.code });
          return 1;
        }
        const code = isOurs ? error.code : 'transport_unavailable';
        this.#fail(code, reasonOf(error));
        const asked = (isOurs ? error.retryAfterMs : null) ?? 0;
        const least = code === 'transport_refused' ? Math.min(REFUSED_AGAIN_MS, retryMaxMs) : 0;
        await pause(Math.max(waitMs * (0.75 + 0.25 * Math.random()), least, Math.min(asked, retryMaxMs)), this.#stop.signal);
      }
    }
    return null;
  }

  #fail(code: string, reason: string): void {
    this.#failing = true;
    this.#warn('transport_failing', { code, reason });
    this.#spill.fire();
  }

  async #deliverHalves(events: readonly OutgoingEvent[]): Promise<number | null> {
    const middle = events.length >> 1;
    const first = await this.#deliver(events.slice(0, middle));
    const second = first === null ? null : await this.#deliver(events.slice(middle));
    return first === null || second === null ? null : first + second;
  }

  async #settle(flight: Flight, refused: number | null): Promise<void> {
    while (this.#holding) await this.#progress.wait(this.#progress.count);
    const count = flight.events.length;
    this.#flight = null;
    if (refused === null) {
      // Stopped: what the spool does not hold goes back to where it came from.
      if (flight.held !== null) this.#memory.putBack(flight.held);
      this.#progress.fire();
      return;
    }
    this.#tally.delivered += count - refused;
    this.#tally.refused += refused;
    if (flight.place !== null) {
      this.#spooled -= count;
      await this.#spool?.advance(flight.place, flight.records);
    }
    this.#progress.fire();
  }

  #mustSpill(): boolean {
    const flight = this.#flight;
    if (this.#memory.count === 0 && (flight === null || flight.held === null)) return false;
    return this.#failing || this.#persisting > 0 || this.#memory.bytes > this.#options.memoryBytes / 2;
  }

  async #spoolAll(spool: Spool): Promise<void> {
    while (!this.#stopped) {
      const seen = this.#spill.count;
      if (!this.#mustSpill()) {
        await this.#spill.wait(seen);
        continue;
      }
      const isWritten = await this.#spoolSome(spool);
      if (isWritten && this.#spoolFailing) this.#warn('spool_recovered', {});
      this.#spoolFailing = !isWritten;
      this.#work.fire();
      this.#progress.fire();
      // Events that come one by one share a write, and a synchronisation with the disk.
      if (!isWritten) await pause(SPOOL_AGAIN_MS, this.#stop.signal);
      else if (this.#memory.count < this.#options.batchEvents && this.#persisting === 0)
        await pause(this.#options.lingerMs, this.#stop.signal);
    }
  }

  async #spoolSome(spool: Spool): Promise<boolean> {
    const flight = this.#flight;
    const inFlight = flight?.held ?? [];
    const taken = this.#memory.take(SPOOL_EVENTS, SPOOL_BYTES);
    const admitted: Waiting[] = [];
    let bytes = inFlight.reduce((sum, event) => sum + event.bytes, spool.bytes);
    for (const event of taken) {
      if (bytes + event.bytes > this.#limits[event.class]) this.#drop(event);
      else {
        bytes += event.bytes;
        admitted.push(event);
      }
    }
    this.#writing = admitted;
    this.#holding = inFlight.length > 0;
    try {
      const groups = [inFlight, admitted].map((events) => events.map(payloadOf));
      const [first] = groups.some((group) => group.length > 0) ? await spool.append(groups) : [];
      this.#writing = [];
      this.#spooled += admitted.length;
      if (flight !== null && first !== undefined && inFlight.length > 0) {
        this.#spooled += inFlight.length;
        flight.held = null;
        flight.place = first;
      }
      return true;
    } catch (error) {
      this.#writing = [];
      this.#memory.putBack(admitted);
      this.#makeRoom();
      this.#warn('spool_failing', { reason: reasonOf(error) });
      return false;
    } finally {
      this.#holding = false;
    }
  }

  #makeRoom(): void {
    while (this.#memory.bytes > this.#options.memoryBytes) {
      const event = this.#memory.evict();
      if (event === null) return;
      this.#drop(event);
    }
  }

  #drop(event: Waiting): void {
    this.#tally.dropped[event.class]++;
    this.#warn('event_dropped', { class: event.class });
  }

  async #until(holds: () => boolean, ms: number): Promise<boolean> {
    const endMs = performance.now() + ms;
    while (!holds()) {
      const ms = endMs - performance.now();
      if (ms <= 0 || this.#stopped) return false;
      await this.#progress.wait(this.#progress.count, { ms, holds: true });
    }
    return true;
  }
}

/** Ends at once where `stop` aborts; keeps no process alive. */
function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    timer.unref();
    stop.addEventListener('abort', done, { once: true });
  });
}

/** A transport that does not heed `stop` must not keep the publisher from its end; what it still delivers comes again. */
function orStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(new TransportError('transport_unavailable', 'stopped'));
    stop.addEventListener('abort', leave, { once: true });
    if (stop.aborted) leave();
    work.then(resolve, reject).finally(() => stop.removeEventListener('abort', leave));
  });
}

/** A code where there is one: messages may hold addresses or more. */
function reasonOf(error: unknown): string {
  if (error instanceof TransportError) return error.message;
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
}
