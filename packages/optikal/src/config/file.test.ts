import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_FILE_BYTES, readConfigText } from './file.ts';

const yaml = (text: string) => readConfigText({ name: 'optikal.yaml', text });
const json = (text: string) => readConfigText({ name: 'optikal.json', text });
const said = (text: string, read = yaml) => read(text).problems.map(({ code, message }) => `${code}: ${message}`);
const codes = (text: string) => yaml(text).problems.map(({ code }) => code);

describe('readConfigText', () => {
  it('gives each value with its path and line', () => {
    expect(yaml('# mine\ndataDir: here\nhttp:\n  port: 81\n\n  limits: { bodyBytes: 0x10 }\nbundle: ~\n')).toEqual({
      problems: [],
      values: [
        { path: 'dataDir', value: 'here', line: 2 },
        { path: 'http.port', value: 81, line: 4 },
        { path: 'http.limits.bodyBytes', value: 16, line: 6 },
        { path: 'bundle', value: null, line: 7 },
      ],
    });
    expect(json('\ufeff{\n\t"http": {\n\t\t"port": 81 } }').values).toEqual([{ path: 'http.port', value: 81, line: 3 }]);
  });

  it('takes a list of texts as the text that it is short for, and refuses another in its place', () => {
    const list = (text: string) => yaml(`kafka:\n  brokers: ${text}\n`);
    for (const text of ['a:1,b:2', '[a:1, b:2]', '\n    - a:1\n    - b:2'])
      expect(list(text).values.map(({ path, value }) => [path, value])).toEqual([['kafka.brokers', 'a:1,b:2']]);
    for (const text of ['[]', '[1]', '[[a:1]]', '["a:1,b:2"]', '{ a: 1 }'])
      expect(list(text).problems[0]).toMatchObject({ code: 'setting_type' });
    for (const text of ['[a]', '["a:1", ""]', '"a:1,"', '"a:1 ,b:2"'])
      expect(list(text).problems[0]).toMatchObject({ code: 'setting_range' });
    expect(list('[&x a:1]').problems[0]).toMatchObject({ code: 'anchor_refused' });
    expect(yaml('http: { host: [a] }').problems[0]).toMatchObject({ code: 'setting_type' });
  });

  it('takes an absent file content and absent sections as nothing', () => {
    for (const text of ['', '# nothing\n', 'null', 'http:\nlog: {}\n', '---\n']) expect(yaml(text)).toEqual({ values: [], problems: [] });
    expect(json('')).toEqual({ values: [], problems: [] });
  });

  it('names the nearest setting to an unknown key, with file and line', () => {
    expect(said('http:\n  prot: 1\n')).toEqual(['key_unknown: unknown key `http.prot`, did you mean `http.port`? (optikal.yaml:2)']);
    expect(said('port: 1')).toEqual(['key_unknown: unknown key `port`, did you mean `http.port`? (optikal.yaml:1)']);
    expect(said('htpp: {}')).toEqual(['key_unknown: unknown key `htpp`, did you mean `http`? (optikal.yaml:1)']);
    expect(said('xyzzy: 1')).toEqual(['key_unknown: unknown key `xyzzy` (optikal.yaml:1)']);
    expect(said('http.port: 1')[0]).toMatch(/^key_unknown: expected `http.port` as one name inside of the other/);
  });

  it('finds every problem, not the first alone', () => {
    expect(said('http:\n  port: a\n  host: 1\nlog:\n  level: loud\nx: 1\n')).toEqual([
      'setting_type: expected a whole number from 0 to 65535 for `http.port`, found `a` (optikal.yaml:2)',
      'setting_type: expected a text of 1 to 255 characters for `http.host`, found `1` (optikal.yaml:3)',
      'setting_range: expected one of `trace`, `debug`, `info`, `warn`, `error`, `silent` for `log.level`, found `loud` (optikal.yaml:5)',
      'key_unknown: unknown key `x` (optikal.yaml:6)',
    ]);
  });

  it('refuses a name that stands twice, in YAML and in JSON', () => {
    expect(said('http:\n  port: 1\n  "port": 2\n')).toEqual(['key_duplicate: expected `http.port` once, found it twice (optikal.yaml:3)']);
    expect(said('{"log":{},\n"log":{}}', json)).toEqual(['key_duplicate: expected `log` once, found it twice (optikal.json:2)']);
  });

  it('refuses the names that objects have of themselves, and leaves every prototype alone', () => {
    for (const name of ['__proto__', 'constructor', 'prototype'])
      for (const text of [`${name}: { port: 1 }`, `http:\n  ${name}: { port: 1 }`, `http: { "${name}": 1 }`])
        expect(codes(text)).toEqual(['key_forbidden']);
    expect(said('{"__proto__":{"port":1}}', json)[0]).toMatch(/^key_forbidden: /);
    expect('port' in {}).toBe(false);
  });

  it('refuses anchors, aliases, merge keys and tags, so that nothing is expanded', () => {
    const bomb = `a: &a [x, x]\n${'bcdefghij'
      .split('')
      .map((name, n) => `${name}: &${name} [${`*${'abcdefghi'[n]}, `.repeat(9)}]`)
      .join('\n')}`;
    expect(new Set(codes(bomb))).toEqual(new Set(['key_unknown']));
    expect(codes('dataDir: &x var\nbundle: *x\n')).toEqual(['anchor_refused', 'anchor_refused']);
    expect(codes('http: &x {}\nlog: *x')).toEqual(['anchor_refused', 'anchor_refused']);
    expect(codes('&x dataDir: y')).toEqual(['anchor_refused']);
    expect(codes('http:\n  <<: { port: 1 }')).toEqual(['anchor_refused']);
    expect(codes('dataDir: !!str 1\nhttp: !foo {}')).toEqual(['tag_refused', 'tag_refused']);
  });

  it('refuses secrets by their name and never repeats them', () => {
    for (const name of ['apiKey', 'token', 'password', 'clientSecret']) {
      const [problem] = yaml(`http:\n  ${name}: s3cr3t-value\n`).problems;
      expect(problem).toMatchObject({ code: 'secret_refused', line: 2 });
      expect(JSON.stringify(problem)).not.toContain('s3cr3t');
    }
  });

  it('refuses what is too large, no YAML, no JSON, several documents, no mapping', () => {
    expect(said(`# ${'x'.repeat(MAX_FILE_BYTES)}`)).toEqual([
      'config_too_large: expected at most 65536 bytes of configuration (optikal.yaml)',
    ]);
    expect(said('a: "')[0]).toMatch(/^config_syntax: expected YAML: .* \(optikal\.yaml:1\)$/);
    expect(said('{a: 1}', json)).toEqual(['config_syntax: expected JSON (optikal.json:1)']);
    expect(codes('dataDir: a\n---\ndataDir: b\n')).toEqual(['config_syntax']);
    for (const text of ['- a', '7', 'http: 3', 'http: [1]', '1: 2', '? [a]\n: 1']) expect(codes(text)).toEqual(['config_form']);
    expect(said('http:\n  port: [1]')).toEqual([
      'setting_type: expected a whole number from 0 to 65535 for `http.port`, found a list (optikal.yaml:2)',
    ]);
  });

  it('ends for texts that nest without end', () => {
    for (const open of ['[', '{a: ', '- ', '? ', '[{a: ']) expect(codes(open.repeat(MAX_FILE_BYTES / open.length)).length).toBe(1);
  });

  it('never throws and never invents a value', () => {
    const piece = fc.constantFrom(
      'http',
      'port',
      'log',
      ':',
      ': ',
      '\n',
      '  ',
      '-',
      '{',
      '}',
      '[',
      ']',
      '"',
      '&a',
      '*a',
      '!!int',
      '1',
      '~',
      '#',
      '?',
      '|',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((parts) => parts.join('')),
        ),
        (text) => {
          const { values, problems } = yaml(text);
          expect(values.length + problems.length).toBeLessThanOrEqual(text.length + 1);
          for (const { message } of problems) expect(message).not.toMatch(/\p{Cc}/u);
        },
      ),
      { numRuns: 500 },
    );
  });
});
