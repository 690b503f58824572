import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrayOf, crc32, type ModelContent, numberOf, readModelFile, writeModelFile } from './model-file.ts';
import { expectRefusal } from './test-support/refusals.ts';

const content: ModelContent = {
  kind: 'sample',
  numbers: { third: 1 / 3, tiny: 5e-324 },
  arrays: {
    a: new Float64Array([1, NaN, -Infinity, 0.1]),
    b: new Float32Array([0.5]),
    c: new Int32Array([-1, 2_000_000_000, 3]),
    d: new Uint8Array([1, 2, 3, 255, 0]),
    e: new Float64Array(0),
  },
};
const bytes = writeModelFile(content);

describe('model file', () => {
  it('computes the CRC-32 of the check string', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });

  it('reads what it wrote, to the bit', () => {
    expect(readModelFile(bytes)).toEqual(content);
  });

  it('reads from a view that does not start at its buffer', () => {
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(readModelFile(shifted.subarray(3))).toEqual(content);
  });

  it('lays numbers out little-endian behind the magic and the version', () => {
    expect(String.fromCharCode(...bytes.subarray(0, 4))).toBe('OKML');
    expect([...bytes.subarray(4, 8)]).toEqual([1, 0, 0, 0]);
    expect(bytes.length % 8).toBe(0);
  });

  it('refuses any altered byte, any cut and anything appended', () => {
    for (let at = 0; at < bytes.length; at++) {
      const altered = bytes.slice();
      altered[at] ^= 1 << (at % 8);
      expectRefusal(() => readModelFile(altered), 'ML_FILE_MAGIC', 'ML_FILE_VERSION', 'ML_FILE_TRUNCATED', 'ML_FILE_CORRUPT');
      expectRefusal(() => readModelFile(bytes.subarray(0, at)), 'ML_FILE_TRUNCATED', 'ML_FILE_CORRUPT');
    }
    const longer = new Uint8Array(bytes.length + 8);
    longer.set(bytes);
    expectRefusal(() => readModelFile(longer), 'ML_FILE_CORRUPT', 'ML_FILE_TRUNCATED');
  });

  it('refuses arbitrary bytes, also behind a valid prelude', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expectRefusal(() => readModelFile(noise), 'ML_FILE_MAGIC', 'ML_FILE_TRUNCATED', 'ML_FILE_VERSION', 'ML_FILE_CORRUPT');
        expectRefusal(() => readModelFile(sealed(noise)), 'ML_FILE_TRUNCATED', 'ML_FILE_CORRUPT');
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('refuses headers that lie', () => {
    const entry = { name: 'a', dtype: 'u8', length: 8 };
    const good = { kind: 'k', numbers: {}, arrays: [] };
    for (const header of [
      [],
      null,
      { ...good, kind: 1 },
      { ...good, numbers: { x: '1' } },
      { ...good, arrays: [{ ...entry, length: -8 }] },
      { ...good, arrays: [{ ...entry, length: 1.5 }] },
      { ...good, arrays: [{ ...entry, dtype: 'toString' }] },
      { ...good, arrays: [entry, entry] },
      { ...good, arrays: [entry] },
    ]) {
      expectRefusal(() => readModelFile(sealed(new TextEncoder().encode(JSON.stringify(header)))), 'ML_FILE_CORRUPT', 'ML_FILE_TRUNCATED');
    }
  });

  it('refuses another format version and numbers that JSON can not carry', () => {
    const newer = bytes.slice();
    newer[4] = 2;
    expectRefusal(() => readModelFile(newer), 'ML_FILE_VERSION');
    expectRefusal(() => writeModelFile({ ...content, numbers: { x: NaN } }), 'ML_NOT_FINITE');
  });

  it('refuses a number or array that is absent or of another type', () => {
    expect(numberOf(content, 'third')).toBe(1 / 3);
    expectRefusal(() => numberOf(content, 'toString'), 'ML_FILE_CORRUPT');
    expectRefusal(() => arrayOf(content, 'a', Int32Array), 'ML_FILE_CORRUPT');
    expectRefusal(() => arrayOf(content, '__proto__', Int32Array), 'ML_FILE_CORRUPT');
  });
});

/** A file with `header` as its header and a matching CRC. */
function sealed(header: Uint8Array): Uint8Array {
  const length = Math.ceil(header.length / 8) * 8;
  const file = new Uint8Array(16 + length).fill(0x20);
  file.set(header, 16);
  const view = new DataView(file.buffer);
  for (let i = 0; i < 4; i++) file[i] = 'OKML'.charCodeAt(i);
  view.setUint32(4, 1, true);
  view.setUint32(12, length, true);
  view.setUint32(8, crc32(file, 12), true);
  return file;
}
