/** Behind `bin/optikal.mjs`, which guards the Node version: wires the process to `run`. */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { main } = await import('./process.ts');
await main();
