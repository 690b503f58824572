/**
 * Recent records of one partition as they came, bounded in bytes: those that open windows refer to. Kept in blocks of consecutive offsets, the
 * block used longest ago goes first; so a start with many cold agents scans the end of the log once and not once for each of them.
 */
import type { RawRecord } from './batches.ts';

const BLOCK = 512;
/** What a record costs beside its value. */
const OVERHEAD_BYTES = 200;

interface Block {
  readonly records: Map<number, RawRecord>;
  bytes: number;
}

export class KeptRecords {
  private readonly limitBytes: number;
  private readonly blocks = new Map<number, Block>();
  private bytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  put(record: RawRecord): void {
    const at = Math.floor(record.offset / BLOCK);
    let block = this.blocks.get(at);
    if (block === undefined) {
      block = { records: new Map(), bytes: 0 };
      this.blocks.set(at, block);
      this.trim();
    }
    if (block.records.has(record.offset)) return;
    block.records.set(record.offset, record);
    const size = (record.value?.length ?? 0) + OVERHEAD_BYTES;
    block.bytes += size;
    this.bytes += size;
  }

  get(offset: number): RawRecord | undefined {
    const at = Math.floor(offset / BLOCK);
    const block = this.blocks.get(at);
    if (block === undefined) return undefined;
    this.blocks.delete(at); // and to the end: used last
    this.blocks.set(at, block);
    return block.records.get(offset);
  }

  private trim(): void {
    for (const [at, { bytes }] of this.blocks) {
      if (this.bytes <= this.limitBytes || this.blocks.size === 1) return;
      this.blocks.delete(at);
      this.bytes -= bytes;
    }
  }
}
