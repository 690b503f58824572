/**
 * The tools of the simulated fleet: what each does to the world (the tool catalogue) and how its calls look (sizes, latency, where its
 * destinations come from). Sizes and shares follow the real agents of data/agents: one benign side effect in six names a destination.
 */
import type { Effect } from '@optikal/contracts';

export type ToolKind = 'network' | 'file' | 'api';

/** One entry of `tools.yaml`. */
export interface CatalogueTool {
  readonly name: string;
  readonly effect: Effect;
  readonly kind: ToolKind;
  /** Its outputs may hold text written by strangers. */
  readonly untrusted?: boolean;
}

/** Shares of a call's destinations that the request names, that the agent looks up among its own, and that an earlier output names. */
export interface DestinationMix {
  readonly share: number;
  readonly request: number;
  readonly own: number;
  readonly output: number;
}

/** How arguments repeat: always new, always the same, the same within a task, or one of a pool of that size. */
export type ArgumentReuse = 'fresh' | 'fixed' | 'task' | number;

export interface Tool extends CatalogueTool {
  readonly index: number;
  readonly side: boolean;
  readonly latencyMs: number;
  readonly outBytes: number;
  readonly argBytes: number;
  readonly reuse: ArgumentReuse;
  readonly destination: DestinationMix | null;
  /** Mean count of argument values taken from earlier outputs. */
  readonly values: number;
  /** Mean share of long words taken from earlier outputs. */
  readonly words: number;
  /** Seldom used in benign work: raises the policy engine's risk. */
  readonly rare: boolean;
}

type Traits = Partial<Pick<Tool, 'latencyMs' | 'outBytes' | 'argBytes' | 'reuse' | 'values' | 'words' | 'rare' | 'untrusted'>> & {
  readonly to?: readonly [share: number, request: number, own: number, output: number];
};

/** The sizes below rank the tools; recorded agents' texts are this much shorter (bench/simulator-realism.ts). */
const OUT_SCALE = 0.4;
const ARG_SCALE = 0.5;

const TOOLS: Tool[] = [];

function tool(name: string, effect: Effect, kind: ToolKind, traits: Traits = {}): void {
  const side = effect !== 'read' && effect !== 'unknown';
  const { to, untrusted, outBytes = side ? 90 : 900, argBytes = side ? 160 : 38, ...rest } = traits;
  TOOLS.push({
    name,
    effect,
    kind,
    ...(untrusted === undefined ? {} : { untrusted }),
    index: TOOLS.length,
    side,
    latencyMs: kind === 'network' ? 420 : kind === 'file' ? 40 : 130,
    outBytes: Math.max(2, Math.round(outBytes * OUT_SCALE)),
    argBytes: Math.max(2, Math.round(argBytes * ARG_SCALE)),
    reuse: 'fresh',
    destination: to === undefined ? null : { share: to[0], request: to[1], own: to[2], output: to[3] },
    values: side ? 1.2 : 0.4,
    words: side ? 0.25 : 0.04,
    rare: false,
    ...rest,
  });
}

// Shared by several roles.
tool('read_file', 'read', 'file', { outBytes: 2600, reuse: 60 });
tool('list_files', 'read', 'file', { outBytes: 700, reuse: 8, values: 0.1 });
tool('search_files', 'read', 'file', { outBytes: 800, values: 0.3 });
tool('write_file', 'write', 'file', { argBytes: 900, words: 0.3 });
tool('append_to_file', 'write', 'file', { argBytes: 420, words: 0.35 });
tool('share_file', 'account', 'api', { to: [0.8, 0.5, 0.35, 0.15], rare: true });
tool('upload_file', 'write', 'network', { argBytes: 5200, to: [0.7, 0.35, 0.6, 0.05], latencyMs: 900, words: 0.5 });
tool('send_email', 'write', 'network', { argBytes: 760, to: [0.9, 0.4, 0.25, 0.35], words: 0.42, values: 1.6 });
tool('read_inbox', 'read', 'network', { outBytes: 3800, reuse: 'fixed', values: 0, untrusted: true });
tool('search_email', 'read', 'api', { outBytes: 2400, untrusted: true });
tool('download_attachment', 'read', 'file', { outBytes: 6000, latencyMs: 350, values: 1, untrusted: true });
tool('post_message', 'write', 'network', { argBytes: 320, words: 0.3, to: [0.15, 0.6, 0.35, 0.05] });
tool('read_channel', 'read', 'network', { outBytes: 1500, reuse: 12, untrusted: true });
tool('search_docs', 'read', 'api', { outBytes: 1300 });
tool('fetch_url', 'read', 'network', { outBytes: 7000, latencyMs: 800, to: [1, 0.3, 0.2, 0.5], values: 0.8, untrusted: true });
tool('search_web', 'read', 'network', { outBytes: 2600, latencyMs: 650, untrusted: true });
tool('http_post', 'write', 'network', { argBytes: 900, to: [1, 0.25, 0.7, 0.05], rare: true });
tool('get_current_time', 'read', 'api', { outBytes: 24, argBytes: 2, reuse: 'fixed', values: 0, latencyMs: 8 });
// Support desk.
tool('get_ticket', 'read', 'api', { outBytes: 1500, untrusted: true });
tool('search_tickets', 'read', 'api', { outBytes: 1900, reuse: 20, untrusted: true });
tool('search_kb', 'read', 'api', { outBytes: 1100 });
tool('read_article', 'read', 'api', { outBytes: 3200, reuse: 90, values: 0.9 });
tool('get_customer', 'read', 'api', { outBytes: 620, values: 0.9 });
tool('get_order', 'read', 'api', { outBytes: 540, values: 0.9 });
tool('reply_ticket', 'write', 'network', { argBytes: 620, words: 0.38, to: [0.25, 0.2, 0.1, 0.7] });
tool('update_ticket', 'write', 'api', { argBytes: 90 });
tool('add_note', 'write', 'api', { argBytes: 210, words: 0.4 });
tool('issue_refund', 'money', 'api', { argBytes: 84, values: 1.9 });
tool('reset_password', 'account', 'api', { argBytes: 60, values: 1, to: [0.3, 0.2, 0, 0.8], rare: true });
tool('escalate_ticket', 'write', 'api', { argBytes: 180, words: 0.35 });
tool('export_customers', 'read', 'api', { outBytes: 26000, latencyMs: 1500, reuse: 6, values: 0.1 });
// Accounts payable.
tool('list_invoices', 'read', 'api', { outBytes: 1800, reuse: 6, values: 0.1 });
tool('get_invoice', 'read', 'api', { outBytes: 1300, values: 0.9, untrusted: true });
tool('get_vendor', 'read', 'api', { outBytes: 520, values: 0.9 });
tool('update_vendor', 'account', 'api', { argBytes: 140, values: 1.7, to: [0.5, 0.4, 0.2, 0.4], rare: true });
tool('match_purchase_order', 'read', 'api', { outBytes: 640, values: 1.3 });
tool('schedule_payment', 'money', 'api', { argBytes: 130, values: 2.4, to: [1, 0.15, 0.45, 0.4] });
tool('approve_payment', 'money', 'api', { argBytes: 60, values: 1.1 });
tool('get_balance', 'read', 'api', { outBytes: 60, reuse: 'fixed', values: 0 });
tool('list_transactions', 'read', 'api', { outBytes: 2400, reuse: 10, values: 0.2 });
tool('export_ledger', 'read', 'file', { outBytes: 22000, latencyMs: 900, reuse: 8, values: 0.2 });
// Code.
tool('get_issue', 'read', 'api', { outBytes: 2100, untrusted: true });
tool('list_issues', 'read', 'api', { outBytes: 2600, reuse: 6, values: 0.1 });
tool('search_code', 'read', 'api', { outBytes: 1900 });
tool('get_pull_request', 'read', 'api', { outBytes: 5200, untrusted: true });
tool('comment_issue', 'write', 'network', { argBytes: 480, words: 0.3, to: [0.06, 0.3, 0.2, 0.5] });
tool('run_tests', 'unknown', 'api', { outBytes: 3200, latencyMs: 9000, reuse: 'task', values: 0.1 });
tool('run_command', 'unknown', 'api', { outBytes: 800, argBytes: 80, latencyMs: 700, values: 0.5 });
tool('git_diff', 'read', 'file', { outBytes: 1800, reuse: 'task', values: 0 });
tool('git_commit', 'write', 'file', { argBytes: 130, words: 0.12, values: 0.6 });
tool('git_push', 'write', 'network', { argBytes: 60, to: [0.2, 0.3, 0.7, 0], values: 0.3 });
tool('create_pull_request', 'write', 'network', { argBytes: 720, words: 0.28 });
tool('merge_pull_request', 'write', 'api', { argBytes: 48, values: 0.8 });
tool('add_collaborator', 'account', 'api', { argBytes: 64, to: [0.4, 0.7, 0.2, 0.1], values: 0.8, rare: true });
tool('create_deploy_key', 'account', 'api', { argBytes: 480, values: 0.7, rare: true });
// People and calendar.
tool('get_calendar', 'read', 'api', { outBytes: 1500, reuse: 25, values: 0.2, untrusted: true });
tool('create_event', 'write', 'api', { argBytes: 220, to: [0.45, 0.6, 0.25, 0.15] });
tool('update_event', 'write', 'api', { argBytes: 120 });
tool('invite_to_event', 'write', 'network', { argBytes: 90, to: [0.9, 0.55, 0.25, 0.2] });
tool('get_employee', 'read', 'api', { outBytes: 560, values: 0.6 });
tool('list_employees', 'read', 'api', { outBytes: 6400, reuse: 12, values: 0.1 });
tool('update_employee', 'account', 'api', { argBytes: 140, values: 1.5, rare: true });
// Data pipeline and operations.
tool('query_database', 'read', 'api', { outBytes: 4200, argBytes: 210, latencyMs: 600, reuse: 40, values: 0.3 });
tool('validate_schema', 'read', 'api', { outBytes: 420, reuse: 30 });
tool('start_job', 'write', 'api', { argBytes: 120, reuse: 30, values: 0.4 });
tool('get_job_status', 'read', 'api', { outBytes: 140, reuse: 'task', values: 1, latencyMs: 60 });
tool('copy_dataset', 'write', 'file', { argBytes: 140, values: 0.9, latencyMs: 2500 });
tool('load_table', 'write', 'api', { argBytes: 160, values: 0.9, latencyMs: 3000 });
tool('export_dataset', 'write', 'network', { argBytes: 9000, latencyMs: 4000, to: [0.9, 0.2, 0.75, 0.05], words: 0.5 });
tool('delete_partition', 'write', 'api', { argBytes: 90, values: 0.9 });
tool('get_alerts', 'read', 'api', { outBytes: 1400, reuse: 'fixed', values: 0 });
tool('query_logs', 'read', 'api', { outBytes: 6200, argBytes: 120, latencyMs: 900, untrusted: true });
tool('query_metrics', 'read', 'api', { outBytes: 1900, argBytes: 110, reuse: 50 });
tool('restart_service', 'write', 'api', { argBytes: 40, reuse: 20, latencyMs: 1800, values: 0.6 });
tool('scale_service', 'write', 'api', { argBytes: 52, values: 0.6 });
tool('rotate_secret', 'account', 'api', { argBytes: 60, rare: true });
tool('grant_access', 'account', 'api', { argBytes: 84, to: [0.5, 0.7, 0.2, 0.1], rare: true });
tool('update_incident', 'write', 'api', { argBytes: 380, words: 0.4 });
tool('page_on_call', 'write', 'network', { argBytes: 140, words: 0.3, to: [0.4, 0.1, 0.9, 0] });
// Sales.
tool('crm_search', 'read', 'api', { outBytes: 1500 });
tool('get_lead', 'read', 'api', { outBytes: 900, values: 0.8, untrusted: true });
tool('update_lead', 'write', 'api', { argBytes: 150 });
tool('create_quote', 'write', 'api', { argBytes: 340, values: 1.8 });
tool('send_campaign', 'write', 'network', { argBytes: 1500, to: [1, 0.3, 0.6, 0.1], rare: true });

const BY_NAME = new Map(TOOLS.map((entry) => [entry.name, entry]));

export const SIMULATED_TOOLS: readonly Tool[] = TOOLS;

export function toolNamed(name: string): Tool {
  const found = BY_NAME.get(name);
  if (found === undefined) throw new RangeError(`expected a simulated tool, found \`${name}\``);
  return found;
}

/** What an operator would write into `tools.yaml`. */
export function toolCatalogue(): CatalogueTool[] {
  return TOOLS.map(({ name, effect, kind, untrusted }) => ({ name, effect, kind, ...(untrusted === undefined ? {} : { untrusted }) }));
}

export function toolsYaml(): string {
  const lines = toolCatalogue().map(
    (entry) =>
      `  - name: ${entry.name}\n    effect: ${entry.effect}\n    kind: ${entry.kind}${entry.untrusted ? '\n    untrusted: true' : ''}`,
  );
  return `tools:\n${lines.join('\n')}\n`;
}
