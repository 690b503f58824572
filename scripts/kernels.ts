/**
 * Compiles the kernels of @optikal/ml: `packages/ml/kernels/NAME.ts` (AssemblyScript) → `packages/ml/src/kernels/generated/NAME.ts` (base64 of
 * the WebAssembly module). Sources whose name starts with `shared-` are parts of others. One of RELAXED is compiled twice: its twin may use
 * relaxed SIMD, whose last bits belong to the machine, so it is for training only.
 *
 *   npm run kernels                write
 *   npm run kernels -- --check     exit 1 where a file is stale
 */
import './need-node.mjs';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import asc from 'assemblyscript/asc';
import { type Generated, ROOT, stale, write } from './generated.ts';

const SOURCES = 'packages/ml/kernels';
/** Sources that branch on `ASC_FEATURE_RELAXED_SIMD`. */
const RELAXED: readonly string[] = ['lstm'];

export async function kernelFiles(): Promise<Generated> {
  const files = new Map<string, string>();
  const names = readdirSync(join(ROOT, SOURCES))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.startsWith('shared-'))
    .map((name) => basename(name, '.ts'))
    .sort();
  for (const name of names) {
    await add(files, name, name, []);
    if (RELAXED.includes(name)) await add(files, name, `${name}-relaxed`, ['--enable', 'relaxed-simd']);
  }
  return files;
}

async function add(files: Map<string, string>, source: string, name: string, options: readonly string[]): Promise<void> {
  const bytes = await compile(`${source}.ts`, options);
  const constant = name.replaceAll('-', '_').toUpperCase();
  const head = `/** Compiled from ${SOURCES}/${source}.ts by \`npm run kernels\`; ${bytes.length} bytes. */\n`;
  files.set(
    `packages/ml/src/kernels/generated/${name}.ts`,
    `${head}export const ${constant} =\n  '${Buffer.from(bytes).toString('base64')}';\n`,
  );
}

async function compile(file: string, options: readonly string[]): Promise<Uint8Array> {
  let binary: Uint8Array | null = null;
  // The runtime `stub` allocates nothing by itself: memory is exported, laid out and grown by src/kernels/instance.ts.
  const flags = ['--runtime', 'stub', '--enable', 'simd', '-O3', '--noAssert', '--converge', ...options];
  const { error } = await asc.main([file, '--outFile', 'module.wasm', ...flags], {
    readFile: (name) => (existsSync(join(ROOT, SOURCES, name)) ? readFileSync(join(ROOT, SOURCES, name), 'utf8') : null),
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') binary = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || binary === null) throw new Error(`${file}: ${error?.message ?? 'no module'}`);
  return binary;
}

if (import.meta.main) {
  const files = await kernelFiles();
  if (process.argv.includes('--check')) {
    const old = stale(files);
    console.log(old.length === 0 ? `${files.size} kernels are fresh` : `stale: ${old.join(', ')}; run \`npm run kernels\``);
    process.exitCode = old.length === 0 ? 0 : 1;
  } else write(files);
}
