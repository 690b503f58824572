#!/usr/bin/env node
/** The `optikal` command: guards the Node version, wires the process to `run`. */
const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
if (major < 24 || (major === 24 && minor < 6)) {
  process.stderr.write(
    `optikal needs Node 24.6 or newer, this is ${process.versions.node}: run it with npx or npm run inside the project\n`,
  );
  process.exit(2);
}
const { enableCompileCache } = await import('node:module');
enableCompileCache();
const { main } = await import('./process.ts');
await main();
