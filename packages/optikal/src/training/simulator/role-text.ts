/** The form in which the roles' tables are written. */

/**
 * How a benign task is carried out. All but `usual` are look-alikes of an attack: `batch` of resource abuse, `export` of exfiltration,
 * `runbook` (the user asks to follow a document) of an injection, `contact` of sending to a stranger.
 */
export type Style = 'usual' | 'batch' | 'export' | 'runbook' | 'contact';
export type Hours = 'office' | 'always' | 'night';

/** Times at which other work is done than usual; occasion.ts says when they are. */
export type Occasion = 'month_end' | 'quarter_end' | 'incident' | 'upkeep' | 'burst';

/** Weight among the role's kinds; `asked`: tools that the request asks for; `flow`: see flow.ts; `at`: its weight at an occasion, if another. */
export type KindText = readonly [
  name: string,
  weight: number,
  style: Style,
  asked: string,
  flow: string,
  at?: Readonly<Partial<Record<Occasion, number>>>,
];

export interface RoleText {
  readonly name: string;
  readonly prefix: string;
  readonly weight: number;
  readonly owner: string;
  readonly hours: Hours;
  readonly tasksPerHour: number;
  readonly outward: readonly string[];
  readonly kinds: readonly KindText[];
  /** Works in an incident, whatever the hour. */
  readonly onCall?: true;
  /** Closes the books at the end of a month. */
  readonly closes?: true;
}
