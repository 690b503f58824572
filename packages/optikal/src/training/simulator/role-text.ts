/** The form in which the roles' tables are written. */

/**
 * How a benign task is carried out. All but `usual` are look-alikes of an attack: `batch` of resource abuse, `export` of exfiltration,
 * `runbook` (the user asks to follow a document) of an injection, `contact` of sending to a stranger.
 */
export type Style = 'usual' | 'batch' | 'export' | 'runbook' | 'contact';
export type Hours = 'office' | 'always' | 'night';

/** Weight among the role's kinds; `asked`: tools that the request asks for; `flow`: see flow.ts. */
export type KindText = readonly [name: string, weight: number, style: Style, asked: string, flow: string];

export interface RoleText {
  readonly name: string;
  readonly prefix: string;
  readonly weight: number;
  readonly owner: string;
  readonly hours: Hours;
  readonly tasksPerHour: number;
  readonly outward: readonly string[];
  readonly kinds: readonly KindText[];
}
