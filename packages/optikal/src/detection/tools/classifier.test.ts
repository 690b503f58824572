import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Effect } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { labelled, PUBLIC_TOOLS, SERVER_TOOLS } from '../test-support/public-tools.ts';
import { UNSEEN_TOOLS } from '../test-support/unseen-tools.ts';
import { classifyTool } from './classifier.ts';
import { toolsOfRecorded } from './recorded.ts';
import type { UserTools } from './user-tools.ts';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
const PATH = join(process.env.OPTIKAL_DATA ?? join(ROOT, '..', 'shared', 'data'), 'agents', 'tools.json');
const hasTools = existsSync(PATH);
if (!hasTools) console.warn(`SKIPPED: no ${PATH}; set OPTIKAL_DATA to the folder that holds agents/`);

function accuracy(tools: UserTools['tools']): { effect: number; side: number; count: number } {
  let [effect, side] = [0, 0];
  const changes = (of: Effect) => (of === 'unknown' ? null : of !== 'read');
  const entries = Object.entries(tools);
  for (const [name, tool] of entries) {
    const guess = classifyTool({ name });
    if (guess.effect === tool.effect) effect++;
    if (changes(guess.effect) === changes(tool.effect)) side++;
  }
  return { effect: effect / entries.length, side: side / entries.length, count: entries.length };
}

/** Expected calibration error of the guesses that are one, in tenths of confidence (Naeini et al. 2015). */
function miscalibration(tools: readonly (readonly [string, { readonly effect: Effect }])[]): number {
  const guesses = tools
    .map(([name, { effect }]) => ({ ...classifyTool({ name }), expected: effect }))
    .filter(({ effect }) => effect !== 'unknown');
  const bins = Map.groupBy(guesses, ({ confidence }) => Math.min(9, Math.floor(10 * confidence)));
  const gaps = [...bins.values()].map((bin) =>
    Math.abs(bin.reduce((sum, { confidence, effect, expected }) => sum + confidence - (effect === expected ? 1 : 0), 0)),
  );
  return gaps.reduce((sum, gap) => sum + gap, 0) / guesses.length;
}

describe('the classifier of tool names', () => {
  it('adds the weights of the words: worked by hand', () => {
    // delete +4 → 1/(1+e^-4) = 0.982; write e^1.5 against account 1 and money 1: 4.48/6.48 = 0.691.
    const { confidence, ...guess } = classifyTool({ name: 'delete_file' });
    expect(guess).toEqual({ effect: 'write', kind: 'file', untrusted: false });
    expect(confidence).toBeCloseTo(0.982 * 0.6914, 3);
    // The first word with a direction is the verb: get −4, scheduled +4 × 0.35.
    expect(classifyTool({ name: 'getScheduledPayments' })).toMatchObject({ effect: 'read' });
    expect(classifyTool({ name: 'schedule_payment' })).toMatchObject({ effect: 'money' });
  });

  it('says unknown where no word says anything', () => {
    expect(classifyTool({ name: 'zorp' })).toEqual({ effect: 'unknown', kind: null, untrusted: false, confidence: 0 });
    expect(classifyTool({ name: '' }).effect).toBe('unknown');
  });

  it('takes description and schema as weaker words', () => {
    expect(
      classifyTool({ name: 'create_record', inputSchema: { properties: { amount: {}, currency: {}, payment_method: {} } } }).effect,
    ).toBe('money');
    expect(classifyTool({ name: 'run', description: 'Runs a query' }).effect).toBe('unknown');
  });

  it('takes the reading of a secret for an affair of accounts', () => {
    expect(classifyTool({ name: 'get_secret_value' }).effect).toBe('account');
  });

  it('knows the tools of public MCP servers: effect ≥ 0.85, side effect ≥ 0.90', () => {
    // A sanity check, not a measurement: whoever chose the words knew such names.
    const found = accuracy(Object.fromEntries(labelled(SERVER_TOOLS)));
    expect(found.effect).toBeGreaterThanOrEqual(0.85);
    expect(found.side).toBeGreaterThanOrEqual(0.9);
  });

  it.skipIf(!hasTools)('knows the real tools of the recorded agents: effect ≥ 0.95, side effect ≥ 0.97', () => {
    const file: unknown = JSON.parse(readFileSync(PATH, 'utf8'));
    const real = accuracy(toolsOfRecorded(file).tools);
    expect(real.count).toBe(92);
    expect(real.effect).toBeGreaterThanOrEqual(0.95);
    expect(real.side).toBeGreaterThanOrEqual(0.97);
    // Measured: 0.967 and 0.978, kind 0.978. No weight was fitted, but the words were chosen with these names in sight: what names are worth
    // that were not is measured below. Names that a model made up are all `read` in the file but one, whatever they say (`delete_repository`).
    const all = accuracy(toolsOfRecorded(file, { madeUp: true }).tools);
    expect(all.count).toBe(240);
    expect(all.effect).toBeGreaterThanOrEqual(0.55);
  });

  it('knew names that its words were not chosen by when they were first measured: effect ≥ 0.70, side effect ≥ 0.80, confidence within 0.12', () => {
    // The first measurement, before any word was added for them: 0.712 and 0.824 of 125 names; with words of shells, machines and travel since
    // then 0.816 and 0.920. Most misses are bookings and orders, where money changes hands without a word for it.
    const tools = labelled(PUBLIC_TOOLS);
    const found = accuracy(Object.fromEntries(tools));
    expect(found.count).toBe(125);
    expect(found.effect).toBeGreaterThanOrEqual(0.7);
    expect(found.side).toBeGreaterThanOrEqual(0.8);
    expect(miscalibration(tools)).toBeLessThanOrEqual(0.12);
  });

  it('knows names that none of its words was chosen by: effect ≥ 0.75, side effect ≥ 0.79', () => {
    // Measured: 0.814 and 0.851 of 194 names (bench/tool-catalogue.ts). Whoever adds a word because of them makes them seen.
    const tools = Object.values(UNSEEN_TOOLS).flatMap(labelled);
    const seen = new Set([...labelled(PUBLIC_TOOLS), ...labelled(SERVER_TOOLS)].map(([name]) => name));
    expect(tools.filter(([name]) => seen.has(name))).toEqual([]);
    const found = accuracy(Object.fromEntries(tools));
    expect(found.count).toBe(194);
    expect(found.effect).toBeGreaterThanOrEqual(0.75);
    expect(found.side).toBeGreaterThanOrEqual(0.79);
  });

  it('takes a message for the network where it is sent, and the reading of an account for its affair', () => {
    expect(classifyTool({ name: 'send_email' }).kind).toBe('network');
    expect(classifyTool({ name: 'get_unread_emails' }).kind).toBe('api');
    expect(classifyTool({ name: 'get_linked_pages_list' }).kind).toBe('network');
    expect(classifyTool({ name: 'get_linked_items' }).kind).toBe('api');
    expect(classifyTool({ name: 'get_customer_details' }).effect).toBe('account');
    expect(classifyTool({ name: 'get_users' }).effect).toBe('read');
  });
});
