/**
 * Model files as an enemy would send them: a good file taken apart, changed, and sealed again with a CRC that fits, so that the reader gets
 * past it. Seeded; each mutation is a function of a file and a stream of chance.
 */
import { crc32 } from '../src/model-file.ts';
import type { Random } from '../src/random.ts';

const PRELUDE = 16;
const ITEM_BYTES: Readonly<Record<string, number>> = { f64: 8, f32: 4, i32: 4, u8: 1 };
const DTYPES = Object.keys(ITEM_BYTES);

interface Entry {
  name: unknown;
  dtype: unknown;
  length: unknown;
}

/** A file in parts: what its header says, and the bytes of each array. */
interface Parts {
  kind: unknown;
  numbers: Record<string, unknown>;
  arrays: Entry[];
  bodies: Uint8Array[];
}

/** Changes the parts in place, or returns other bytes for the whole file. `others` are good files to take parts from. */
type Mutation = (parts: Parts, random: Random, others: readonly Uint8Array[]) => Uint8Array | undefined;

const ODD_NUMBERS = [
  0,
  -0,
  1,
  -1,
  2,
  0.5,
  -1.5,
  255,
  65_535,
  65_536,
  65_537,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e9,
  -1e9,
  1e300,
  -1e300,
  5e-324,
];
const ODD_DOUBLES = [Number.NaN, Infinity, -Infinity, 1.7e308, -1.7e308, 1e200, 5e-324, -0, 0, -1, 1e9];
const ODD_INTEGERS = [-1, 0, 1, 2, -2, 254, 255, 256, 2 ** 31 - 1, -(2 ** 31), 65_536];

/** Numbers and what is none, for a field of JSON. */
export const ODD_VALUES: readonly unknown[] = [...ODD_NUMBERS, ...ODD_DOUBLES, null, '1', 'platt', 'beta', true, [], {}, undefined];

/** By name, for the reports of a failure. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flipBits(parts, random) {
    for (let flips = 1 + random.nextInt(4); flips > 0; flips--) {
      const body = anyBody(parts, random);
      if (body !== undefined) body[random.nextInt(body.length)] ^= 1 << random.nextInt(8);
    }
    return undefined;
  },
  oddValue(parts, random) {
    const k = random.nextInt(parts.bodies.length);
    const view = viewOf(parts.bodies[k]);
    const item = itemOf(parts.arrays[k]);
    if (view.byteLength < item) return undefined;
    const at = item * random.nextInt(Math.floor(view.byteLength / item));
    if (item === 8) view.setFloat64(at, pick(ODD_DOUBLES, random), true);
    else if (parts.arrays[k].dtype === 'f32') view.setFloat32(at, pick(ODD_DOUBLES, random), true);
    else if (item === 4) view.setInt32(at, random.nextInt(3) === 0 ? at / 4 : pick(ODD_INTEGERS, random), true);
    else view.setUint8(at, random.nextInt(256));
    return undefined;
  },
  /** Child indices that point back, at each other, at themselves, at a neighbour. */
  wrongIndex(parts, random) {
    const integers = parts.bodies.filter((_, k) => parts.arrays[k].dtype === 'i32');
    const body = integers[random.nextInt(Math.max(1, integers.length))];
    if (body === undefined || body.length < 4) return undefined;
    const count = Math.floor(body.length / 4);
    const view = viewOf(body);
    const [at, from] = [random.nextInt(count), random.nextInt(count)];
    view.setInt32(
      4 * at,
      pick([at, from, view.getInt32(4 * from, true), view.getInt32(4 * at, true) + 1 - random.nextInt(3), count], random),
      true,
    );
    return undefined;
  },
  number(parts, random) {
    const names = Object.keys(parts.numbers);
    const name = names[random.nextInt(names.length)];
    const found = Number(parts.numbers[name]);
    if (random.nextInt(8) === 0) delete parts.numbers[name];
    else parts.numbers[name] = pick<unknown>([...ODD_NUMBERS, found + 1, found - 1, -found, found * 1e6, 'x', null, true, [1], {}], random);
    return undefined;
  },
  addNumber(parts, random) {
    parts.numbers[pick(['bits', 'featureCount', 'constructor', '__proto__', 'steps', 'extra'], random)] = pick(ODD_NUMBERS, random);
    return undefined;
  },
  /** A length that the body does not have. */
  length(parts, random) {
    const entry = anyEntry(parts, random);
    const found = Number(entry.length);
    entry.length = pick<unknown>(
      [found + 1, found - 1, 0, -1, 0.5, 2 * found, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 1e300, null, '8', [found]],
      random,
    );
    return undefined;
  },
  /** Length and body agree, only with nothing else. */
  resize(parts, random) {
    const k = random.nextInt(parts.bodies.length);
    const item = itemOf(parts.arrays[k]);
    const found = Math.floor(parts.bodies[k].length / item);
    const length = Math.max(0, pick([found - 1, found + 1, 0, 1, 2, 1000], random));
    const body = new Uint8Array(length * item);
    body.set(parts.bodies[k].subarray(0, body.length));
    parts.arrays[k].length = length;
    parts.bodies[k] = body;
    return undefined;
  },
  dtype(parts, random) {
    const k = random.nextInt(parts.bodies.length);
    const dtype = pick([...DTYPES, 'f16', 'toString', ''], random);
    if (random.nextInt(2) === 0 && dtype in ITEM_BYTES) parts.arrays[k].length = Math.floor(parts.bodies[k].length / ITEM_BYTES[dtype]);
    parts.arrays[k].dtype = dtype;
    return undefined;
  },
  rename(parts, random) {
    const entry = anyEntry(parts, random);
    entry.name = pick<unknown>([anyEntry(parts, random).name, '__proto__', 'constructor', '', 7, 'weights', 'value'], random);
    return undefined;
  },
  drop(parts, random) {
    const k = random.nextInt(parts.bodies.length);
    parts.arrays.splice(k, 1);
    parts.bodies.splice(k, 1);
    return undefined;
  },
  swap(parts, random) {
    const [a, b] = [random.nextInt(parts.bodies.length), random.nextInt(parts.bodies.length)];
    [parts.bodies[a], parts.bodies[b]] = [parts.bodies[b], parts.bodies[a]];
    if (random.nextInt(2) === 0) [parts.arrays[a].name, parts.arrays[b].name] = [parts.arrays[b].name, parts.arrays[a].name];
    return undefined;
  },
  /** Arrays, numbers or the kind of another file. */
  splice(parts, random, others) {
    const other = partsOf(others[random.nextInt(others.length)]);
    const what = random.nextInt(3);
    if (what === 0) parts.kind = other.kind;
    if (what === 1) Object.assign(parts.numbers, other.numbers);
    if (what === 2) {
      const k = random.nextInt(other.bodies.length);
      const own = parts.arrays.findIndex(({ name }) => name === other.arrays[k].name);
      const at = own < 0 ? random.nextInt(parts.bodies.length) : own;
      parts.bodies[at] = other.bodies[k];
      parts.arrays[at] = { ...other.arrays[k], name: parts.arrays[at].name };
    }
    return undefined;
  },
  kind(parts, random) {
    parts.kind = pick<unknown>(['', 'toString', '__proto__', 'BOOSTING', 7, null, ['boosting']], random);
    return undefined;
  },
  /** A header that is other JSON, or none. */
  header(parts, random) {
    const good = textOf(parts);
    const text = pick(
      [
        '{}',
        '[]',
        'null',
        '"',
        good.slice(0, random.nextInt(good.length)),
        `${'['.repeat(5000)}${']'.repeat(5000)}`,
        good.replace('"numbers":{', `"numbers":{"x":1e999,`),
        good.replace('"numbers":{', `"numbers":{"__proto__":{"featureCount":3},`),
        good.replace('"arrays":[', `"arrays":[{"name":"huge","dtype":"f64","length":268435456},`),
        good.replace('"arrays":[', `"arrays":[${'{"name":"a","dtype":"u8","length":0},'.repeat(50)}`),
        good.replace(/"length":\d+/g, '"length":2147483647'),
        `${good}\u0000`,
      ],
      random,
    );
    return sealed(new TextEncoder().encode(text), bodyOf(parts));
  },
  headerByte(parts, random) {
    const header = new TextEncoder().encode(textOf(parts));
    header[random.nextInt(header.length)] = random.nextInt(3) === 0 ? random.nextInt(256) : 0x30 + random.nextInt(10);
    return sealed(header, bodyOf(parts));
  },
  /** Cut or lengthened, and sealed: the CRC fits, the lengths do not. */
  truncate(parts, random) {
    const whole = assembled(parts);
    const cut = whole.slice(0, PRELUDE + random.nextInt(whole.length - PRELUDE));
    return resealed(random.nextInt(4) === 0 ? Uint8Array.from([...whole, ...cut]) : cut);
  },
  /** The length of the header itself. */
  headerLength(parts, random) {
    const whole = assembled(parts);
    const view = viewOf(whole);
    view.setUint32(
      12,
      pick(
        [0, 8, 2 ** 32 - 8, 2 ** 31, whole.length, whole.length - 16, view.getUint32(12, true) + 8, view.getUint32(12, true) - 8],
        random,
      ),
      true,
    );
    return resealed(whole);
  },
};

/** One mutated file: the mutations of the names given, in order, one of which may replace the whole. */
export function mutated(file: Uint8Array, others: readonly Uint8Array[], names: readonly string[], random: Random): Uint8Array {
  const parts = partsOf(file);
  for (const name of names) {
    if (parts.bodies.length === 0 || Object.keys(parts.numbers).length === 0) break;
    const whole = MUTATIONS[name](parts, random, others);
    if (whole !== undefined) return whole;
  }
  return assembled(parts);
}

function partsOf(file: Uint8Array): Parts {
  const headerBytes = viewOf(file).getUint32(12, true);
  // A good file, written by this package.
  const header = JSON.parse(new TextDecoder().decode(file.subarray(PRELUDE, PRELUDE + headerBytes))) as Omit<Parts, 'bodies'>;
  let at = PRELUDE + headerBytes;
  const bodies = header.arrays.map(({ dtype, length }) => {
    const bytes = ITEM_BYTES[String(dtype)] * Number(length);
    const body = file.slice(at, at + bytes);
    at += Math.ceil(bytes / 8) * 8;
    return body;
  });
  return { ...header, bodies };
}

function assembled(parts: Parts): Uint8Array {
  return sealed(new TextEncoder().encode(textOf(parts)), bodyOf(parts));
}

function textOf({ kind, numbers, arrays }: Parts): string {
  return JSON.stringify({ kind, numbers, arrays });
}

function bodyOf({ bodies }: Parts): Uint8Array {
  const sizes = bodies.map((body) => Math.ceil(body.length / 8) * 8);
  const joined = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  bodies.forEach((body, k) => {
    joined.set(body, at);
    at += sizes[k];
  });
  return joined;
}

function sealed(header: Uint8Array, body: Uint8Array): Uint8Array {
  const headerBytes = Math.ceil(header.length / 8) * 8;
  const file = new Uint8Array(PRELUDE + headerBytes + body.length);
  file.set(new TextEncoder().encode('OKML'));
  viewOf(file).setUint32(4, 1, true);
  viewOf(file).setUint32(12, headerBytes, true);
  file.fill(0x20, PRELUDE, PRELUDE + headerBytes);
  file.set(header, PRELUDE);
  file.set(body, PRELUDE + headerBytes);
  return resealed(file);
}

function resealed(file: Uint8Array): Uint8Array {
  if (file.length >= PRELUDE) viewOf(file).setUint32(8, crc32(file, 12), true);
  return file;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Of a dtype that exists no more after an earlier mutation: a byte. */
function itemOf({ dtype }: Entry): number {
  return Object.hasOwn(ITEM_BYTES, String(dtype)) ? ITEM_BYTES[String(dtype)] : 1;
}

function anyBody(parts: Parts, random: Random): Uint8Array | undefined {
  const bodies = parts.bodies.filter(({ length }) => length > 0);
  return bodies[random.nextInt(Math.max(1, bodies.length))];
}

function anyEntry(parts: Parts, random: Random): Entry {
  return parts.arrays[random.nextInt(parts.arrays.length)];
}

function pick<T>(items: readonly T[], random: Random): T {
  return items[random.nextInt(items.length)];
}
