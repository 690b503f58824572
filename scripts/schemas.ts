/**
 * Writes `schemas/`: a JSON Schema (draft 2020-12) of each published message and of the configuration, and the feature table.
 *
 *   npm run schemas                write
 *   npm run schemas -- --check     exit 1 where a file is stale
 */
import './need-node.mjs';
import { FEATURE_SETS, PUBLISHED_SCHEMAS } from '@optikal/contracts';
import { publishedSettings } from '../packages/optikal/src/config/index.ts';
import { type Generated, stale, write } from './generated.ts';

/** Ids are names, not addresses: nothing is ever fetched. */
const id = (name: string): string => `urn:optikal:schema:${name}`;

const TITLES: Readonly<Record<keyof typeof PUBLISHED_SCHEMAS, string>> = {
  'argus.agent.metrics.v1': 'What an agent did in a span of time',
  'argus.call.provenance.v1': 'Where the values of a call’s arguments came from',
  'argus.io.validation.v1': 'A verdict of the gateway on one text',
  'argus.security.violations.v1': 'A violation that the gateway found',
  'argus.policy.decisions.v1': 'A decision of the policy engine on one action',
  'argus.agent.lifecycle.v1': 'Who an agent is and when its tasks begin and end',
  'argus.threat.alerts.v1': 'An alert of the detector',
  'optikal.control.v1': 'A control record inside the log',
  'optikal.truth.v1': 'A line of truth.jsonl: a malicious call or span',
};

export function schemaFiles(): Generated {
  const files = new Map<string, string>();
  for (const [name, schema] of Object.entries(PUBLISHED_SCHEMAS)) {
    const head = { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: id(name), title: TITLES[name as keyof typeof TITLES] };
    files.set(`schemas/${name}.schema.json`, json({ ...head, ...schema }));
  }
  const head = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: id('optikal.config'),
    title: 'A configuration file of Optikal',
  };
  files.set('schemas/optikal.config.schema.json', json({ ...head, ...publishedSettings() }));
  const sets = Object.fromEntries(
    Object.entries(FEATURE_SETS).map(([name, features]) => [name, features.map((feature, column) => ({ column, ...feature }))]),
  );
  files.set('schemas/features.json', json({ title: 'The feature table: the order of a set is the order of its columns', sets }));
  return files;
}

/** Keys in the order in which the source declares them; the `~` fields of the schema library are left out by JSON. */
function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

if (import.meta.main) {
  const files = schemaFiles();
  if (process.argv.includes('--check')) {
    const old = stale(files);
    console.log(old.length === 0 ? `${files.size} files are fresh` : `stale: ${old.join(', ')}; run \`npm run schemas\``);
    process.exitCode = old.length === 0 ? 0 : 1;
  } else write(files);
}
