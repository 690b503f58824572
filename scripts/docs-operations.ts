/** The tables of `docs/operations.md` that come from the code: reasons of probes, log events, metrics. The rest of the page is written by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROUTES } from '../packages/optikal/src/http/index.ts';
import { createMetrics, LOG_EVENTS } from '../packages/optikal/src/observability/index.ts';
import { PROBE_REASONS } from '../packages/optikal/src/services/probes.ts';
import { cell } from './docs-errors.ts';
import { ROOT } from './generated.ts';

const PAGE = 'docs/operations.md';

export function operationsPage(): string {
  let page = readFileSync(join(ROOT, PAGE), 'utf8');
  for (const [name, table] of Object.entries(TABLES)) {
    const [begin, end] = [`<!-- ${name}: written by npm run docs -->`, `<!-- end of ${name} -->`];
    const [from, to] = [page.indexOf(begin), page.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${PAGE}: expected \`${begin}\` and \`${end}\``);
    page = `${page.slice(0, from + begin.length)}\n\n${table()}\n\n${page.slice(to)}`;
  }
  return page;
}

const TABLES: Readonly<Record<string, () => string>> = {
  'probe reasons': () => table(['code', 'means'], coded(PROBE_REASONS)),
  'log events': () => table(['code', 'means'], coded(LOG_EVENTS)),
  metrics: metricsTable,
};

/** What every Node program can tell stands behind what this one alone can. */
const FROM_NODE = /^optikal_(process|nodejs)_/;

function coded(list: Readonly<Record<string, string>>): string[][] {
  return Object.entries(list).map(([code, meaning]) => [`\`${code}\``, cell(meaning)]);
}

function metricsTable(): string {
  const rows = createMetrics({ version: '', routes: [...ROUTES.keys()] })
    .describe()
    .toSorted((a, b) => Number(FROM_NODE.test(a.name)) - Number(FROM_NODE.test(b.name)))
    .map(({ name, kind, labels, means }) => [
      `\`${name}\``,
      kind,
      labels.map((label) => `\`${label}\``).join(' '),
      cell(means.replace(/\.$/, '')),
    ]);
  return table(['metric', 'kind', 'labels', 'means'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`.replaceAll('| --- ', '|---').replace('|--- |', '|---|'))
    .join('\n');
}
