/**
 * Which (tenant, source, id) the log holds already, for as long as a producer may still repeat it. Entries sit in a ring in the order
 * of arrival and hang in hash chains; 44 bytes each and no objects, so 2 million of them cost 88 MB and no garbage collection.
 */
import { hash } from 'node:crypto';
import type { Event } from '@optikal/contracts';
import type { AppendOutcome } from './contract.ts';

/** Bytes of an entry: 16 of SHA-256(identity), then 16 of SHA-256(body). 64 bits of collision resistance, against accidents only. */
export const PRINT_BYTES = 32;
const WORDS = PRINT_BYTES / 4;
const FIRST_CAPACITY = 1024;

export interface IdLimits {
  /** Most entries kept. Default 2,000,000. */
  readonly idCount: number;
  /** How long an entry is kept, in milliseconds of log clock. Default 24 h. */
  readonly idAgeMs: number;
}
export const ID_LIMITS: IdLimits = { idCount: 2_000_000, idAgeMs: 86_400_000 };

/**
 * The identity of a message; its body is the JSON text that goes into the log.
 * The length makes it unambiguous: a source may hold any character.
 */
export function identityOf(event: Event): string {
  return `${event.tenant}|${event.source.length}|${event.source}|${event.id}`;
}

export class IdIndex {
  private readonly limits: IdLimits;
  /** Ordinal of the oldest entry kept, and one past the newest; an entry's slot is its ordinal modulo the capacity. */
  private first = 0;
  private last = 0;
  private capacity = FIRST_CAPACITY;
  private words = new Uint32Array(FIRST_CAPACITY * WORDS);
  private seconds = new Uint32Array(FIRST_CAPACITY);
  /** Chains of slots, newest first; −1 ends one. */
  private heads = new Int32Array(FIRST_CAPACITY).fill(-1);
  private chain = new Int32Array(FIRST_CAPACITY);
  private readonly scratch = new Uint32Array(WORDS);
  private readonly scratchBytes = new Uint8Array(this.scratch.buffer);

  constructor(limits: IdLimits) {
    this.limits = limits;
  }

  get oldest(): number {
    return this.first;
  }

  get end(): number {
    return this.last;
  }

  /** Tells what the message is, and remembers it if it is new. `clockMs` 0 = no tick yet. */
  admit(identity: string, body: string, clockMs: number): AppendOutcome {
    this.scratchBytes.set(hash('sha256', identity, 'buffer').subarray(0, 16), 0);
    this.scratchBytes.set(hash('sha256', body, 'buffer').subarray(0, 16), 16);
    const found = this.find();
    if (found < 0) {
      this.push(clockMs);
      return 'accepted';
    }
    for (let w = 4; w < WORDS; w++) if (this.words[found * WORDS + w] !== this.scratch[w]) return 'conflict';
    return 'duplicate';
  }

  /** Puts stored entries back, in their order; `ordinal` is that of the first. A gap before it means that all older ones had expired. */
  restore(ordinal: number, prints: Uint8Array, clockMs: number): void {
    if (ordinal !== this.last) {
      this.heads.fill(-1);
      this.first = ordinal;
      this.last = ordinal;
    }
    for (let at = 0; at < prints.length; at += PRINT_BYTES) {
      this.scratchBytes.set(prints.subarray(at, at + PRINT_BYTES));
      this.push(clockMs);
    }
  }

  /** Forgets everything from `ordinal` on: the transaction that should have stored it failed. */
  revert(ordinal: number): void {
    while (this.last > ordinal && this.last > this.first) {
      const slot = --this.last % this.capacity;
      // Chains start with their newest entry, and entries leave here newest first.
      this.heads[this.bucket(this.words[slot * WORDS])] = this.chain[slot];
    }
  }

  /** The entries from `ordinal` on, to be stored. */
  since(ordinal: number): Uint8Array {
    const out = new Uint32Array((this.last - ordinal) * WORDS);
    for (let n = ordinal; n < this.last; n++) {
      const at = (n % this.capacity) * WORDS;
      out.set(this.words.subarray(at, at + WORDS), (n - ordinal) * WORDS);
    }
    return new Uint8Array(out.buffer);
  }

  /** Drops the oldest beyond `idCount`; not while a batch may still be reverted. */
  trim(): void {
    while (this.last - this.first > this.limits.idCount) this.dropOldest();
  }

  /** The clock moved: drops what is too old. Entries from before the first tick count from that tick. */
  expire(clockMs: number): void {
    const now = Math.floor(clockMs / 1000);
    const oldest = Math.floor((clockMs - this.limits.idAgeMs) / 1000);
    while (this.first < this.last) {
      const slot = this.first % this.capacity;
      if (this.seconds[slot] === 0) {
        for (let n = this.first; n < this.last && this.seconds[n % this.capacity] === 0; n++) this.seconds[n % this.capacity] = now;
        return;
      }
      if (this.seconds[slot] >= oldest) return;
      this.dropOldest();
    }
  }

  private find(): number {
    const { words, scratch } = this;
    for (let slot = this.heads[this.bucket(scratch[0])]; slot >= 0; slot = this.chain[slot]) {
      const at = slot * WORDS;
      if (words[at] === scratch[0] && words[at + 1] === scratch[1] && words[at + 2] === scratch[2] && words[at + 3] === scratch[3])
        return slot;
    }
    return -1;
  }

  private push(clockMs: number): void {
    if (this.last - this.first === this.capacity) this.grow();
    const slot = this.last++ % this.capacity;
    this.words.set(this.scratch, slot * WORDS);
    this.seconds[slot] = Math.floor(clockMs / 1000);
    this.link(slot);
  }

  private link(slot: number): void {
    const bucket = this.bucket(this.words[slot * WORDS]);
    this.chain[slot] = this.heads[bucket];
    this.heads[bucket] = slot;
  }

  private dropOldest(): void {
    const slot = this.first++ % this.capacity;
    const bucket = this.bucket(this.words[slot * WORDS]);
    if (this.heads[bucket] === slot) {
      this.heads[bucket] = -1; // the oldest of a chain is its last, so this chain had one entry
      return;
    }
    let before = this.heads[bucket];
    while (this.chain[before] !== slot) before = this.chain[before];
    this.chain[before] = -1;
  }

  private grow(): void {
    const { words, seconds, capacity } = this;
    this.capacity = capacity * 2;
    this.words = new Uint32Array(this.capacity * WORDS);
    this.seconds = new Uint32Array(this.capacity);
    this.heads = new Int32Array(this.capacity).fill(-1);
    this.chain = new Int32Array(this.capacity);
    for (let n = this.first; n < this.last; n++) {
      const from = n % capacity;
      const to = n % this.capacity;
      this.words.set(words.subarray(from * WORDS, (from + 1) * WORDS), to * WORDS);
      this.seconds[to] = seconds[from];
      this.link(to);
    }
  }

  /** The capacity is a power of two. */
  private bucket(word: number): number {
    return word & (this.capacity - 1);
  }
}
