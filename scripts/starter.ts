/**
 * `npm run starter`: fits the bundle that ships with the package on a simulated fleet and the recorded agents of ../shared/data, and writes it
 * to packages/optikal/starter. The same data and seed give the same bundle; its manifest says what it learnt from.
 *
 *   npm run starter -- [--data FOLDER] [--out FOLDER] [--seed SEED]
 */
import './need-node.mjs';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBundle } from '../packages/optikal/src/services/bundle-files.ts';
import { fitStarter } from '../packages/optikal/src/services/starter.ts';
import { STARTER_FOLDER } from '../packages/optikal/src/services/starter-folder.ts';

const ROOT = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: process.env.OPTIKAL_DATA ?? '../shared/data' },
    out: { type: 'string', default: STARTER_FOLDER },
    seed: { type: 'string', default: '1' },
  },
});
const data = resolve(ROOT, values.data);
if (!existsSync(data)) {
  console.error(`no folder \`${data}\`: name the data with --data or OPTIKAL_DATA`);
  process.exit(1);
}
const content = await fitStarter({
  data,
  seed: values.seed,
  workers: Math.min(2, availableParallelism()),
  progress: (step) => console.error(`${step} …`),
});
writeBundle(values.out, content);
console.error(`written to ${values.out}`);
for (const { what, count } of content.trainedOn) console.error(`  ${count} ${what}`);
console.error(JSON.stringify(content.report.bySource));
