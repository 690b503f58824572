/**
 * WebAssembly kernels: compiled from `packages/ml/kernels/*.ts` (AssemblyScript) by `npm run kernels`, kept as base64 beside this file, so that
 * they load wherever JavaScript runs. Plain SIMD is defined to the bit: the same input gives the same output on every machine.
 */

/** Memory and functions of one instance. */
export interface Kernel<F> {
  readonly memory: WebAssembly.Memory;
  readonly functions: F;
}

/** Below this lie the compiler's own data; arrays are laid out from here. */
export const ARENA_START = 65_536;
const PAGE_BYTES = 65_536;

const compiled = new Map<string, WebAssembly.Module>();

/**
 * An instance of its own with room for `arenaBytes` from ARENA_START on, all at once: growing later would detach every view. `base64` is a
 * constant of a generated module; it is compiled once. `F` names the functions that the kernel's source exports.
 */
export function instantiate<F>(base64: string, arenaBytes: number): Kernel<F> {
  let module = compiled.get(base64);
  if (module === undefined) {
    module = new WebAssembly.Module(bytesOf(base64));
    compiled.set(base64, module);
  }
  const { exports } = new WebAssembly.Instance(module, {});
  const memory = exports.memory as WebAssembly.Memory; // every kernel exports its memory (scripts/kernels.ts)
  const missing = ARENA_START + arenaBytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  return { memory, functions: exports as F }; // the caller knows its own kernel's source
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
}
