/** A configuration file with every setting at its default, each explained: what `optikal config init` writes. */
import { stringify } from 'yaml';
import { SECTIONS, SETTINGS, type Setting } from './table.ts';

const WIDTH = 100;

export function templateYaml(): string {
  const lines = [
    '# The settings of Optikal with their defaults. Flags win over OPTIKAL_ variables, these over this file.',
    '# Paths are taken from the folder of this file.',
  ];
  for (const { path, description } of SECTIONS) {
    const indent = '  '.repeat(path === '' ? 0 : path.split('.').length);
    if (path !== '')
      lines.push('', ...comment(description, indent.slice(2)), `${indent.slice(2)}${path.slice(path.lastIndexOf('.') + 1)}:`);
    for (const setting of SETTINGS)
      if (sectionOf(setting.path) === path) lines.push(...comment(explain(setting), indent), `${indent}${lineOf(setting)}`);
  }
  return `${lines.join('\n')}\n`;
}

function lineOf({ path, default: preset }: Setting): string {
  return stringify({ [path.slice(path.lastIndexOf('.') + 1)]: preset }).trimEnd();
}

function explain({ description, expected, unit, environment }: Setting): string {
  return `${description}; ${expected}${unit === null ? '' : ` (${unit})`}; ${environment}`;
}

function comment(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = `${indent}#`;
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = `${indent}#`;
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

function sectionOf(path: string): string {
  return path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '';
}
