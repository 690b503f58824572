/** A process of its own that looks into a bus.db and tells what it finds, a line each: it can be ended at any moment, whatever the file makes SQLite do. */
import { writeSync } from 'node:fs';
import { inspectDatabase } from './inspect.ts';

const [path = '', how] = process.argv.slice(2);
inspectDatabase(path, how === 'still' ? 'still' : 'live', (told) => {
  writeSync(1, `${JSON.stringify(told)}\n`);
});
