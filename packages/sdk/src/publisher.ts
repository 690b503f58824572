/**
 * Publishers of all planes. A `publish…` call judges the event, writes it down as JSON and puts it into a queue: it never waits for a disk or
 * another machine, and throws for a bad event alone. What happens behind the queue: pump.ts.
 */
import { hash, randomBytes } from 'node:crypto';
import {
  agentKey,
  DEFAULT_TENANT,
  type Event,
  type EventData,
  type EventType,
  MAX_EVENT_BYTES,
  type ParseResult,
  parseEvent,
  parseEventText,
  toCloudEvent,
} from '@optikal/contracts';
import { ClockCheck } from './clock-check.ts';
import { type Counters, quieted, Tally } from './counters.ts';
import { SdkError } from './errors.ts';
import { type PublisherOptions, type Resolved, resolveOptions } from './options.ts';
import { Pump } from './pump.ts';
import { Spool } from './spool/spool.ts';
import { classOf } from './worth.ts';

/** Whom an event is about, and what joins it to others. */
export interface About {
  readonly agent: string;
  /** Default: the publisher's. */
  readonly tenant?: string;
  readonly session?: string | null;
  /** Default: the `taskId` of the data, where it has one. */
  readonly task?: string | null;
  /** Joins the planes. Default: the trace id of `traceparent`, else one that is made of tenant, agent, session and task, the same in every process. */
  readonly correlation?: string;
  /** W3C Trace Context. */
  readonly traceparent?: string;
  /** With the source the key under which a repeat is found. Default: unique. */
  readonly id?: string;
  /** Event time, ms since 1970. Default: now. */
  readonly timeMs?: number;
  /** Default: this publisher's counter. */
  readonly sequence?: string;
}

export interface Publisher {
  /** Each returns the event's id. Errors, at once: those of the contracts with the field, publisher_closed. Never for the broker's sake. */
  publishMetrics(data: EventData<'argus.agent.metrics.v1'>, about: About): string;
  publishLifecycle(data: EventData<'argus.agent.lifecycle.v1'>, about: About): string;
  publishValidation(data: EventData<'argus.io.validation.v1'>, about: About): string;
  publishViolation(data: EventData<'argus.security.violations.v1'>, about: About): string;
  publishDecision(data: EventData<'argus.policy.decisions.v1'>, about: About): string;
  publishProvenance(data: EventData<'argus.call.provenance.v1'>, about: About): string;
  /** A CloudEvent as it stands, parsed or as text: nothing is filled in but the tenant. */
  publishCloudEvent(event: unknown): string;
  /** Resolves with true when nothing waits any more, with false after `timeoutMs` (default 30,000). */
  flush(timeoutMs?: number): Promise<boolean>;
  /** Resolves with true when all that waits is durable in the spool, or delivered; with false after `timeoutMs` (default 10,000), or without a spool. */
  persist(timeoutMs?: number): Promise<boolean>;
  /**
   * Delivers for at most `timeoutMs` (default 5000), puts the rest into the spool for the next start, and ends. Resolves with true where nothing
   * was left behind or in the spool only.
   */
  close(timeoutMs?: number): Promise<boolean>;
  counters(): Counters;
}

const FLUSH_MS = 30_000;
const PERSIST_MS = 10_000;
const CLOSE_MS = 5000;
/** Of the objects around an event's texts in memory. */
const OVERHEAD_BYTES = 256;

/**
 * Errors: option_invalid, spool_locked, spool_unusable.
 *
 *   const publisher = createPublisher({ transport: httpTransport({ url }), source: 'asr/host-1', spool: { folder: '/var/lib/agent/spool' } });
 *   publisher.publishLifecycle({ kind: 'task_started', taskId: '42', requestChars: 80 }, { agent: 'support-3' });
 *   await publisher.close();
 */
export function createPublisher(options: PublisherOptions): Publisher {
  const resolved = resolveOptions(options);
  return new QueuedPublisher(resolved, resolved.spool === null ? null : new Spool(resolved.spool));
}

class QueuedPublisher implements Publisher {
  readonly #options: Resolved;
  readonly #spool: Spool | null;
  readonly #tally = new Tally();
  readonly #clockCheck: ClockCheck;
  readonly #warn: ReturnType<typeof quieted>;
  readonly #pump: Pump;
  /** Before every id: two publishers of one source must not meet. */
  readonly #instance = randomBytes(8).toString('hex');
  #sequence = 0;
  #closing: Promise<boolean> | null = null;

  constructor(options: Resolved, spool: Spool | null) {
    this.#options = options;
    this.#spool = spool;
    this.#clockCheck = new ClockCheck(options.clock, options.clockLimitMs);
    this.#warn = quieted(options.onWarning, options.clock.monotonic);
    this.#pump = new Pump(options, spool, this.#tally, this.#warn, (serverMs) => this.#clockCheck.heard(serverMs));
  }

  publishMetrics(data: EventData<'argus.agent.metrics.v1'>, about: About): string {
    return this.#publish('argus.agent.metrics.v1', data, null, about);
  }

  publishLifecycle(data: EventData<'argus.agent.lifecycle.v1'>, about: About): string {
    return this.#publish('argus.agent.lifecycle.v1', data, 'taskId' in data ? data.taskId : null, about);
  }

  publishValidation(data: EventData<'argus.io.validation.v1'>, about: About): string {
    return this.#publish('argus.io.validation.v1', data, data.taskId, about);
  }

  publishViolation(data: EventData<'argus.security.violations.v1'>, about: About): string {
    return this.#publish('argus.security.violations.v1', data, data.taskId, about);
  }

  publishDecision(data: EventData<'argus.policy.decisions.v1'>, about: About): string {
    return this.#publish('argus.policy.decisions.v1', data, data.taskId, about);
  }

  publishProvenance(data: EventData<'argus.call.provenance.v1'>, about: About): string {
    return this.#publish('argus.call.provenance.v1', data, data.taskId, about);
  }

  publishCloudEvent(event: unknown): string {
    this.#refuseClosed();
    const parsed = parseAny(event);
    if (!parsed.ok) throw new SdkError(parsed.error.code, parsed.error.message, parsed.error.field);
    if (parsed.event.tenant !== DEFAULT_TENANT || this.#options.tenant === DEFAULT_TENANT) return this.#offer(parsed.event);
    // One that names the default tenant itself is refused as another's, and stays what it is.
    const ours = parseAny(event, this.#options.tenant);
    return this.#offer(ours.ok ? ours.event : parsed.event);
  }

  flush(timeoutMs = FLUSH_MS): Promise<boolean> {
    return this.#pump.flush(timeoutMs);
  }

  persist(timeoutMs = PERSIST_MS): Promise<boolean> {
    return this.#pump.persist(timeoutMs);
  }

  close(timeoutMs = CLOSE_MS): Promise<boolean> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  counters(): Counters {
    const { produced, recovered, delivered, refused, lost, retries, skewed, dropped } = this.#tally;
    return {
      produced,
      recovered,
      delivered,
      refused,
      lost,
      retries,
      skewed,
      dropped: { ...dropped },
      waiting: this.#pump.waiting,
      spooled: this.#pump.spooled,
      spoolBytes: this.#spool?.bytes ?? 0,
      memoryBytes: this.#pump.memoryBytes,
      damage: this.#spool?.damage ?? { segments: 0, bytes: 0, tornBytes: 0 },
    };
  }

  async #close(timeoutMs: number): Promise<boolean> {
    const isSafe = (await this.#pump.flush(timeoutMs)) || (this.#spool !== null && (await this.#pump.persist(PERSIST_MS)));
    await this.#pump.end();
    await this.#options.transport.close();
    return isSafe;
  }

  #publish(type: EventType, data: unknown, taskId: string | null, about: About): string {
    this.#refuseClosed();
    const { now } = this.#options.clock;
    const sequence = this.#sequence++;
    const tenant = about.tenant ?? this.#options.tenant;
    const session = about.session ?? undefined;
    const task = about.task ?? taskId ?? undefined;
    const id = about.id ?? `${this.#instance}-${sequence}`;
    const isSkewed = this.#clockCheck.isSkewed;
    const parsed = parseEvent({
      specversion: '1.0',
      id,
      source: this.#options.source,
      type,
      subject: about.agent,
      time: timeText(about.timeMs ?? now()),
      tenant,
      sessionid: session,
      taskid: task,
      correlationid: about.correlation,
      traceparent: about.traceparent,
      sequence: about.sequence ?? String(sequence).padStart(10, '0'),
      skewed: isSkewed ? true : undefined,
      data,
    });
    if (!parsed.ok) throw new SdkError(parsed.error.code, parsed.error.message, parsed.error.field);
    const { event } = parsed;
    // The task is what the planes share without speaking to each other; without one the event joins nothing.
    this.#offer(event.correlation === null ? { ...event, correlation: correlationOf(tenant, event) } : event);
    if (isSkewed) {
      this.#tally.skewed++;
      this.#warn('clock_skewed', { aheadMs: Math.round(this.#clockCheck.aheadMs) });
    }
    return id;
  }

  #offer(event: Event): string {
    const { data, ...attributes } = toCloudEvent(event);
    const [head, body] = [JSON.stringify(attributes), JSON.stringify(data)];
    const length = head.length + body.length + 16;
    // Three bytes a unit at most: only a large event is measured.
    const size = length * 3 <= MAX_EVENT_BYTES ? length : Buffer.byteLength(head) + Buffer.byteLength(body) + 16;
    if (size > MAX_EVENT_BYTES) throw new SdkError('too_large', `expected at most ${MAX_EVENT_BYTES} bytes, found ${size}`);
    this.#pump.offer({
      key: agentKey(event.tenant, event.agent),
      type: event.type,
      class: classOf(event),
      attributes: head,
      data: body,
      bytes: size + OVERHEAD_BYTES,
    });
    return event.id;
  }

  #refuseClosed(): void {
    if (this.#closing !== null) throw new SdkError('publisher_closed', 'expected a publisher that is open');
  }
}

/** W3C form: 32 hex digits. */
function correlationOf(tenant: string, { agent, session, task, id }: Event): string {
  return hash('sha256', JSON.stringify([tenant, agent, session, task ?? `event:${id}`]), 'hex').slice(0, 32);
}

function timeText(timeMs: number): string {
  return Number.isFinite(timeMs) && Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : '';
}

function parseAny(event: unknown, tenant?: string): ParseResult {
  return typeof event === 'string' ? parseEventText(event, tenant) : parseEvent(event, tenant);
}
