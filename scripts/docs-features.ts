/** `docs/features.md`: the feature table of `@optikal/contracts` as a page. */
import { FEATURE_SETS, type FeatureSpec } from '@optikal/contracts';
import { cell } from './docs-errors.ts';

const CONSTRAINT = { '1': 'raises', '-1': 'lowers', '0': '' } as const;

export function featuresPage(): string {
  const { core18, fused1, call1, step1 } = FEATURE_SETS;
  return `# Features

Written by \`npm run docs\` from the feature table in \`packages/contracts/src\`; do not edit. The order of a set is the order of its columns;
\`schemas/features.json\` holds the same for machines. A missing value stays missing: a feature of a metric that was not observed is NaN,
never zero.

**raises** and **lowers**: the feature may only raise, or only lower, the score (a monotone constraint of boosting).

**Surprise** is −ln of a smoothed frequency, in nats; higher is rarer. Under counts of tools with N calls of K distinct tools, a tool t that
was called n(t) times has the share p(t) = (n(t) + ½) / (N + ½·(K + 20)): half a count for each tool that was seen and for 20 that were not. A
step from tool s to t has the surprise −ln((n(s,t) + 2·p(t)) / (n(s) + 2)); the first call of a task steps from the start. "Own" counts are of
the agent's finished tasks, the role's of the other agents of its role.

**z** compares ln(1 + x) with the agent's own mean and spread over its last windows (about 40), shrunk to its role and the fleet with the weight
5/(n + 5), n = windows seen. The spread is at least 0.2, so that small changes of a steady rate are not news.

## core18: from the 11 raw metrics (columns 0 to ${core18.length - 1})

${table(core18, 0)}

## fused1: core18, then these (columns ${core18.length} to ${fused1.length - 1})

${table(fused1.slice(core18.length), core18.length)}

## call1: one row per call (columns 0 to ${call1.length - 1})

${table(call1, 0)}

## step1: one row per window of a sequence (columns 0 to ${step1.length - 1})

The sequence model sees the agent's last ten windows with activity, this one included, each as these columns, rounded to half precision: part
of fused1, and how long the agent had been idle.

${table(step1, 0)}
`;
}

function table(features: readonly FeatureSpec[], from: number): string {
  const rows = features.map(({ name, label, formula, unit, why, plane, monotone }, i) =>
    [String(from + i), `\`${name}\``, label, formula, unit, plane, CONSTRAINT[`${monotone}`], why].map(cell).join(' | '),
  );
  return `| # | name | in words | formula | unit | plane | constraint | why |\n|---|---|---|---|---|---|---|---|\n${rows.map((row) => `| ${row} |`).join('\n')}`;
}
