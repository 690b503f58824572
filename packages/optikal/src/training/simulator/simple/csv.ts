/** Simple rows as CSV: the 11 raw metrics under their wire names, label, threat. Not observed is an empty cell. */
import { RAW_METRIC_NAMES } from '@optikal/contracts';
import type { SimpleRow } from './generate.ts';

export function* simpleCsv(rows: Iterable<SimpleRow>): Generator<string> {
  yield [...RAW_METRIC_NAMES, 'label', 'threat'].join(',');
  for (const row of rows) yield [...RAW_METRIC_NAMES.map((name) => row[name] ?? ''), row.label, row.threat ?? 'normal'].join(',');
}
