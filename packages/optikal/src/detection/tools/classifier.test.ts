import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Effect } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { PUBLIC_TOOLS } from '../test-support/public-tools.ts';
import { classifyTool } from './classifier.ts';
import { toolsOfRecorded } from './recorded.ts';
import type { UserTools } from './user-tools.ts';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
const PATH = join(process.env.OPTIKAL_DATA ?? join(ROOT, '..', 'shared', 'data'), 'agents', 'tools.json');
const hasTools = existsSync(PATH);
if (!hasTools) console.warn(`SKIPPED: no ${PATH}; set OPTIKAL_DATA to the folder that holds agents/`);

/** A sanity check, not a measurement: whoever chose the words knew such names. Names of public MCP servers (filesystem, git, GitHub, Slack, Gmail, Stripe, Postgres, browser, Kubernetes), labelled by their documentation. */
const PUBLIC: Readonly<Record<Exclude<Effect, 'unknown'>, string>> = {
  read: 'read_text_file read_multiple_files list_directory directory_tree get_file_info list_allowed_directories git_status git_diff_staged git_log git_show get_file_contents list_commits search_repositories get_pull_request_reviews list_issues slack_list_channels slack_get_channel_history slack_get_users gmail_search_messages list_email_labels retrieve_balance list_payment_intents list_invoices query list_tables describe_table browser_snapshot browser_console_messages browser_take_screenshot kubectl_get kubectl_describe kubectl_logs search_nodes read_graph web_search fetch get_current_time convert_time',
  write:
    'write_file edit_file create_directory move_file git_commit git_add git_reset git_create_branch push_files create_pull_request merge_pull_request update_issue add_issue_comment fork_repository slack_post_message slack_reply_to_thread slack_add_reaction draft_email send_email modify_email delete_email batch_delete_emails browser_fill_form browser_type browser_file_upload kubectl_apply kubectl_delete kubectl_scale create_entities delete_relations update_customer execute_sql_write createEvent deleteCalendarEvent',
  account:
    'add_collaborator invite_user create_access_token update_user_role reset_password grantPermission rotate_api_key share_drive_file add_team_member',
  money:
    'create_payment_link create_refund transfer_funds pay_invoice place_order_and_checkout buy_stock withdraw_crypto cancel_subscription',
};

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
    const tools = Object.entries(PUBLIC).flatMap(([effect, names]) =>
      names.split(' ').map((name) => [name, { effect: effect as Effect }] as const),
    );
    const found = accuracy(Object.fromEntries(tools));
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

  it('knows names that its words were not chosen by: effect ≥ 0.70, side effect ≥ 0.80, confidence within 0.12', () => {
    // The first measurement, before any word was added for them: 0.712 and 0.824 of 125 names; with words of shells, machines and travel since
    // then 0.816 and 0.920. Most misses are bookings and orders, where money changes hands without a word for it.
    const tools = Object.entries(PUBLIC_TOOLS).flatMap(
      ([effect, names]) => names.map((name) => [name, { effect: effect as Effect }] as const), // the keys of the record are effects
    );
    const found = accuracy(Object.fromEntries(tools));
    expect(found.count).toBe(125);
    expect(found.effect).toBeGreaterThanOrEqual(0.7);
    expect(found.side).toBeGreaterThanOrEqual(0.8);
    expect(miscalibration(tools)).toBeLessThanOrEqual(0.12);
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
