/**
 * What the gateway's detector makes of texts that it knows nothing of: plain attacks under every evasion, attacks in the words of others, and
 * harmless look-alikes, all written by hand (content/test-support). Fitted as it ships, on all texts of the data folder and made-up ones.
 */
import { resolve } from 'node:path';
import {
  falseAlarms,
  rankedRight,
  recallByEvasion,
  recallByStyle,
  type TableRow,
} from '../packages/optikal/src/content/test-support/lookalikes-tables.ts';
import { readGatewayTexts } from '../packages/optikal/src/services/gateway-texts.ts';
import { fitGateway } from '../packages/optikal/src/training/gateway/fit.ts';
import { prepareTexts } from '../packages/optikal/src/training/gateway/prepare.ts';
import { type Row, rowOf } from './support/rows.ts';

export const name = 'gateway-evasion';
export const title = 'share of hand-written texts that are flagged: attacks by evasion and by style, harmless look-alikes by kind';

const SEED = '1';

export async function run(): Promise<Row[]> {
  const folder = resolve(import.meta.dirname, '..', process.env.OPTIKAL_DATA ?? '../shared/data');
  const prepared = prepareTexts(readGatewayTexts(folder).texts);
  const { detector } = fitGateway(prepared, Int32Array.from(prepared.texts.keys()), { seed: SEED });
  const share = (table: string, rows: readonly TableRow[], scale: number, unit: string, better: 'more' | 'less') =>
    rows.map(({ name: what, found, of }) => rowOf({ work: `${table}: ${what} (${of})`, unit, better, runs: [(scale * found) / of] }));
  return [
    rowOf({ work: 'attacks ranked above look-alikes: AUROC', unit: '', better: 'more', runs: [rankedRight(detector)] }),
    ...share('evasion', recallByEvasion(detector), 100, '% found', 'more'),
    ...share('style', recallByStyle(detector), 100, '% found', 'more'),
    ...share('look-alike', falseAlarms(detector), 1000, 'false alarms per 1,000', 'less'),
  ];
}
