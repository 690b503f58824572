/** `docs/config.md`: every setting with its default, unit, range and environment name, from the schema. */
import { OTHER_VARIABLES, SECTIONS, SETTINGS, type Setting } from '../packages/optikal/src/config/index.ts';
import { cell } from './docs-errors.ts';

export function configPage(): string {
  const sections = SECTIONS.map(({ path, description }) => {
    const rows = SETTINGS.filter((setting) => sectionOf(setting) === path).map(row);
    if (rows.length === 0) return '';
    const head = path === '' ? '## At the top' : `## ${path}\n\n${description}`;
    return `${head}\n\n| setting | means | default | expected | variable |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
  }).filter((text) => text !== '');
  const others = Object.entries(OTHER_VARIABLES).map(([name, { means }]) => `| \`${name}\` | ${cell(means)} |`);
  return `${INTRODUCTION}\n${sections.join('\n')}\n## Other variables\n\nEvery other \`OPTIKAL_\` variable is refused.\n\n| variable | means |\n|---|---|\n${others.join('\n')}\n`;
}

function row({ path, description, default: preset, unit, expected, environment }: Setting): string {
  const range = `${expected}${unit === null ? '' : ` (${unit})`}`;
  return `| \`${path}\` | ${cell(description)} | \`${String(preset)}\` | ${cell(range)} | \`${environment}\` |`;
}

function sectionOf({ path }: Setting): string {
  return path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '';
}

const INTRODUCTION = `# Configuration

Written by \`npm run docs\` from the schema (\`packages/optikal/src/config/settings.ts\`); do not edit.

\`serve\`, \`train\` and \`evaluate\` take their settings from four sources; the first that names one wins:

1. flags,
2. the environment: \`OPTIKAL_\` and the path of the setting in capitals (\`http.port\` is \`OPTIKAL_HTTP_PORT\`); an empty variable counts as not set,
3. a file, YAML or JSON: \`--config FILE\`, else \`OPTIKAL_CONFIG\`, else \`optikal.yaml\` or \`optikal.json\` in the current folder,
4. the defaults.

\`optikal config init\` writes a file with every setting at its default and its explanation, \`config check\` says what is wrong with one, and
\`config print\` shows every value with the source that it came from.

\`\`\`yaml
dataDir: /var/lib/optikal
bundle: bundle/
http:
  port: 8090
  keysFile: keys.json
operatingPoint:
  alertsPerDay: 5
\`\`\`

A path in a file is taken from the folder of that file, any other from the current folder. Unknown names are refused with the nearest one that
exists; so are names that stand twice, anchors, aliases and tags of YAML, names like \`__proto__\`, files above 64 KiB, and values of a wrong
kind or outside their range, each with its place. Secrets never stand in the configuration: \`http.keysFile\` names a file that holds
[the SHA-256 of each key](operations.md#keys), \`kafka.sasl.passwordFile\` one that holds a password. A list of texts is one text with commas
between them, or in a file a list. Editors can check a file with
[the JSON Schema](../schemas/optikal.config.schema.json).
`;
