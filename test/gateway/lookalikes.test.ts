/**
 * The detector on texts that it knows nothing of, printed as tables. Fitted on the shared texts without the recorded outputs, to be quick; the
 * figures of the whole fit are in bench/results/gateway-evasion.json.
 */
import { afterAll, describe, expect, test } from 'vitest';
import {
  falseAlarms,
  rankedRight,
  recallByEvasion,
  recallByStyle,
  type TableRow,
} from '../../packages/optikal/src/content/test-support/lookalikes-tables.ts';
import { readGatewayTexts } from '../../packages/optikal/src/services/gateway-texts.ts';
import { fitGateway } from '../../packages/optikal/src/training/gateway/fit.ts';
import { prepareTexts } from '../../packages/optikal/src/training/gateway/prepare.ts';
import { dataFolder } from '../support/data.ts';

const folder = dataFolder('text/texts.jsonl.gz');
const FIT_MS = 600_000;

describe.skipIf(folder === null)('the gateway on texts written by hand', () => {
  const lines: string[] = [];
  const print = (title: string, rows: readonly TableRow[]) => {
    lines.push(title, ...rows.map(({ name, found, of }) => `  ${String(found).padStart(4)} of ${String(of).padStart(4)}  ${name}`));
    return rows;
  };
  const share = (rows: readonly TableRow[]) => rows.reduce((sum, { found }) => sum + found, 0) / rows.reduce((sum, { of }) => sum + of, 0);
  const detectorOf = () => {
    const texts = readGatewayTexts(folder!).texts.filter(({ kind }) => kind !== 'recorded_output');
    const prepared = prepareTexts(texts, { attackCount: 4000, benignCount: 3000 });
    return fitGateway(prepared, Int32Array.from(texts.keys()), { seed: '1' }).detector;
  };
  let fitted: ReturnType<typeof detectorOf> | null = null;
  const detector = () => {
    fitted ??= detectorOf();
    return fitted;
  };
  afterAll(() => console.log(lines.join('\n')));

  test('finds plain attacks, and none of the evasions hides them all', { timeout: FIT_MS }, () => {
    const rows = print('found, by evasion', recallByEvasion(detector()));
    expect(rows[0]!.found / rows[0]!.of).toBeGreaterThanOrEqual(0.5);
    expect(rows.filter(({ found }) => found === 0).map(({ name }) => name)).toEqual([]);
  });

  test('finds some of each style of attack', { timeout: FIT_MS }, () => {
    const rows = print('found, by style', recallByStyle(detector()));
    expect(share(rows)).toBeGreaterThan(0.1);
  });

  test('holds attacks for worse than look-alikes, wherever the threshold lies', { timeout: FIT_MS }, () => {
    print('false alarms, by kind', falseAlarms(detector()));
    const auroc = rankedRight(detector());
    lines.push(`attacks ranked above look-alikes: AUROC ${auroc.toFixed(3)}`);
    expect(auroc).toBeGreaterThan(0.7);
  });
});
