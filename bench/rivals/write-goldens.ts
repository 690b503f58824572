/**
 * Writes what the rivals find to packages/ml/goldens/boosting-parity.golden.json, so that a test compares with them where there is no Python:
 *
 *   bench/rivals/setup.sh && npx node bench/rivals/write-goldens.ts
 *
 * Nothing of ours is in the file but the data's SHA-256: the figures hold for those bytes only.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PARITY_DATA, PARITY_OPTIONS } from '../../packages/ml/test/parity-data.ts';
import { MADE_UP, measureRivals, paritySets } from './boosting.ts';

const FILE = join(resolve(import.meta.dirname, '../..'), 'packages/ml/goldens/boosting-parity.golden.json');
const DIGITS = 1e5;

const [set] = paritySets().filter(({ name }) => name === MADE_UP);
const rivals = measureRivals([set], 1);
const round = (value: number) => Math.round(value * DIGITS) / DIGITS;
const golden = {
  about:
    'boosting on the made-up rows of test/parity-data.ts: fitted on the first trainRows, judged on the rest; other settings at their defaults',
  madeBy: 'bench/rivals/write-goldens.ts',
  data: { ...PARITY_DATA, sha256: set.sha256 },
  settings: { ...PARITY_OPTIONS, bins: 255 },
  rivals: Object.fromEntries(
    Object.entries(rivals).map(([name, { version, sets }]) => {
      const { auroc, logLoss } = sets[MADE_UP];
      return [name, { version, auroc: round(auroc), logLoss: round(logLoss) }];
    }),
  ),
};
writeFileSync(FILE, `${JSON.stringify(golden, null, 2)}\n`);
console.log(`wrote ${FILE}`);
