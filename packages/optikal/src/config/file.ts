/**
 * The text of a configuration file → the values of settings, each with its line. The tree is walked as it was written, never turned into
 * objects: so a name cannot reach a prototype, and nothing is expanded. JSON is read as the YAML that it is, after it was found to be JSON.
 */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLSeq } from 'yaml';
import { checkValue, plain } from './check.ts';
import { type ConfigErrorCode, type Problem, placeOf } from './errors.ts';
import { isForbidden, isSecretName, nearestPath } from './names.ts';
import { isSectionPath, type SettingValue, settingAt } from './table.ts';

export const MAX_FILE_BYTES = 65_536;

export interface ConfigFile {
  /** As messages call it. */
  readonly name: string;
  readonly text: string;
}

export interface FileValue {
  readonly path: string;
  readonly value: SettingValue;
  readonly line: number;
}

export interface ReadFile {
  readonly values: readonly FileValue[];
  readonly problems: readonly Problem[];
}

/** Every problem of the file is found; one inside of a value does not hide those beside it. */
export function readConfigText(file: ConfigFile): ReadFile {
  const walk = new Walk(file.name);
  walk.attempt(() => walk.document(file.text.replace(/^\ufeff/, '')));
  return walk;
}

/** Thrown inside of a walk only. */
class Refusal extends Error {
  readonly problem: Omit<Problem, 'file'>;
  constructor(code: ConfigErrorCode, path: string, message: string, line: number | null) {
    super(message);
    this.problem = { code, path, message, line };
  }
}

class Walk implements ReadFile {
  readonly values: FileValue[] = [];
  readonly problems: Problem[] = [];
  readonly #name: string;
  readonly #lines = new LineCounter();

  constructor(name: string) {
    this.#name = name;
  }

  attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { message, ...rest } = error.problem;
      this.problems.push({ ...rest, message: `${message}${placeOf(this.#name, rest.line)}`, file: this.#name });
    }
  }

  document(text: string): void {
    if (new TextEncoder().encode(text).length > MAX_FILE_BYTES)
      throw new Refusal('config_too_large', '', `expected at most ${MAX_FILE_BYTES} bytes of configuration`, null);
    const json = /\.json$/i.test(this.#name);
    if (json) checkJson(text);
    // Tabs indent JSON, but not YAML; inside of JSON strings there are none.
    const document = parseDocument(json ? text.replaceAll('\t', ' ') : text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      uniqueKeys: false,
      merge: false,
      version: '1.2',
    });
    const [error] = document.errors;
    if (error !== undefined) {
      const said = plain(error.message);
      const { line } = this.#lines.linePos(error.pos[0]);
      throw new Refusal('config_syntax', '', `expected YAML: ${said.slice(0, 1).toLowerCase()}${said.slice(1)}`, line);
    }
    if (document.contents !== null && !isEmpty(document.contents)) this.#section(document.contents, '');
  }

  #section(node: Node, path: string): void {
    this.#checkPlain(node, path);
    if (!isMap(node)) {
      const whole = path === '' ? 'the configuration' : `\`${path}\``;
      const found = isSeq(node) ? 'a list' : 'a value';
      throw new Refusal('config_form', path, `expected a mapping of names to values for ${whole}, found ${found}`, this.#lineOf(node));
    }
    const seen = new Set<string>();
    for (const pair of node.items) this.attempt(() => this.#pair(pair, path, seen));
  }

  #pair({ key, value }: Pair, section: string, seen: Set<string>): void {
    const line = this.#lineOf(key);
    if (isNode(key)) this.#checkPlain(key, section);
    if (!isScalar(key) || typeof key.value !== 'string')
      throw new Refusal('config_form', section, `expected the name of a setting${section === '' ? '' : ` in \`${section}\``}`, line);
    const name = key.value;
    const path = section === '' ? name : `${section}.${name}`;
    const shown = plain(path);
    if (isForbidden(name)) throw new Refusal('key_forbidden', shown, `expected the name of a setting, found \`${shown}\``, line);
    if (name === '<<') throw new Refusal('anchor_refused', shown, 'expected no merge key, found `<<`', line);
    if (seen.has(name)) throw new Refusal('key_duplicate', shown, `expected \`${shown}\` once, found it twice`, line);
    seen.add(name);
    const setting = name.includes('.') ? null : settingAt(path);
    if (isSectionPath(path) && !name.includes('.')) {
      if (isNode(value) && !isEmpty(value)) this.#section(value, path);
    } else if (setting === null) throw unknown(path, name, line);
    else {
      if (isNode(value)) this.#checkPlain(value, path);
      const checked = checkValue(setting, setting.kind === 'list' && isSeq(value) ? this.#joined(value, path) : plainValue(value));
      if (!checked.ok) throw new Refusal(checked.code, path, checked.message, this.#lineOf(value) ?? line);
      this.values.push({ path, value: checked.value, line: line ?? 1 });
    }
  }

  /** A list of texts as the text that it is short for. */
  #joined(list: YAMLSeq, path: string): unknown {
    const items = list.items.map((item) => {
      if (isNode(item)) this.#checkPlain(item, path);
      return plainValue(item);
    });
    return items.length > 0 && items.every((item) => typeof item === 'string' && !item.includes(',')) ? items.join(',') : [];
  }

  /** Neither anchor nor alias nor tag. */
  #checkPlain(node: Node, path: string): void {
    const anchored = 'anchor' in node && node.anchor !== undefined;
    const found = isAlias(node) ? 'an alias' : anchored ? 'an anchor' : node.tag === undefined ? null : 'a tag';
    if (found === null) return;
    const where = path === '' ? '' : ` for \`${plain(path)}\``;
    const code = found === 'a tag' ? 'tag_refused' : 'anchor_refused';
    throw new Refusal(code, plain(path), `expected a plain value${where}, found ${found}`, this.#lineOf(node));
  }

  #lineOf(node: unknown): number | null {
    return isNode(node) && node.range != null ? this.#lines.linePos(node.range[0]).line : null;
  }
}

function plainValue(value: unknown): unknown {
  return isScalar(value) ? value.value : isMap(value) ? {} : isSeq(value) ? [] : null;
}

function unknown(path: string, name: string, line: number | null): Refusal {
  const shown = plain(path);
  if (isSecretName(path))
    return new Refusal(
      'secret_refused',
      shown,
      `expected no secret, found \`${shown}\`; keys stand in the file that \`http.keysFile\` names`,
      line,
    );
  if (name.includes('.') && (settingAt(path) !== null || isSectionPath(path)))
    return new Refusal('key_unknown', shown, `expected \`${shown}\` as one name inside of the other, found it as one name`, line);
  const known = nearestPath(path);
  return new Refusal('key_unknown', shown, `unknown key \`${shown}\`${known === null ? '' : `, did you mean \`${known}\`?`}`, line);
}

function checkJson(text: string): void {
  if (text.trim() === '') return;
  try {
    JSON.parse(text);
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const line = position === undefined ? null : text.slice(0, Number(position)).split('\n').length;
    throw new Refusal('config_syntax', '', 'expected JSON', line);
  }
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && node.tag === undefined && node.anchor === undefined;
}
