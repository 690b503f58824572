import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useTempFolder } from '../../../../test/support/temp-folder.ts';
import { fakeReport } from '../report/test-support/judged.ts';
import { checkReportPlace, writeReport } from './report-file.ts';

const temp = useTempFolder();

describe('a report as a file', () => {
  it('is written whole, and replaces an earlier report', () => {
    const folder = temp();
    const path = join(folder, 'evaluation.html');
    writeReport(path, { ...fakeReport(), source: 'first' });
    writeReport(path, { ...fakeReport(), source: 'second' });
    expect(readFileSync(path, 'utf8')).toMatch(/^<!doctype html>[\s\S]*second[\s\S]*<\/html>\n$/);
    expect(readdirSync(folder)).toEqual(['evaluation.html']);
  });

  it('has a policy whose hash is that of its style sheet', async () => {
    const path = join(temp(), 'r.html');
    writeReport(path, fakeReport());
    const page = readFileSync(path, 'utf8');
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style))).toString('base64');
    expect(page).toContain(`sha256-${digest}`);
  });

  it('never replaces what is no report', () => {
    const folder = temp();
    const path = join(folder, 'notes.html');
    for (const text of ['', '<!doctype html>', '<!doctype html>\n<title>mine</title> and some more text']) {
      writeFileSync(path, text);
      expect(() => writeReport(path, fakeReport())).toThrow(expect.objectContaining({ code: 'report_in_the_way' }));
      expect(readFileSync(path, 'utf8')).toBe(text);
    }
    mkdirSync(join(folder, 'sub'));
    expect(() => checkReportPlace(join(folder, 'sub'))).toThrow(expect.objectContaining({ code: 'report_in_the_way' }));
  });

  it('leaves nothing behind where it cannot be written', () => {
    expect(() => writeReport(join(temp(), 'none', 'r.html'), fakeReport())).toThrow(/ENOENT/);
  });
});
